"""A subscription's life, from Checkout to its end, over the emulator."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from billing.stripe.service import SubscriptionRequired
from camarad.errors import Conflict, Upstream
from tests.support.paying import FAILS_LATER, PAYER, URLS

WORKSPACE = PAYER.workspace_id


async def test_a_bought_plan_is_there_with_its_ct_cap_features_and_invoice(shop_both):
    await shop_both.buy("starter")
    status = await shop_both.status()
    assert (status.plan.code, status.status) == ("starter", "active")
    assert await shop_both.wallet() == (6_000, 0, 3_000)
    assert status.features == ("camarad_plan_starter",)
    assert [(each.status, each.total_cents, each.currency) for each in status.invoices] == [("paid", 600, "eur")]
    assert status.next_invoice is not None and status.next_invoice.total_cents == 600
    assert status.next_invoice.at == status.subscription.period_end
    assert status.problem is None


async def test_asking_again_changes_nothing(shop):
    await shop.buy("starter")
    before = await shop.status(), await shop.ledger()
    for _ in range(3):
        assert (await shop.payments._refresher.refresh(WORKSPACE)).changes == ()
    after = await shop.status()
    assert (after.plan, after.subscription.period_end) == (before[0].plan, before[0].subscription.period_end)
    assert await shop.ledger() == before[1]


async def test_a_renewal_replaces_what_was_left_of_the_plans_ct_and_keeps_topped_up_ones(shop_both):
    await shop_both.buy("starter")
    await shop_both.buy("ct-5000")
    assert await shop_both.wallet() == (6_000, 5_000, 3_000)
    await shop_both.advance(days=31)
    await shop_both.payments.refresh(WORKSPACE)
    assert await shop_both.wallet() == (6_000, 5_000, 3_000)
    assert await shop_both.ledger() == [("grant", 6_000), ("topup", 5_000), ("expire", -6_000), ("grant", 6_000)]


async def test_each_of_several_periods_nobody_told_us_of_is_granted_once(shop):
    await shop.buy("starter")
    await shop.advance(days=93)
    await shop.payments.refresh(WORKSPACE)
    assert await shop.wallet() == (6_000, 0, 3_000)
    assert (await shop.ledger()).count(("grant", 6_000)) == 4


async def test_a_dearer_plan_is_there_at_once_with_the_ct_that_the_difference_pays_for(shop_both):
    await shop_both.buy("starter")
    await shop_both.advance(days=15)
    change = await shop_both.payments.change_plan(PAYER, "pro")
    assert change.outcome == "changed"
    status = await shop_both.status()
    assert status.plan.code == "pro" and status.features == ("camarad_plan_pro",)
    assert status.invoices[0].total_cents == 600  # half of 18 less half of 6 EUR
    assert await shop_both.wallet() == (13_000, 0, 8_000)  # 6,000 and half of the 14,000 more
    await shop_both.advance(days=16)
    await shop_both.payments.refresh(WORKSPACE)
    assert await shop_both.wallet() == (20_000, 0, 8_000)


async def test_a_cheaper_plan_begins_with_the_next_period(shop):
    await shop.buy("pro")
    change = await shop.payments.change_plan(PAYER, "starter")
    status = await shop.status()
    assert (change.outcome, change.at) == ("scheduled", status.subscription.period_end)
    assert status.plan.code == "pro" and status.subscription.next_plan.code == "starter"
    assert status.next_invoice.total_cents == 600 and len(status.invoices) == 1
    await shop.advance(days=31)
    status = await shop.payments.refresh(WORKSPACE)
    assert status.plan.code == "starter" and status.subscription.next_plan is None
    assert await shop.wallet() == (6_000, 0, 3_000)


async def test_a_scheduled_change_is_taken_back_by_choosing_the_plan_one_has(shop):
    await shop.buy("pro")
    await shop.payments.change_plan(PAYER, "starter")
    assert (await shop.payments.change_plan(PAYER, "pro")).outcome == "kept"
    assert (await shop.status()).subscription.next_plan is None
    await shop.advance(days=31)
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "pro"


async def test_a_cancelled_plan_runs_to_its_end_and_takes_its_ct_along(shop_both):
    await shop_both.buy("starter")
    await shop_both.buy("ct-5000")
    await shop_both.payments.cancel(PAYER)
    status = await shop_both.status()
    assert status.plan.code == "starter" and status.subscription.ends_at == status.subscription.period_end
    assert status.next_invoice is None
    await shop_both.advance(days=31)
    status = await shop_both.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status, status.features) == ("free", "canceled", ())
    assert await shop_both.wallet() == (0, 5_000, 2_000)
    await shop_both.payments.refresh(WORKSPACE)
    assert (await shop_both.ledger()).count(("expire", -6_000)) == 1


async def test_an_end_is_taken_back(shop):
    await shop.buy("starter")
    await shop.payments.cancel(PAYER)
    assert (await shop.payments.resume(PAYER)).outcome == "kept"
    await shop.advance(days=31)
    assert (await shop.payments.refresh(WORKSPACE)).status == "active"


async def test_who_comes_back_after_the_end_buys_anew(shop):
    await shop.buy("starter")
    await shop.payments.cancel(PAYER)
    await shop.advance(days=31)
    await shop.payments.refresh(WORKSPACE)
    await shop.buy("pro")
    status = await shop.status()
    assert (status.plan.code, status.status) == ("pro", "active")
    assert await shop.wallet() == (20_000, 0, 8_000)


async def test_a_late_payment_keeps_the_plan_without_new_ct_until_it_is_there(shop_both):
    await shop_both.buy("starter", card=FAILS_LATER)
    await shop_both.control("rules", after_retries="unpaid", retry_days=[3])
    await shop_both.advance(days=31)
    status = await shop_both.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status) == ("starter", "past_due")
    assert status.to_pay is not None and status.to_pay.page_url
    assert await shop_both.wallet() == (6_000, 0, 3_000)
    with pytest.raises(Conflict) as refused:
        await shop_both.payments.change_plan(PAYER, "pro")
    assert refused.value.code == "payment_late"
    await shop_both.advance(days=4)
    status = await shop_both.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status) == ("free", "unpaid")
    assert await shop_both.wallet() == (0, 0, 2_000)
    customer = (await shop_both.payments._accounts.find(WORKSPACE)).customer_id
    card = await shop_both.ask(lambda v1: v1.payment_methods.attach_async("pm_card_visa", {"customer": customer}))
    with_card, invoice = {"payment_method": card["id"]}, status.to_pay.id
    await shop_both.ask(lambda v1: v1.invoices.pay_async(invoice, with_card))
    status = await shop_both.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status) == ("starter", "active")
    assert await shop_both.wallet() == (6_000, 0, 3_000)


async def test_a_pack_is_booked_once_however_often_one_looks(shop):
    await shop.buy("ct-22000")
    for _ in range(3):
        await shop.payments.refresh(WORKSPACE)
    await shop.buy("ct-22000")
    assert await shop.wallet() == (0, 44_000, None)


@pytest.mark.parametrize("card", ["4000000000000002", "4000000000009995"])
async def test_a_declined_card_buys_nothing(shop, card):
    url = await shop.payments.checkout_plan(PAYER, "pro", URLS)
    with pytest.raises(ValueError, match=r"declined|insufficient"):
        await shop.pay(url, card)
    status = await shop.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status, status.invoices) == ("free", "none", ())


async def test_three_d_secure_passed_and_failed(shop):
    url = await shop.payments.checkout_plan(PAYER, "pro", URLS)
    asks = "4000002760003184"
    await shop.pay(url, asks, authenticate=False)
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "free"
    await shop.pay(url, asks, authenticate=True)
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "pro"


async def test_an_upgrade_whose_card_asks_waits_for_the_invoice_to_be_confirmed(shop):
    await shop.buy("starter")
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    card = await shop.ask(
        lambda v1: v1.payment_methods.attach_async("pm_card_authenticationRequired", {"customer": customer})
    )
    subscription = (await shop.status()).subscription.id
    method = {"default_payment_method": card["id"]}
    await shop.ask(lambda v1: v1.subscriptions.update_async(subscription, method))
    change = await shop.payments.change_plan(PAYER, "pro")
    assert change.outcome == "payment_needed" and change.url and change.url.startswith(shop.stripe.url)
    status = await shop.status()
    assert status.plan.code == "starter" and await shop.wallet() == (6_000, 0, 3_000)


async def test_an_abandoned_checkout_is_opened_again_and_one_for_another_plan_takes_its_place(shop):
    first = await shop.payments.checkout_plan(PAYER, "pro", URLS)
    assert await shop.payments.checkout_plan(PAYER, "pro", URLS) == first
    other = await shop.payments.checkout_plan(PAYER, "starter", URLS)
    assert other != first
    with pytest.raises(ValueError, match="expired"):
        await shop.pay(first)
    await shop.pay(other)
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "starter"


async def test_a_checkout_whose_answer_was_lost_can_be_asked_for_in_another_language(shop):
    await shop.control("fail", status=500, after=True, path="/v1/checkout/sessions")
    with pytest.raises(Upstream):
        await shop.payments.checkout_plan(PAYER, "pro", URLS)
    await shop.pay(await shop.payments.checkout_plan(replace(PAYER, language="ro"), "pro", URLS))
    assert (await shop.payments.refresh(WORKSPACE)).plan.code == "pro"


async def test_who_asks_twice_at_once_gets_one_checkout(shop):
    first, second = await asyncio.gather(*(shop.payments.checkout_plan(PAYER, "pro", URLS) for _ in range(2)))
    assert first == second and len(await shop.listed(lambda v1: v1.checkout.sessions.list_async())) == 1


async def test_nobody_buys_a_second_subscription(shop):
    await shop.buy("starter")
    with pytest.raises(Conflict) as refused:
        await shop.payments.checkout_plan(PAYER, "pro", URLS)
    assert refused.value.code == "subscription_exists"


async def test_no_path_gives_a_plan_that_is_not_paid_for(shop):
    for attempt in (
        shop.payments.require_plan(WORKSPACE, "pro"),
        shop.payments.change_plan(PAYER, "pro"),
        shop.payments.cancel(PAYER),
        shop.payments.resume(PAYER),
    ):
        with pytest.raises(SubscriptionRequired):
            await attempt
    await shop.buy("starter")
    with pytest.raises(SubscriptionRequired):
        await shop.payments.require_plan(WORKSPACE, "pro")
    assert (await shop.payments.require_plan(WORKSPACE, "starter")).plan.code == "starter"
    with pytest.raises(Conflict):
        await shop.payments.require_plan(WORKSPACE, "free")
    assert await shop.plan_code() == "starter"


async def test_refunds_and_disputes_of_a_plan_are_on_record_and_take_nothing_away(shop):
    await shop.buy("starter")
    charge = (await shop.listed(lambda v1: v1.charges.list_async()))[0]
    await shop.ask(lambda v1: v1.refunds.create_async({"charge": charge["id"], "amount": 200}))
    await shop.control("dispute", charge=charge["id"])
    status = await shop.payments.refresh(WORKSPACE)
    assert sorted((each.kind, each.amount_cents) for each in status.reversals) == [("dispute", 600), ("refund", 200)]
    assert status.plan.code == "starter" and await shop.wallet() == (6_000, 0, 3_000)


async def test_a_customer_that_stripe_does_not_know_pays_for_nothing_and_is_made_anew(shop):
    await shop.buy("starter")
    await shop.control("reset", at=1_794_830_400)
    status = await shop.payments.refresh(WORKSPACE)
    assert (status.plan.code, status.status) == ("free", "none") and "no such customer" in status.problem
    assert await shop.wallet() == (6_000, 0, 2_000)  # a wrong key takes nobody's CT
    await shop.payments.sync_catalog(apply=True)
    await shop.buy("pro")
    assert (await shop.status()).plan.code == "pro"
