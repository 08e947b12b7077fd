"""Payment methods: cards, by Stripe's test numbers."""

from __future__ import annotations

from tools.emulator.stripe import cards
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World


def create(world: World, params: Params) -> Obj:
    if params.get("type") != "card" or "card" not in params:
        raise StripeError("The emulator has cards only; give type=card and card.", param="type")
    given = params["card"]
    card = cards.by_token(given["token"]) if "token" in given else cards.by_number(given.get("number", ""))
    method = cards.new_method(world, card, params.get("billing_details"))
    method["metadata"] = metadata.given(params)
    return method


def attach_to(world: World, method: Obj, customer: Obj) -> Obj:
    """Save it with the customer; a card that cannot be saved is declined."""
    if method["customer"] not in (None, customer["id"]):
        raise StripeError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    card = cards.card_of(method)
    if not card.attaches:
        raise cards.declined(card, payment_method=method["id"])
    method["customer"] = customer["id"]
    emit(world, "payment_method.attached", method)
    return method


def attach(world: World, params: Params, method_id: str) -> Obj:
    method = cards.method(world, method_id, "payment_method")
    if "customer" not in params:
        raise StripeError("Missing required param: customer.", code="parameter_missing", param="customer")
    return attach_to(world, method, world.refer("customer", params["customer"], "customer"))


def detach(world: World, params: Params, method_id: str) -> Obj:
    method = world.get("payment_method", method_id)
    if method["customer"] is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = world.get("customer", method["customer"])
    method["customer"] = None
    emit(world, "payment_method.detached", method, {"customer": customer["id"]})
    settings = customer.get("invoice_settings") or {}
    if settings.get("default_payment_method") == method_id:
        emptied = {**settings, "default_payment_method": None}
        changed(world, customer, "customer.updated", invoice_settings=emptied)
    for subscription in world.store.all("subscription", lambda s: s["default_payment_method"] == method_id):
        subscription["default_payment_method"] = None
    return method


def retrieve(world: World, params: Params, method_id: str) -> Obj:
    return world.get("payment_method", method_id)


def update(world: World, params: Params, method_id: str) -> Obj:
    method = world.get("payment_method", method_id)
    changed(world, method, "payment_method.updated", metadata=metadata.merged(method, params))
    return method


def listing(world: World, params: Params) -> Obj:
    return _of(world, params, params.get("customer"), "/v1/payment_methods")


def of_customer(world: World, params: Params, customer_id: str) -> Obj:
    world.get("customer", customer_id)
    return _of(world, params, customer_id, f"/v1/customers/{customer_id}/payment_methods")


def _of(world: World, params: Params, customer_id: str | None, url: str) -> Obj:
    kind = params.get("type", "card")
    return page(
        world,
        "payment_method",
        params,
        url,
        lambda m: m["type"] == kind and m["customer"] == customer_id and customer_id is not None,
    )


ROUTES = (
    Route("POST", "/v1/payment_methods", create),
    Route("GET", "/v1/payment_methods", listing),
    Route("GET", "/v1/payment_methods/{payment_method}", retrieve),
    Route("POST", "/v1/payment_methods/{payment_method}", update),
    Route("POST", "/v1/payment_methods/{payment_method}/attach", attach),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", detach),
    Route("GET", "/v1/customers/{customer}/payment_methods", of_customer),
)
