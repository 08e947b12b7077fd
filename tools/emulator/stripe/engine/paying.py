"""A payment: an intent, a try with a card, perhaps a question to the cardholder, a charge."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe import cards
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def open_intent(world: World, customer: str | None, amount: int, currency: str, **fields: Any) -> Obj:
    """A payment that waits for a card."""
    intent = world.make(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        amount_details={"tip": {}},
        capture_method="automatic",
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        payment_method_types=["card"],
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        status="requires_payment_method",
    )
    intent["payment_method_options"]["card"] |= {"installments": None, "mandate_options": None, "network": None}
    intent.update(fields, client_secret=f"{intent['id']}_secret_{random_text(25)}")
    emit(world, "payment_intent.created", intent)
    return intent


def attempt(world: World, intent: Obj, method: Obj, *, present: bool, proven: bool = False) -> str:
    """Try the card; gives the intent's status. `present`: its holder is there; `proven`: the bank was answered."""
    card = cards.card_of(method)
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    asks = card.asks == "always" or (card.asks == "first" and not method["_used"])
    if asks and not proven:
        return _ask(world, intent)
    if cards.refuses(card, present=present):
        return _decline(world, intent, method, cards.declined(card))
    method["_used"] = True
    return _succeed(world, intent, method, disputes=card.disputes)


def _ask(world: World, intent: Obj) -> str:
    url = f"{world.base_url}/authenticate/{intent['client_secret']}"
    intent.update(
        status="requires_action",
        next_action={"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}},
    )
    emit(world, "payment_intent.requires_action", intent)
    return "requires_action"


def _decline(world: World, intent: Obj, method: Obj, error: StripeError) -> str:
    charge = _charge(world, intent, method, "failed")
    charge.update(failure_code=error.error["code"], failure_message=error.error["message"])
    charge["outcome"] |= {
        "network_status": "declined_by_network",
        "reason": error.error.get("decline_code", error.error["code"]),
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    emit(world, "charge.failed", charge)
    fail(world, intent, {**error.error, "charge": charge["id"]})
    return "requires_payment_method"


def fail(world: World, intent: Obj, error: Obj) -> None:
    intent.update(status="requires_payment_method", last_payment_error=error, next_action=None)
    emit(world, "payment_intent.payment_failed", intent)


def refuse_proof(world: World, intent: Obj) -> None:
    """The cardholder did not answer the bank's question, or not well."""
    said = (
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again."
    )
    fail(
        world,
        intent,
        {"type": "invalid_request_error", "code": "payment_intent_authentication_failure", "message": said},
    )


def _succeed(world: World, intent: Obj, method: Obj, *, disputes: bool) -> str:
    charge = _charge(world, intent, method, "succeeded")
    emit(world, "charge.succeeded", charge)
    intent.update(status="succeeded", amount_received=intent["amount"])
    emit(world, "payment_intent.succeeded", intent)
    if disputes:
        from tools.emulator.stripe.engine import disputing

        disputing.open_dispute(world, charge, "fraudulent")
    return "succeeded"


def _charge(world: World, intent: Obj, method: Obj, status: str) -> Obj:
    paid = status == "succeeded"
    charge = world.make(
        "charge",
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        billing_details=dict(method["billing_details"]),
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_details(method),
        receipt_email=intent["receipt_email"],
        refunded=False,
        status=status,
        outcome={
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
    )
    intent["latest_charge"] = charge["id"]
    return charge


def _details(method: Obj) -> Obj:
    card = method["card"]
    same = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    return {
        "type": "card",
        "card": {
            **{name: card[name] for name in same},
            "amount_authorized": None,
            "authorization_code": None,
            "checks": dict(card["checks"]),
            "installments": None,
            "mandate": None,
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "three_d_secure": None,
            "wallet": None,
        },
    }
