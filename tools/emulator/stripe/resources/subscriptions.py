"""Subscriptions."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import changing, ending, invoicing, lines, renewing, starting, status
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.render import render
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

PLAIN = ("description", "collection_method", "days_until_due", "trial_settings")


def create(world: World, params: Params) -> Obj:
    return starting.begin(world, params)


def retrieve(world: World, params: Params, subscription_id: str) -> Obj:
    return world.get("subscription", subscription_id)


def update(world: World, params: Params, subscription_id: str) -> Obj:
    subscription = world.get("subscription", subscription_id)
    _must_run(subscription, params)
    before = render(world, subscription)
    subscription.update(_fields(world, subscription, params))
    items = params.get("items")
    if items or params.get("billing_cycle_anchor") == "now":
        found = changing.change_items(world, subscription, items or [], params)
        changing.settle(world, subscription, found, params, before, present=False)
    else:
        status.tell(world, subscription, before)
    if "trial_end" in params:
        _move_trial(world, subscription, params["trial_end"])
    return subscription


def _must_run(subscription: Obj, params: Params) -> None:
    if subscription["status"] in status.ENDED and set(params) - {"metadata", "cancellation_details"}:
        raise StripeError(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="resource_missing" if subscription["status"] == "canceled" else None,
        )


def _fields(world: World, subscription: Obj, params: Params) -> dict[str, Any]:
    fields: dict[str, Any] = {name: params[name] for name in PLAIN if name in params}
    fields["metadata"] = metadata.merged(subscription, params)
    if "cancel_at_period_end" in params or "cancel_at" in params:
        fields |= changing.plan_end(world, subscription, params)
    if given := params.get("cancellation_details"):
        kept = fields.get("cancellation_details") or subscription["cancellation_details"]
        fields["cancellation_details"] = {**kept, **given}
    if "default_payment_method" in params:
        fields["default_payment_method"] = _method(world, subscription, params)
    if given := params.get("payment_settings"):
        fields["payment_settings"] = {**subscription["payment_settings"], **given}
    return fields


def _method(world: World, subscription: Obj, params: Params) -> str | None:
    if params["default_payment_method"] is None:
        return None
    method = cards.method(world, params["default_payment_method"], "default_payment_method")
    if method["customer"] != subscription["customer"]:
        raise StripeError(
            "The customer does not have a payment method with that ID.",
            code="resource_missing",
            param="default_payment_method",
        )
    return str(method["id"])


def _move_trial(world: World, subscription: Obj, end: object) -> None:
    if subscription["status"] != "trialing":
        raise StripeError("The emulator moves the end of a trial that runs only.", param="trial_end")
    if end == "now":
        changing.end_trial(world, subscription)
        return
    if not isinstance(end, int) or end <= world.now():
        raise StripeError("The trial end must be in the future.", param="trial_end")
    for item in lines.items_of(world, subscription):
        item["current_period_end"] = end
    status.update(world, subscription, trial_end=end, billing_cycle_anchor=end)


def cancel(world: World, params: Params, subscription_id: str) -> Obj:
    subscription = world.get("subscription", subscription_id)
    if subscription["status"] in status.ENDED:
        raise StripeError(f"No such subscription: '{subscription_id}'", status=404, code="resource_missing", param="id")
    if params.get("invoice_now") or params.get("prorate"):
        _bill_at_end(world, subscription, params)
    if subscription["status"] == "incomplete":
        ending.expire(world, subscription)
    else:
        ending.cancel(world, subscription, "cancellation_requested", params.get("cancellation_details"))
    return subscription


def _bill_at_end(world: World, subscription: Obj, params: Params) -> None:
    """With `prorate` what was not used is given back; with `invoice_now` everything kept is billed."""
    found = subscription.pop("_later", [])
    if params.get("prorate"):
        for item in lines.items_of(world, subscription):
            price = world.get("price", item["price"])
            found.append(lines.prorated(world, item, price, item["quantity"], world.now(), credit=True))
    if params.get("invoice_now") and found:
        invoicing.bill(world, subscription, found, "subscription_update", present=False)


def resume(world: World, params: Params, subscription_id: str) -> Obj:
    subscription = world.get("subscription", subscription_id)
    if subscription["status"] != "paused":
        raise StripeError("This subscription is not paused, so it cannot be resumed.")
    renewing.resume(world, subscription)
    return subscription


def listing(world: World, params: Params) -> Obj:
    wanted_status = params.get("status")

    def wanted(subscription: Obj) -> bool:
        state = subscription["status"]
        fits = state not in status.ENDED if wanted_status is None else wanted_status in ("all", state)
        if wanted_status == "ended":
            fits = state in status.ENDED
        return (
            fits
            and params.get("customer", subscription["customer"]) == subscription["customer"]
            and ("price" not in params or any(i["price"] == params["price"] for i in _items(world, subscription)))
            and params.get("collection_method", subscription["collection_method"]) == subscription["collection_method"]
        )

    return page(world, "subscription", params, "/v1/subscriptions", wanted)


def _items(world: World, subscription: Obj) -> list[Obj]:
    return lines.items_of(world, subscription)


ROUTES = (
    Route("POST", "/v1/subscriptions", create),
    Route("GET", "/v1/subscriptions", listing),
    Route("GET", "/v1/subscriptions/{subscription_exposed_id}", retrieve),
    Route("POST", "/v1/subscriptions/{subscription_exposed_id}", update),
    Route("DELETE", "/v1/subscriptions/{subscription_exposed_id}", cancel),
    Route("POST", "/v1/subscriptions/{subscription}/resume", resume),
)
