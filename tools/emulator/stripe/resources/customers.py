"""Customers, their payment methods and their credit balance."""

from __future__ import annotations

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import ending
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.listing import matches, page
from tools.emulator.stripe.resources import metadata, payment_methods
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

PLAIN = ("name", "email", "description", "phone", "address", "shipping", "preferred_locales", "tax_exempt", "balance")


def create(world: World, params: Params) -> Obj:
    customer = world.make(
        "customer",
        balance=0,
        delinquent=False,
        invoice_prefix=random_text(8).upper(),
        next_invoice_sequence=1,
        tax_exempt="none",
        preferred_locales=[],
        metadata=metadata.given(params),
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
    )
    customer.update({name: params[name] for name in PLAIN if name in params})
    if "payment_method" in params:
        method = cards.method(world, params["payment_method"], "payment_method")
        payment_methods.attach_to(world, method, customer)
    emit(world, "customer.created", customer)
    if settings := params.get("invoice_settings"):
        customer["invoice_settings"] = _settings(world, customer, settings)
    return customer


def _settings(world: World, customer: Obj, given: Params) -> Obj:
    """Only a payment method of the customer's own may be the default one."""
    wanted = given.get("default_payment_method")
    if wanted:
        method = cards.method(world, wanted, "invoice_settings[default_payment_method]")
        if method["customer"] is None and wanted != method["id"]:
            payment_methods.attach_to(world, method, customer)
        if method["customer"] != customer["id"]:
            raise StripeError(
                f"The customer does not have a payment method with the ID {wanted}. "
                "The payment method must be attached to the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
        given = {**given, "default_payment_method": method["id"]}
    return {**customer["invoice_settings"], **given}


def retrieve(world: World, params: Params, customer_id: str) -> Obj:
    return world.get("customer", customer_id)


def alive(world: World, customer_id: str) -> Obj:
    customer = world.get("customer", customer_id)
    if customer.get("deleted"):
        raise StripeError(f"No such customer: '{customer_id}'", status=404, code="resource_missing", param="id")
    return customer


def update(world: World, params: Params, customer_id: str) -> Obj:
    customer = alive(world, customer_id)
    fields = {name: params[name] for name in PLAIN if name in params}
    if "invoice_settings" in params:
        fields["invoice_settings"] = _settings(world, customer, params["invoice_settings"] or {})
    changed(world, customer, "customer.updated", **fields, metadata=metadata.merged(customer, params))
    return customer


def delete(world: World, params: Params, customer_id: str) -> Obj:
    """Its subscriptions end at once; only its id stays known."""
    customer = alive(world, customer_id)
    for subscription in world.store.all("subscription", matches({"customer": customer_id}, "customer")):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            ending.cancel(world, subscription, "cancellation_requested")
    emit(world, "customer.deleted", customer)
    customer.clear()
    customer.update({"id": customer_id, "object": "customer", "deleted": True})
    return {"id": customer_id, "object": "customer", "deleted": True}


def listing(world: World, params: Params) -> Obj:
    same = matches(params, "email")
    return page(world, "customer", params, "/v1/customers", lambda c: same(c) and not c.get("deleted"))


def balance_transactions(world: World, params: Params, customer_id: str) -> Obj:
    alive(world, customer_id)
    url = f"/v1/customers/{customer_id}/balance_transactions"
    return page(world, "customer_balance_transaction", params, url, lambda t: t["customer"] == customer_id)


ROUTES = (
    Route("POST", "/v1/customers", create),
    Route("GET", "/v1/customers", listing),
    Route("GET", "/v1/customers/{customer}", retrieve),
    Route("POST", "/v1/customers/{customer}", update),
    Route("DELETE", "/v1/customers/{customer}", delete),
    Route("GET", "/v1/customers/{customer}/balance_transactions", balance_transactions),
)
