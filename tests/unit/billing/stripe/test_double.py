"""Two Checkouts paid at once: one subscription stays, the other is cancelled and its money returned, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from billing.audit import audit
from billing.plans import plan
from billing.stripe.checkout import Desk, plan_to_buy
from billing.stripe.double import Doubles
from billing.wallet import grant
from camarad.errors import Conflict, Upstream
from camarad.models import AuditEvent
from tests.support.paying import PAYER, URLS

WORKSPACE = PAYER.workspace_id
OTHER = replace(PAYER, user_id="user-other", email="dan@example.com")


async def open_two(shop, first: str, second: str) -> list[str]:
    """As two people do at the same moment, with a server that ends before it looks for the other's."""
    return [await shop.open_beside(PAYER, first), await shop.open_beside(OTHER, second)]


async def subscriptions(shop) -> dict[str, str]:
    found = await shop.listed(lambda v1: v1.subscriptions.list_async({"status": "all"}))
    return {each["metadata"]["camarad_code"] + each["id"][-4:]: each["status"] for each in found}


async def refunds(shop) -> list[tuple[int, str]]:
    found = await shop.listed(lambda v1: v1.refunds.list_async({}))
    return [(each["amount"], each["reason"]) for each in found]


@pytest.fixture
async def paid_twice(shop_both):
    for url in await open_two(shop_both, "starter", "pro"):
        await shop_both.pay(url)
    return shop_both


async def test_the_dearer_plan_stays_and_the_other_is_cancelled_and_refunded(paid_twice):
    status = await paid_twice.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status, status.problem) == ("pro", "active", None)
    assert sorted((await subscriptions(paid_twice)).values()) == ["active", "canceled"]
    assert await refunds(paid_twice) == [(plan("starter").price_eur_cents, "duplicate")]
    assert await paid_twice.wallet() == (plan("pro").ct_included, 0, plan("pro").daily_ct_cap)
    assert [(row.kind, row.reason) for row in status.reversals] == [("refund", "duplicate")]


async def test_looking_again_gives_nothing_back_twice_and_grants_nothing_more(paid_twice):
    for _ in range(3):
        await paid_twice.payments.refresh(WORKSPACE)
    assert len(await refunds(paid_twice)) == 1
    assert await paid_twice.ledger() == [("grant", plan("pro").ct_included)]
    async with paid_twice.database.read() as session:
        acts = list(await session.scalars(select(AuditEvent.act)))
    assert acts == ["double_subscription_returned"]
    assert await audit(paid_twice.database) == []


async def test_a_dearer_one_that_is_paid_later_takes_the_place_of_the_first(shop_both):
    first, second = await open_two(shop_both, "starter", "pro")
    await shop_both.pay(first)
    await shop_both.payments.refresh(WORKSPACE)
    await shop_both.pay(second)
    assert (await shop_both.payments.refresh(WORKSPACE)).plan.code == "pro"
    assert await refunds(shop_both) == [(plan("starter").price_eur_cents, "duplicate")]
    assert (await shop_both.wallet())[0] == plan("pro").ct_included


async def test_what_was_there_before_both_stays_and_the_month_after_replaces_the_one_that_counts(shop_both):
    await grant(shop_both.database, WORKSPACE, 2_000, "welcome")
    first, second = await open_two(shop_both, "starter", "pro")
    await shop_both.pay(first)
    await shop_both.payments.refresh(WORKSPACE)
    await shop_both.pay(second)
    await shop_both.payments.refresh(WORKSPACE)
    assert (await shop_both.wallet())[0] == 2_000 + plan("pro").ct_included
    await shop_both.advance(days=32)
    await shop_both.payments.refresh(WORKSPACE)
    assert (await shop_both.wallet())[0] == plan("pro").ct_included


async def test_of_two_alike_the_first_stays(shop_both):
    for url in await open_two(shop_both, "pro", "pro"):
        await shop_both.pay(url)
        await shop_both.advance(seconds=60)
    await shop_both.payments.refresh(WORKSPACE)
    found = await shop_both.listed(lambda v1: v1.subscriptions.list_async({"status": "all"}))
    assert [each["status"] for each in sorted(found, key=lambda each: each["created"])] == ["active", "canceled"]
    assert await shop_both.ledger() == [("grant", plan("pro").ct_included)]


@pytest.mark.parametrize("step", ["_payments", "_refund"])
async def test_what_was_begun_is_finished_later_and_brings_no_ct_meanwhile(paid_twice, monkeypatch, step):
    async def fail(*_):
        raise Upstream("Stripe does not answer.", code="stripe_unreachable")

    with monkeypatch.context() as broken:
        broken.setattr(Doubles, step, fail)
        status = await paid_twice.payments.refresh(WORKSPACE)
        assert status.plan.code == "pro" and "could not be given back" in status.problem
    assert (await paid_twice.payments.refresh(WORKSPACE)).problem is None
    assert await refunds(paid_twice) == [(plan("starter").price_eur_cents, "duplicate")]
    assert await paid_twice.ledger() == [("grant", plan("pro").ct_included)]


