"""Payment intents, charges, refunds, disputes and what connects a payment with its invoice."""

from __future__ import annotations

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import disputing, invoicing, paying
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.listing import matches, page
from tools.emulator.stripe.resources import metadata, prices
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create_intent(world: World, params: Params) -> Obj:
    amount = params["amount"]
    if not 50 <= amount <= prices.MOST:
        raise StripeError(
            "Amount must be at least €0.50 eur", code="amount_too_small" if amount < 50 else None, param="amount"
        )
    customer = world.refer("customer", params["customer"], "customer")["id"] if "customer" in params else None
    intent = paying.open_intent(
        world,
        customer,
        amount,
        prices.currency(params["currency"]),
        description=params.get("description"),
        metadata=metadata.given(params),
        receipt_email=params.get("receipt_email"),
        setup_future_usage=params.get("setup_future_usage"),
    )
    if "payment_method" in params:
        intent["payment_method"] = cards.method(world, params["payment_method"], "payment_method")["id"]
        intent["status"] = "requires_confirmation"
    return _confirmed(world, intent, params) if params.get("confirm") else intent


def confirm(world: World, params: Params, intent_id: str) -> Obj:
    return _confirmed(world, world.get("payment_intent", intent_id), params)


def _confirmed(world: World, intent: Obj, params: Params) -> Obj:
    if intent["status"] not in OPEN:
        raise StripeError(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    method_id = params.get("payment_method") or intent["payment_method"]
    if not method_id:
        raise required("payment_method")
    method = cards.method(world, method_id, "payment_method")
    if paying.attempt(world, intent, method, present=not params.get("off_session")) == "requires_payment_method":
        raise cards.declined(cards.card_of(method))
    if intent.get("_invoice"):
        invoicing.settled(world, intent)
    return intent


def cancel_intent(world: World, params: Params, intent_id: str) -> Obj:
    intent = world.get("payment_intent", intent_id)
    if intent["status"] not in OPEN:
        raise StripeError(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    reason = params.get("cancellation_reason")
    changed(
        world,
        intent,
        "payment_intent.canceled",
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    return intent


def retrieve_intent(world: World, params: Params, intent_id: str) -> Obj:
    return world.get("payment_intent", intent_id)


def intents(world: World, params: Params) -> Obj:
    return page(world, "payment_intent", params, "/v1/payment_intents", matches(params, "customer"))


def retrieve_charge(world: World, params: Params, charge_id: str) -> Obj:
    return world.get("charge", charge_id)


def charges(world: World, params: Params) -> Obj:
    return page(world, "charge", params, "/v1/charges", matches(params, "customer", "payment_intent"))


def invoice_payments(world: World, params: Params) -> Obj:
    asked = params.get("payment") or {}
    same = matches(params, "invoice", "status")
    intent = asked.get("payment_intent")
    return page(
        world,
        "invoice_payment",
        params,
        "/v1/invoice_payments",
        lambda one: same(one) and intent in (None, one["payment"]["payment_intent"]),
    )


def retrieve_invoice_payment(world: World, params: Params, payment_id: str) -> Obj:
    return world.get("invoice_payment", payment_id)


def refund(world: World, params: Params) -> Obj:
    charge = _charge_of(world, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        raise StripeError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount"
        )
    if charge["disputed"]:
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    made = world.make(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        metadata=metadata.given(params),
        reason=params.get("reason"),
        status="succeeded",
        destination_details={"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
    )
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit(world, "refund.created", made)
    emit(world, "charge.refunded", charge, before)
    return made


def _charge_of(world: World, params: Params) -> Obj:
    if "charge" in params:
        charge = world.refer("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = world.refer("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise StripeError("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
        charge = world.get("charge", intent["latest_charge"])
    else:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    if not charge["paid"]:
        raise StripeError(f"Charge {charge['id']} cannot be refunded because it was not paid.", param="charge")
    return charge


def retrieve_refund(world: World, params: Params, refund_id: str) -> Obj:
    return world.get("refund", refund_id)


def refunds(world: World, params: Params) -> Obj:
    return page(world, "refund", params, "/v1/refunds", matches(params, "charge", "payment_intent"))


def retrieve_dispute(world: World, params: Params, dispute_id: str) -> Obj:
    return world.get("dispute", dispute_id)


def disputes(world: World, params: Params) -> Obj:
    return page(world, "dispute", params, "/v1/disputes", matches(params, "charge", "payment_intent"))


def close_dispute(world: World, params: Params, dispute_id: str) -> Obj:
    """To give in is to lose."""
    return disputing.close(world, world.get("dispute", dispute_id), "lost")


ROUTES = (
    Route("POST", "/v1/payment_intents", create_intent),
    Route("GET", "/v1/payment_intents", intents),
    Route("GET", "/v1/payment_intents/{intent}", retrieve_intent),
    Route("POST", "/v1/payment_intents/{intent}/confirm", confirm),
    Route("POST", "/v1/payment_intents/{intent}/cancel", cancel_intent),
    Route("GET", "/v1/charges", charges),
    Route("GET", "/v1/charges/{charge}", retrieve_charge),
    Route("GET", "/v1/invoice_payments", invoice_payments),
    Route("GET", "/v1/invoice_payments/{invoice_payment}", retrieve_invoice_payment),
    Route("POST", "/v1/refunds", refund),
    Route("GET", "/v1/refunds", refunds),
    Route("GET", "/v1/refunds/{refund}", retrieve_refund),
    Route("GET", "/v1/disputes", disputes),
    Route("GET", "/v1/disputes/{dispute}", retrieve_dispute),
    Route("POST", "/v1/disputes/{dispute}/close", close_dispute),
)
