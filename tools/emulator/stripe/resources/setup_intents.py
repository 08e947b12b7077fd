"""Setup intents: saving a card for later."""

from __future__ import annotations

from tools.emulator.stripe import cards
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.listing import matches, page
from tools.emulator.stripe.resources import metadata, payment_methods
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

KIND = "setup_intent"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(world: World, params: Params) -> Obj:
    customer = world.refer("customer", params["customer"], "customer")["id"] if "customer" in params else None
    intent = world.make(
        KIND,
        customer=customer,
        description=params.get("description"),
        metadata=metadata.given(params),
        payment_method_types=["card"],
        status="requires_payment_method",
        usage=params.get("usage", "off_session"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{random_text(25)}"
    emit(world, "setup_intent.created", intent)
    if "payment_method" in params:
        intent["payment_method"] = cards.method(world, params["payment_method"], "payment_method")["id"]
        intent["status"] = "requires_confirmation"
    return _confirmed(world, intent, params) if params.get("confirm") else intent


def confirm(world: World, params: Params, intent_id: str) -> Obj:
    return _confirmed(world, world.get(KIND, intent_id), params)


def _confirmed(world: World, intent: Obj, params: Params) -> Obj:
    if intent["status"] not in OPEN:
        raise StripeError(
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )
    method_id = params.get("payment_method") or intent["payment_method"]
    if not method_id:
        raise required("payment_method")
    method = cards.method(world, method_id, "payment_method")
    intent["payment_method"] = method["id"]
    if cards.card_of(method).asks != "never":
        url = f"{world.base_url}/authenticate/{intent['client_secret']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": params.get("return_url"), "url": url}}
        changed(world, intent, "setup_intent.requires_action", status="requires_action", next_action=action)
        return intent
    return save(world, intent, method)


def save(world: World, intent: Obj, method: Obj) -> Obj:
    """The card is the customer's from now on."""
    if intent["customer"] and method["customer"] is None:
        payment_methods.attach_to(world, method, world.get("customer", intent["customer"]))
    method["_used"] = True
    changed(world, intent, "setup_intent.succeeded", status="succeeded", next_action=None)
    return intent


def refuse(world: World, intent: Obj) -> None:
    """The bank's question was not answered."""
    error = {
        "type": "invalid_request_error",
        "code": "setup_intent_authentication_failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
    }
    changed(
        world,
        intent,
        "setup_intent.setup_failed",
        status="requires_payment_method",
        last_setup_error=error,
        next_action=None,
        payment_method=None,
    )


def cancel(world: World, params: Params, intent_id: str) -> Obj:
    intent = world.get(KIND, intent_id)
    if intent["status"] not in OPEN:
        raise StripeError(f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.")
    reason = params.get("cancellation_reason")
    changed(world, intent, "setup_intent.canceled", status="canceled", cancellation_reason=reason, next_action=None)
    return intent


def retrieve(world: World, params: Params, intent_id: str) -> Obj:
    return world.get(KIND, intent_id)


def listing(world: World, params: Params) -> Obj:
    return page(world, KIND, params, "/v1/setup_intents", matches(params, "customer", "payment_method"))


ROUTES = (
    Route("POST", "/v1/setup_intents", create),
    Route("GET", "/v1/setup_intents", listing),
    Route("GET", "/v1/setup_intents/{intent}", retrieve),
    Route("POST", "/v1/setup_intents/{intent}/confirm", confirm),
    Route("POST", "/v1/setup_intents/{intent}/cancel", cancel),
)