async def test_one_whose_payment_its_bank_took_back_is_cancelled_all_the_same(shop):
    first, second = await open_two(shop, "starter", "pro")
    await shop.pay(first, "4000000000000259")
    await shop.pay(second)
    assert (await shop.payments.refresh(WORKSPACE)).problem is None
    assert sorted((await subscriptions(shop)).values()) == ["active", "canceled"] and await refunds(shop) == []


async def test_two_servers_that_look_at_once_give_it_back_once(paid_twice, settings):
    from billing.stripe.service import Payments
    from camarad.clock import SystemClock
    from tests.support.paying import paying

    other = Payments(paying(settings, paid_twice.stripe), paid_twice.database, SystemClock())
    await asyncio.gather(*(each.refresh(WORKSPACE) for each in (paid_twice.payments, other)), return_exceptions=True)
    await other.close()
    await paid_twice.payments.refresh(WORKSPACE)
    assert len(await refunds(paid_twice)) == 1
    assert await paid_twice.ledger() == [("grant", plan("pro").ct_included)]


async def test_a_subscription_that_no_checkout_of_ours_made_is_left_to_people(shop):
    await shop.buy("pro")
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    price = await shop.payments._desk.price_of(plan_to_buy("starter"))
    method = (await shop.listed(lambda v1: v1.payment_methods.list_async({"customer": customer})))[0]["id"]
    made = {"customer": customer, "items": [{"price": price}], "default_payment_method": method}
    await shop.ask(lambda v1: v1.subscriptions.create_async(made))
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "pro"
    found = await shop.listed(lambda v1: v1.subscriptions.list_async({"status": "all"}))
    assert [each["status"] for each in found] == ["active", "active"] and await refunds(shop) == []


async def open_at_stripe(shop) -> list[str]:
    found = await shop.listed(lambda v1: v1.checkout.sessions.list_async({"status": "open"}))
    return [each["url"] for each in found]


@pytest.mark.parametrize("codes", [("starter", "pro"), ("pro", "pro")])
async def test_of_checkouts_that_two_open_at_the_same_moment_one_can_be_paid(shop_both, codes):
    asked = zip((PAYER, OTHER), codes, strict=True)
    opening = (shop_both.payments.checkout_plan(who, code, URLS) for who, code in asked)
    answers = await asyncio.gather(*opening, return_exceptions=True)
    told = [each for each in answers if isinstance(each, str)]
    assert len(await open_at_stripe(shop_both)) == 1 and set(await open_at_stripe(shop_both)) <= set(told)
    assert all(each.code == "checkout_elsewhere" for each in answers if not isinstance(each, str))
    for url in set(told) - set(await open_at_stripe(shop_both)):
        with pytest.raises(ValueError, match="expired"):
            await shop_both.pay(url)
    await shop_both.pay((await open_at_stripe(shop_both))[0])
    await shop_both.payments.refresh(WORKSPACE)
    assert len(await subscriptions(shop_both)) == 1 and await refunds(shop_both) == []


async def test_an_earlier_checkout_is_expired_at_stripe_when_another_person_opens_a_new_one(shop):
    first = await shop.payments.checkout_plan(PAYER, "pro", URLS)
    assert await open_at_stripe(shop) == [first]
    second = await shop.payments.checkout_plan(OTHER, "starter", URLS)
    assert await open_at_stripe(shop) == [second]


async def looks(shop, url: str) -> str:
    """What the one who opened this Checkout is told, who looks for others now."""
    with pytest.raises(Conflict) as refused:
        await shop.payments._desk._only_the_last(WORKSPACE, urlsplit(url).path.rpartition("/")[2])
    return refused.value.code


async def test_whose_checkout_was_not_the_last_is_told_instead_of_sent_to_a_page_that_is_closed(shop):
    first, second = await open_two(shop, "pro", "pro")
    assert await looks(shop, first) == "checkout_elsewhere"
    assert await open_at_stripe(shop) == [second]


async def test_when_one_of_the_same_moment_is_paid_no_other_stays_open(shop):
    first, second = await open_two(shop, "starter", "pro")
    await shop.pay(first)
    assert await looks(shop, second) == "checkout_paid"
    assert await open_at_stripe(shop) == []


async def test_a_checkout_that_was_paid_meanwhile_opens_no_second_one(shop, monkeypatch):
    url = await shop.payments.checkout_plan(PAYER, "starter", URLS)

    expire = Desk._expire

    async def pay_just_before(desk, session_id):
        await shop.pay(url)
        await expire(desk, session_id)

    monkeypatch.setattr(Desk, "_expire", pay_just_before)
    with pytest.raises(Conflict) as refused:
        await shop.payments.checkout_plan(OTHER, "pro", URLS)
    assert refused.value.code == "checkout_paid"
    assert len(await shop.listed(lambda v1: v1.checkout.sessions.list_async({}))) == 1
