from __future__ import annotations

import pytest

from tests.unit.tools.emulator.stripe.shop import DECLINES, FAILS_LATER


async def test_a_plan_is_bought_and_what_it_entitles_to_is_given(shop):
    session = await shop.session(client_reference_id="w1", metadata={"plan": "starter"})
    assert session.status == "open"
    assert session.url.startswith(shop.process.url)
    shop.control("pay", session=session.id)
    session = await shop.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["subscription", "line_items"]})
    assert (session.status, session.payment_status, session.client_reference_id) == ("complete", "paid", "w1")
    assert session.subscription.status == "active"
    assert session.line_items.data[0].price.lookup_key == "starter"
    held = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
    assert [one.lookup_key for one in held.data] == ["plan_starter"]


async def test_a_declined_card_leaves_the_session_open_and_sells_nothing(shop):
    session = await shop.session()
    with pytest.raises(ValueError, match=r"Your card was declined\."):
        shop.control("pay", session=session.id, card=DECLINES)
    assert (await shop.v1.checkout.sessions.retrieve_async(session.id)).status == "open"
    assert (await shop.v1.subscriptions.list_async({"status": "all"})).data == []
    shop.control("pay", session=session.id)
    assert (await shop.v1.checkout.sessions.retrieve_async(session.id)).status == "complete"


async def test_a_renewal_is_invoiced_and_paid_when_the_clock_passes_the_period(shop):
    bought = await shop.subscribed()
    ends = bought["items"].data[0].current_period_end
    shop.control("advance", to=ends)
    renewed = await shop.subscription(bought.id, "latest_invoice")
    assert renewed.status == "active"
    assert renewed["items"].data[0].current_period_start == ends
    assert (renewed.latest_invoice.billing_reason, renewed.latest_invoice.amount_paid) == ("subscription_cycle", 600)


async def test_a_renewal_that_fails_is_retried_and_ends_as_the_rules_say(shop):
    bought = await shop.subscribed(card=FAILS_LATER)
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    assert (await shop.subscription(bought.id)).status == "past_due"
    shop.control("advance", days=16)
    assert (await shop.subscription(bought.id)).status == "canceled"
    held = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
    assert held.data == []


async def test_a_pack_is_paid_once_without_a_subscription(shop):
    session = await shop.session("pack")
    done = shop.control("pay", session=session.id)["session"]
    assert (done["payment_status"], done["subscription"], done["amount_total"]) == ("paid", None, 500)
    intent = await shop.v1.payment_intents.retrieve_async(done["payment_intent"], {"expand": ["latest_charge"]})
    assert intent.latest_charge.amount == 500
