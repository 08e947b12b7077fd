from __future__ import annotations

import pytest
import stripe

from tests.unit.tools.emulator.stripe.shop import ASKS, FAILS_LATER

DAY = 86_400


async def test_an_upgrade_is_prorated_to_the_second(shop):
    bought = await shop.subscribed()
    item = bought["items"].data[0]
    whole = item.current_period_end - item.current_period_start
    shop.control("advance", days=10, seconds=7)
    left = whole - 10 * DAY - 7
    asked = {"items": [{"id": item.id, "price": shop.prices["pro"].id}], "proration_behavior": "always_invoice"}
    preview = await shop.v1.invoices.create_preview_async({"subscription": bought.id, "subscription_details": asked})
    expected = [-round(600 * left / whole), round(1800 * left / whole)]
    assert [line.amount for line in preview.lines.data] == expected
    changed = await shop.change(bought, "pro", proration_behavior="always_invoice")
    invoice = await shop.v1.invoices.retrieve_async(changed.latest_invoice)
    assert invoice.amount_paid == preview.amount_due == sum(expected)
    assert invoice.billing_reason == "subscription_update"


async def test_a_preview_changes_nothing(shop):
    bought = await shop.subscribed()
    before = await shop.types()
    item = bought["items"].data[0].id
    asked = {"items": [{"id": item, "price": shop.prices["pro"].id}], "proration_behavior": "always_invoice"}
    await shop.v1.invoices.create_preview_async({"subscription": bought.id, "subscription_details": asked})
    assert (await shop.subscription(bought.id))["items"].data[0].price.id == shop.prices["starter"].id
    assert await shop.types() == before


async def test_without_always_invoice_the_difference_waits_for_the_next_invoice(shop):
    bought = await shop.subscribed()
    shop.control("advance", days=15)
    await shop.change(bought, "pro")
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    renewed = await shop.subscription(bought.id, "latest_invoice")
    assert [line.amount for line in renewed.latest_invoice.lines.data] == [-300, 900, 1800]


async def test_a_downgrade_with_credit_pays_the_following_invoices(shop):
    bought = await shop.subscribed("pro")
    shop.control("advance", days=15)
    await shop.change(bought, "starter", proration_behavior="always_invoice")
    customer = await shop.v1.customers.retrieve_async(shop.customer.id)
    assert customer.balance == 300 - 900
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    renewed = await shop.subscription(bought.id, "latest_invoice")
    assert (renewed.latest_invoice.total, renewed.latest_invoice.amount_due) == (600, 0)
    assert (renewed.latest_invoice.status, renewed.latest_invoice.ending_balance) == ("paid", 0)


async def test_a_change_that_must_be_paid_waits_for_its_payment(shop):
    bought = await shop.subscribed(card=FAILS_LATER)
    shop.control("advance", days=1)
    waits = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    changed = await shop.change(bought, "pro", **waits)
    assert changed["items"].data[0].price.id == shop.prices["starter"].id
    assert changed.pending_update.subscription_items[0].price.id == shop.prices["pro"].id
    await shop.v1.invoices.pay_async(changed.latest_invoice, {"payment_method": "pm_card_visa"})
    paid = await shop.subscription(bought.id)
    assert paid["items"].data[0].price.id == shop.prices["pro"].id
    assert paid.pending_update is None


async def test_a_change_whose_payment_never_comes_is_dropped(shop):
    bought = await shop.subscribed(card=FAILS_LATER)
    waits = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    changed = await shop.change(bought, "pro", **waits)
    shop.control("advance", days=1)
    after = await shop.subscription(bought.id)
    assert (after.pending_update, after.status) == (None, "active")
    assert (await shop.v1.invoices.retrieve_async(changed.latest_invoice)).status == "void"
    assert "customer.subscription.pending_update_expired" in await shop.types()


async def test_a_change_that_may_not_stay_unpaid_leaves_nothing(shop):
    bought = await shop.subscribed(card=FAILS_LATER)
    before = await shop.types()
    with pytest.raises(stripe.CardError) as refused:
        strict = {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        await shop.change(bought, "pro", **strict)
    assert refused.value.code == "card_declined"
    assert await shop.types() == before


async def test_a_schedule_changes_the_plan_when_the_period_ends(shop):
    bought = await shop.subscribed("pro")
    ends = bought["items"].data[0].current_period_end
    schedule = await shop.v1.subscription_schedules.create_async({"from_subscription": bought.id})
    phases = [
        {
            "items": [{"price": shop.prices["pro"].id, "quantity": 1}],
            "start_date": schedule.phases[0].start_date,
            "end_date": schedule.phases[0].end_date,
        },
        {"items": [{"price": shop.prices["starter"].id}], "proration_behavior": "none"},
    ]
    await shop.v1.subscription_schedules.update_async(schedule.id, {"phases": phases, "end_behavior": "release"})
    assert (await shop.subscription(bought.id)).schedule == schedule.id
    shop.control("advance", to=ends)
    after = await shop.subscription(bought.id, "latest_invoice")
    assert after["items"].data[0].price.id == shop.prices["starter"].id
    assert after.latest_invoice.amount_paid == 600
    held = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
    assert [one.lookup_key for one in held.data] == ["plan_starter"]
    shop.control("advance", days=31)
    assert (await shop.v1.subscription_schedules.retrieve_async(schedule.id)).status == "released"
    assert (await shop.subscription(bought.id)).schedule is None


async def test_a_released_schedule_leaves_the_plan_as_it_is(shop):
    bought = await shop.subscribed("pro")
    schedule = await shop.v1.subscription_schedules.create_async({"from_subscription": bought.id})
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        await shop.v1.subscriptions.update_async(bought.id, {"cancel_at_period_end": True})
    await shop.v1.subscription_schedules.release_async(schedule.id)
    await shop.v1.subscriptions.update_async(bought.id, {"cancel_at_period_end": True})
    assert (await shop.subscription(bought.id)).cancel_at_period_end


async def test_an_end_that_was_planned_comes_or_is_taken_back(shop):
    bought = await shop.subscribed()
    ends = bought["items"].data[0].current_period_end
    planned = await shop.v1.subscriptions.update_async(bought.id, {"cancel_at_period_end": True})
    assert (planned.cancel_at, planned.status) == (ends, "active")
    kept = await shop.v1.subscriptions.update_async(bought.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    await shop.v1.subscriptions.update_async(bought.id, {"cancel_at_period_end": True})
    shop.control("advance", to=ends)
    assert (await shop.subscription(bought.id)).status == "canceled"
    assert (await shop.types())[-2:] == [
        "customer.subscription.deleted",
        "entitlements.active_entitlement_summary.updated",
    ]


async def test_a_renewal_that_needs_the_bank_is_past_due_until_it_was_asked(shop):
    bought = await shop.subscribed(card=ASKS)
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    late = await shop.subscription(bought.id, "latest_invoice.payments")
    assert late.status == "past_due"
    assert "invoice.payment_action_required" in await shop.types()
    intent = late.latest_invoice.payments.data[0].payment.payment_intent
    found = await shop.v1.payment_intents.retrieve_async(intent)
    assert found.next_action.redirect_to_url.url.startswith(shop.process.url)
