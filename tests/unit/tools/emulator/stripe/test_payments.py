from __future__ import annotations

import pytest
import stripe


async def paid_charge(shop) -> str:
    session = await shop.session("pack")
    intent = shop.control("pay", session=session.id)["session"]["payment_intent"]
    return (await shop.v1.payment_intents.retrieve_async(intent)).latest_charge


async def test_a_charge_is_refunded_in_parts_and_no_further(shop):
    charge = await paid_charge(shop)
    await shop.v1.refunds.create_async({"charge": charge, "amount": 200, "reason": "requested_by_customer"})
    found = await shop.v1.charges.retrieve_async(charge, {"expand": ["refunds"]})
    assert (found.amount_refunded, found.refunded, found.refunds.data[0].amount) == (200, False, 200)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        await shop.v1.refunds.create_async({"charge": charge, "amount": 400})
    await shop.v1.refunds.create_async({"payment_intent": found.payment_intent})
    assert (await shop.v1.charges.retrieve_async(charge)).refunded
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await shop.v1.refunds.create_async({"charge": charge})
    assert refused.value.code == "charge_already_refunded"
    assert (await shop.types()).count("charge.refunded") == 2


@pytest.mark.parametrize("end", ["won", "lost"])
async def test_a_dispute_is_opened_and_decided(shop, end):
    charge = await paid_charge(shop)
    dispute = shop.control("dispute", charge=charge, reason="product_not_received")
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 500)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        await shop.v1.refunds.create_async({"charge": charge})
    shop.control("dispute", dispute=dispute["id"], status=end)
    assert (await shop.v1.disputes.retrieve_async(dispute["id"])).status == end
    assert "charge.dispute.closed" in await shop.types()


async def test_a_card_that_is_disputed_by_itself(shop):
    session = await shop.session("pack")
    shop.control("pay", session=session.id, card="4000000000000259")
    assert len((await shop.v1.disputes.list_async()).data) == 1


async def test_an_intent_is_confirmed_with_a_card_or_declined(shop):
    made = await shop.v1.payment_intents.create_async({"amount": 700, "currency": "eur"})
    with pytest.raises(stripe.CardError) as refused:
        await shop.v1.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_chargeDeclined"})
    assert (refused.value.code, refused.value.error.decline_code) == ("card_declined", "generic_decline")
    tried = await shop.v1.payment_intents.retrieve_async(made.id)
    assert (tried.status, tried.last_payment_error.code) == ("requires_payment_method", "card_declined")
    done = await shop.v1.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.amount_received) == ("succeeded", 700)


async def test_amounts_outside_of_reason_are_refused(shop):
    for amount in (0, -5, 49, 10**11):
        with pytest.raises(stripe.InvalidRequestError):
            await shop.v1.payment_intents.create_async({"amount": amount, "currency": "eur"})
    product = shop.prices["starter"].product
    for amount in (-1, 10**9):
        with pytest.raises(stripe.InvalidRequestError):
            await shop.v1.prices.create_async({"product": product, "currency": "eur", "unit_amount": amount})


async def test_a_card_is_saved_by_a_setup_intent_and_let_go(shop):
    made = await shop.v1.setup_intents.create_async(
        {"customer": shop.customer.id, "payment_method": "pm_card_visa", "confirm": True}
    )
    assert made.status == "succeeded"
    saved = await shop.v1.customers.payment_methods.list_async(shop.customer.id)
    assert [one.id for one in saved.data] == [made.payment_method]
    await shop.v1.payment_methods.detach_async(made.payment_method)
    assert (await shop.v1.customers.payment_methods.list_async(shop.customer.id)).data == []


async def test_a_card_that_is_declined_cannot_be_saved(shop):
    with pytest.raises(stripe.CardError):
        await shop.v1.payment_methods.attach_async("pm_card_chargeDeclined", {"customer": shop.customer.id})
    with pytest.raises(stripe.CardError, match="Only Stripe's test cards"):
        await shop.v1.payment_methods.create_async(
            {"type": "card", "card": {"number": "4111111111111111", "exp_month": 1, "exp_year": 2034}}
        )


async def test_an_invoice_is_void_or_given_up(shop):
    given = {"customer": shop.customer.id, "items": [{"price": shop.prices["pro"].id}]}
    for act, state in (("void_invoice_async", "void"), ("mark_uncollectible_async", "uncollectible")):
        made = await shop.v1.subscriptions.create_async(given)
        invoice = await getattr(shop.v1.invoices, act)(made.latest_invoice)
        assert invoice.status == state
        found = await shop.v1.invoice_payments.list_async({"invoice": invoice.id})
        assert [one.status for one in found.data] == ["canceled"]


async def test_features_are_hung_on_products_and_taken_off(shop):
    await shop.subscribed()
    product = shop.prices["starter"].product
    feature = await shop.v1.entitlements.features.create_async({"name": "More", "lookup_key": "more"})
    hung = await shop.v1.products.features.create_async(product, {"entitlement_feature": feature.id})

    async def held() -> set[str]:
        found = await shop.v1.entitlements.active_entitlements.list_async({"customer": shop.customer.id})
        return {one.lookup_key for one in found.data}

    assert await held() == {"plan_starter", "more"}
    await shop.v1.products.features.delete_async(product, hung.id)
    assert await held() == {"plan_starter"}
