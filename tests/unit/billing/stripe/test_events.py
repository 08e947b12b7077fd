"""Events that are not what they seem: forged, replayed, from another time, about somebody else. None gives anything."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from sqlalchemy import select

from billing.stripe.signature import MOST_BYTES, WebhookRefused, verified
from camarad.clock import ManualClock
from camarad.errors import Misconfigured
from camarad.models import StripeEvent
from tests.support.paying import PAYER, URLS, open_shop

WORKSPACE = PAYER.workspace_id
SECRET = "whsec_one"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def event(**changes):
    made = {
        "id": "evt_1",
        "object": "event",
        "type": "customer.subscription.updated",
        "created": int(NOW.timestamp()),
        "livemode": False,
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active"}},
    }
    return json.dumps({**made, **changes})


def signed(body, at=NOW, secret=SECRET):
    return stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))


def test_what_stripe_signed_just_now_is_believed():
    body = event()
    for at in (NOW, NOW - timedelta(seconds=299), NOW + timedelta(seconds=59)):
        assert verified(body.encode(), signed(body, at), [SECRET], NOW)["id"] == "evt_1"


def test_any_of_several_secrets_will_do_while_they_are_rotated():
    body = event()
    assert verified(body.encode(), signed(body, secret="whsec_old"), [SECRET, "whsec_old"], NOW)
    with pytest.raises(WebhookRefused):
        verified(body.encode(), signed(body, secret="whsec_older"), [SECRET, "whsec_old"], NOW)


@pytest.mark.parametrize(
    ("body", "header", "code"),
    [
        (event(), None, "stripe_signature"),
        (event(), "", "stripe_signature"),
        (event(), "nonsense", "stripe_signature"),
        (event(), "t=x,v1=y", "stripe_signature"),
        (event(), signed(event(), secret="whsec_other"), "stripe_signature"),
        (event(), signed(event(), secret="whsec_other") + ",v1=" + "0" * 64, "stripe_signature"),
        (event(), signed(event()).replace("v1=", "v0="), "stripe_signature"),
        (event(id="evt_2"), signed(event()), "stripe_signature"),
        (json.dumps(json.loads(event()), indent=1), signed(event()), "stripe_signature"),
        (event(), signed(event(), NOW - timedelta(seconds=301)), "stripe_replay"),
        (event(), signed(event(), NOW - timedelta(days=1)), "stripe_replay"),
        (event(), signed(event(), NOW + timedelta(seconds=61)), "stripe_future"),
        (event(), signed(event(), NOW + timedelta(days=365)), "stripe_future"),
        ("not json", signed("not json"), "stripe_event"),
        ("[]", signed("[]"), "stripe_event"),
        (event(object="v2.core.event"), signed(event(object="v2.core.event")), "stripe_event"),
        (event(data={"object": "x"}), signed(event(data={"object": "x"})), "stripe_event"),
        (event(data=None), signed(event(data=None)), "stripe_event"),
        (event(id=""), signed(event(id="")), "stripe_event"),
        (event(id=7), signed(event(id=7)), "stripe_event"),
        (event(type=None), signed(event(type=None)), "stripe_event"),
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused(body, header, code):
    with pytest.raises(WebhookRefused) as refused:
        verified(body.encode(), header, [SECRET], NOW)
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_a_second_timestamp_in_the_header_changes_nothing():
    """The time that counts is the one that was signed."""
    body, old = event(), signed(event(), NOW - timedelta(days=1))
    for header in (f"{old},t={int(NOW.timestamp())}", f"t={int(NOW.timestamp())},{old}"):
        with pytest.raises(WebhookRefused):
            verified(body.encode(), header, [SECRET], NOW)


def test_bytes_that_are_no_text_and_bodies_without_end_are_refused():
    with pytest.raises(WebhookRefused):
        verified(b"\xff\xfe", "t=1,v1=00", [SECRET], NOW)
    with pytest.raises(WebhookRefused) as refused:
        verified(b"x" * (MOST_BYTES + 1), "t=1,v1=00", [SECRET], NOW)
    assert refused.value.status == 413


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_believed(secrets):
    body = event()
    with pytest.raises((WebhookRefused, Misconfigured)):
        verified(body.encode(), signed(body, secret=""), secrets, NOW)


# Over the emulator: well signed, and still nothing to be believed by itself.


async def send(shop, body, at=None):
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET, at)
    given = await shop.payments.handle_event(body.encode(), header)
    await shop.payments.settled()
    return given


async def row(shop, event_id="evt_1"):
    async with shop.database.read() as session:
        return await session.get(StripeEvent, event_id)


def about(customer, **more):
    subscription = {"id": "sub_forged", "object": "subscription", "customer": customer, "status": "active", **more}
    return event(data={"object": subscription})


@pytest.fixture
async def shop(settings, sqlite_database, stripe_account):
    from pydantic import SecretStr

    async with open_shop(
        settings, sqlite_database, stripe_account, stripe_webhook_secrets=[SecretStr(SECRET)]
    ) as opened:
        yield opened


async def test_an_events_own_words_are_not_believed(shop):
    await shop.buy("ct-5000")
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    await send(shop, about(customer, items={"data": [{"price": {"lookup_key": "camarad_enterprise_month_eur"}}]}))
    assert await shop.plan_code() == "free" and (await row(shop)).handled_at is not None


async def test_a_foreign_customer_is_on_record_and_gets_nothing(shop):
    made = await shop.ask(lambda v1: v1.customers.create_async({"metadata": {"camarad_workspace": WORKSPACE}}))
    price = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": ["camarad_enterprise_month_eur"]})))[0]
    card = await shop.ask(lambda v1: v1.payment_methods.attach_async("pm_card_visa", {"customer": made["id"]}))
    bought = {"customer": made["id"], "items": [{"price": price["id"]}], "default_payment_method": card["id"]}
    await shop.ask(lambda v1: v1.subscriptions.create_async(bought))
    await send(shop, about(made["id"]))
    stored = await row(shop)
    assert stored.error == f"The customer {made['id']} belongs to no workspace." and stored.handled_at is not None
    assert await shop.plan_code() == "free" and await shop.ledger() == []


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ({"currency": "eur", "unit_amount": 1}, "it is none of ours"),
        ({"currency": "usd", "unit_amount": 1_800}, "it is in USD, not in EUR"),
        ({"currency": "eur", "unit_amount": 0}, "its amount is 0"),
        ({"currency": "eur", "unit_amount": 99_999_999}, "its amount is 99999999"),
        ({"currency": "eur", "unit_amount": 1_800, "recurring": {"interval": "year"}}, "it is none of ours"),
    ],
)
async def test_a_price_that_is_none_of_ours_gives_no_plan_and_no_ct(shop, price, said):
    """On our own product, with our own mark where only the money differs."""
    await shop.payments._accounts.ensure(PAYER)
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    strange = {"product": "camarad_plan_pro", "recurring": {"interval": "month"}, **price}
    if price["unit_amount"] != 1:
        strange["metadata"] = {"camarad_lookup_key": "camarad_pro_month_eur"}
    made = await shop.ask(lambda v1: v1.prices.create_async(strange))
    card = await shop.ask(lambda v1: v1.payment_methods.attach_async("pm_card_visa", {"customer": customer}))
    bought = {"customer": customer, "items": [{"price": made["id"]}], "default_payment_method": card["id"]}
    await shop.ask(lambda v1: v1.subscriptions.create_async(bought))
    await send(shop, about(customer))
    stored, status = await row(shop), await shop.status()
    assert said in stored.error and said in status.problem
    assert (status.plan.code, status.status, status.subscription.plan) == ("free", "active", None)
    assert await shop.plan_code() == "free" and await shop.ledger() == []


async def test_a_checkout_of_somebody_elses_brings_no_ct(shop):
    """Only those opened from here count, and only for whom they were opened."""
    await shop.payments._accounts.ensure(PAYER)
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    price = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": ["camarad_ct_22000_eur"]})))[0]
    asked = {
        "mode": "payment",
        "customer": customer,
        "success_url": URLS.success,
        "line_items": [{"price": price["id"], "quantity": 1}],
    }
    session = await shop.ask(lambda v1: v1.checkout.sessions.create_async(asked))
    await shop.pay(session["url"])
    done = {"id": session["id"], "object": "checkout.session", "customer": customer, "payment_status": "paid"}
    await send(shop, event(type="checkout.session.completed", data={"object": done}))
    assert await shop.ledger() == []


async def test_an_event_is_acted_on_once(shop):
    await shop.buy("starter")
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    for _ in range(3):
        await send(shop, about(customer))
    stored = await row(shop)
    assert stored.attempts == 1 and stored.error is None


async def test_an_event_of_real_money_is_not_acted_on_with_a_test_key(shop):
    await send(shop, event(livemode=True))
    assert "live mode" in (await row(shop)).error


async def test_an_event_that_comes_while_stripe_is_away_waits_for_the_reconciliation(shop):
    await shop.buy("starter")
    customer = (await shop.payments._accounts.find(WORKSPACE)).customer_id
    await shop.payments.cancel(PAYER)
    await shop.advance(days=31)
    await shop.control("fail", status=503, times=20)
    await send(shop, about(customer))
    stored = await row(shop)
    assert stored.handled_at is None and stored.attempts == 1 and stored.error
    assert await shop.plan_code() == "starter"
    await shop.control("clear")
    report = await shop.payments.reconcile()
    assert report.events == 1 and not report.failed and (await row(shop)).handled_at is not None
    assert await shop.plan_code() == "free"


async def test_a_dispute_names_its_charge_alone_and_is_found(shop):
    await shop.buy("starter")
    charge = (await shop.listed(lambda v1: v1.charges.list_async()))[0]
    dispute = await shop.control("dispute", charge=charge["id"])
    given = {"id": dispute["id"], "object": "dispute", "charge": charge["id"]}
    await send(shop, event(type="charge.dispute.created", data={"object": given}))
    assert [each.kind for each in (await shop.status()).reversals] == ["dispute"]


async def test_a_clock_that_jumps_neither_grants_nor_blocks(settings, sqlite_database, stripe_account):
    from pydantic import SecretStr

    clock = ManualClock(datetime.fromtimestamp(int(time.time()), UTC))
    secrets = {"stripe_webhook_secrets": [SecretStr(SECRET)]}
    async with open_shop(settings, sqlite_database, stripe_account, clock, **secrets) as shop:
        await shop.buy("starter")
        for jump in (timedelta(days=400), timedelta(days=-800), timedelta(days=400)):
            clock.advance(jump)
            report = await shop.payments.reconcile()
            assert not report.busy and not report.repaired and report.accounts == 1
            assert (await shop.status()).status == "active" and await shop.wallet() == (6_000, 0, 3_000)
        clock.advance(timedelta(days=1))
        body = about("cus_x")
        with pytest.raises(WebhookRefused) as refused:
            await send(shop, body, int(clock.now().timestamp()) - 86_400)
        assert refused.value.code == "stripe_replay"
    async with sqlite_database.read() as session:
        assert not list(await session.scalars(select(StripeEvent)))
