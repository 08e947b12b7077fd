"""Subscriptions through every state, by the API."""

from __future__ import annotations

import pytest
import stripe

DAY = 86_400


async def with_card(shop, method: str = "pm_card_visa") -> str:
    attached = await shop.v1.payment_methods.attach_async(method, {"customer": shop.customer.id})
    settings = {"invoice_settings": {"default_payment_method": attached.id}}
    await shop.v1.customers.update_async(shop.customer.id, settings)
    return attached.id


async def begun(shop, plan: str = "starter", **more):
    given = {"customer": shop.customer.id, "items": [{"price": shop.prices[plan].id}], **more}
    return await shop.v1.subscriptions.create_async(given)


async def test_without_a_card_it_is_incomplete_and_expires_after_23_hours(shop):
    made = await begun(shop)
    assert made.status == "incomplete"
    shop.control("advance", seconds=22 * 3_600)
    assert (await shop.subscription(made.id)).status == "incomplete"
    shop.control("advance", seconds=3_600)
    after = await shop.subscription(made.id, "latest_invoice")
    assert (after.status, after.latest_invoice.status) == ("incomplete_expired", "void")


async def test_an_incomplete_one_becomes_active_when_its_invoice_is_paid(shop):
    made = await begun(shop, payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"])
    intent = made.latest_invoice.confirmation_secret.client_secret.partition("_secret_")[0]
    await shop.v1.payment_intents.confirm_async(intent, {"payment_method": "pm_card_visa"})
    assert (await shop.subscription(made.id)).status == "active"


async def test_all_or_nothing_leaves_nothing_when_the_card_is_declined(shop):
    await with_card(shop, "pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError) as refused:
        await begun(shop, payment_behavior="error_if_incomplete")
    assert (refused.value.http_status, refused.value.code) == (402, "card_declined")
    assert (await shop.v1.subscriptions.list_async({"status": "all"})).data == []


async def test_a_trial_costs_nothing_warns_and_then_renews(shop):
    await with_card(shop)
    made = await begun(shop, trial_period_days=14, expand=["latest_invoice"])
    assert (made.status, made.latest_invoice.total, made.latest_invoice.status) == ("trialing", 0, "paid")
    held = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
    assert [one.lookup_key for one in held.data] == ["plan_starter"]
    shop.control("advance", days=11)
    assert "customer.subscription.trial_will_end" in await shop.types()
    shop.control("advance", days=3)
    after = await shop.subscription(made.id, "latest_invoice")
    assert (after.status, after.latest_invoice.amount_paid) == ("active", 600)
    assert after["items"].data[0].current_period_start == made.trial_end


async def test_a_trial_that_is_ended_now_is_paid_now(shop):
    await with_card(shop)
    made = await begun(shop, trial_period_days=14)
    shop.control("advance", days=2)
    ended = await shop.v1.subscriptions.update_async(made.id, {"trial_end": "now", "expand": ["latest_invoice"]})
    assert (ended.status, ended.latest_invoice.amount_paid) == ("active", 600)


@pytest.mark.parametrize(("wanted", "state"), [("pause", "paused"), ("cancel", "canceled")])
async def test_a_trial_without_a_card_ends_as_its_settings_say(shop, wanted, state):
    settings = {"end_behavior": {"missing_payment_method": wanted}}
    made = await begun(shop, trial_period_days=7, trial_settings=settings)
    shop.control("advance", days=7)
    assert (await shop.subscription(made.id)).status == state
    held = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
    assert held.data == []


async def test_a_paused_one_is_resumed_with_a_new_period(shop):
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = await begun(shop, trial_period_days=7, trial_settings=settings)
    shop.control("advance", days=20)
    await with_card(shop)
    resumed = await shop.v1.subscriptions.resume_async(made.id, {"billing_cycle_anchor": "now"})
    assert resumed.status == "active"
    assert resumed["items"].data[0].current_period_start == shop.control("state")["now"]
    assert {"customer.subscription.paused", "customer.subscription.resumed"} <= set(await shop.types())


@pytest.mark.parametrize("end", ["unpaid", "past_due"])
async def test_after_the_last_retry_the_merchants_rule_decides(shop, end):
    shop.control("rules", after_retries=end, retry_days=[1])
    made = await shop.subscribed(card="4000000000000341")
    ends = made["items"].data[0].current_period_end
    shop.control("advance", to=ends)
    assert (await shop.subscription(made.id)).status == "past_due"
    shop.control("advance", days=1)
    late = await shop.subscription(made.id, "latest_invoice")
    assert (late.status, late.latest_invoice.attempt_count) == (end, 2)
    assert late.latest_invoice.next_payment_attempt is None


async def test_an_unpaid_one_gets_drafts_and_is_active_again_when_the_latest_is_paid(shop):
    shop.control("rules", after_retries="unpaid", retry_days=[])
    made = await shop.subscribed(card="4000000000000341")
    shop.control("advance", days=62)
    late = await shop.subscription(made.id, "latest_invoice")
    assert (late.status, late.latest_invoice.status) == ("unpaid", "draft")
    await shop.v1.invoices.pay_async(late.latest_invoice.id, {"payment_method": "pm_card_visa"})
    assert (await shop.subscription(made.id)).status == "active"


async def test_a_retry_with_another_card_ends_the_delay(shop):
    made = await shop.subscribed(card="4000000000000341")
    shop.control("advance", to=made["items"].data[0].current_period_end)
    late = await shop.subscription(made.id)
    card = await with_card(shop)
    await shop.v1.subscriptions.update_async(made.id, {"default_payment_method": card})
    shop.control("advance", days=3)
    paid = await shop.subscription(made.id, "latest_invoice")
    assert (late.status, paid.status, paid.latest_invoice.attempt_count) == ("past_due", "active", 2)


async def test_a_cancelled_one_can_no_longer_be_changed(shop):
    made = await shop.subscribed()
    ended = await shop.v1.subscriptions.cancel_async(made.id, {"cancellation_details": {"feedback": "unused"}})
    assert (ended.status, ended.cancellation_details.feedback) == ("canceled", "unused")
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        await shop.change(made, "pro")
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        await shop.v1.subscriptions.cancel_async(made.id)
    assert (await shop.v1.subscriptions.list_async({"customer": shop.customer.id})).data == []


async def test_an_end_on_a_day_of_ones_own(shop):
    made = await shop.subscribed()
    at = shop.control("state")["now"] + 5 * DAY
    await shop.v1.subscriptions.update_async(made.id, {"cancel_at": at})
    shop.control("advance", days=6)
    ended = await shop.subscription(made.id)
    assert (ended.status, ended.ended_at) == ("canceled", at)


async def test_months_end_on_the_anchors_day_or_on_their_last(shop):
    shop.control("advance", to=1_801_396_800)  # 31 January 2027, 12:00 UTC
    made = await shop.subscribed()
    ends = []
    for _ in range(3):
        ends.append((await shop.subscription(made.id))["items"].data[0].current_period_end)
        shop.control("advance", to=ends[-1])
    assert ends == [1_803_816_000, 1_806_494_400, 1_809_086_400]  # 28 February, 31 March, 30 April


async def test_a_far_jump_does_everything_at_its_own_time(shop):
    made = await shop.subscribed()
    shop.control("advance", days=366)
    invoices = await shop.v1.invoices.list_async({"subscription": made.id, "limit": 100})
    assert [one.status for one in invoices.data] == ["paid"] * 13
    assert len({one.created for one in invoices.data}) == 13


async def test_in_a_jump_everything_happens_in_the_order_of_time(shop):
    first = await shop.subscribed()
    shop.control("advance", days=10)
    other = await shop.v1.customers.create_async({"email": "other@example.com"})
    second = await shop.subscribed("pro", customer=other.id)
    shop.control("advance", days=60)
    for bought in (first, second):
        invoices = await shop.v1.invoices.list_async({"subscription": bought.id, "limit": 100})
        assert [one.created for one in invoices.data] == [one.lines.data[-1].period.start for one in invoices.data]
    created = [event.created for event in (await shop.v1.events.list_async({"limit": 100})).data]
    assert created == sorted(created, reverse=True)


async def test_the_customers_end_is_that_of_what_it_had(shop):
    made = await shop.subscribed()
    gone = await shop.v1.customers.delete_async(shop.customer.id)
    assert gone.deleted
    assert (await shop.subscription(made.id)).status == "canceled"
    found = await shop.v1.customers.retrieve_async(shop.customer.id)
    assert found.deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        await shop.session()
