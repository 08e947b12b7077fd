"""Billing portal: configurations, which say what customers may do, and sessions, which let one in."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

CONFIGURATION = "billing_portal.configuration"
SESSION = "billing_portal.session"
SESSION_SECONDS = 3_600  # a page that nobody looks at for an hour is closed
REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "other"]
_NO_FEATURES: Obj = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": None, "options": REASONS},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": [],
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}

# What the dashboard's own configuration allows; its plans are those on sale when a session is made.
_EVERYTHING: Params = {
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": True, "options": REASONS},
        "enabled": True,
        "mode": "at_period_end",
    },
    "subscription_update": {
        "default_allowed_updates": ["price"],
        "enabled": False,
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
    },
}


def create_configuration(world: World, params: Params) -> Obj:
    configuration = world.make(
        CONFIGURATION,
        active=True,
        business_profile=_profile(params),
        default_return_url=params.get("default_return_url"),
        features=_features(world, _NO_FEATURES, params["features"]),
        is_default=not any(True for _ in world.store.glance(CONFIGURATION)),
        login_page={"enabled": False, "url": None},
        metadata=metadata.given(params),
        name=params.get("name"),
        updated=world.now(),
    )
    emit(world, "billing_portal.configuration.created", configuration)
    return configuration


def _profile(params: Params) -> Obj:
    empty: Obj = {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None}
    return {**empty, **(params.get("business_profile") or {})}


def _features(world: World, before: Obj, given: Params) -> Obj:
    merged = {name: {**before[name], **_whole(given.get(name, {}))} for name in _NO_FEATURES}
    cancelling: Params = given.get("subscription_cancel", {}).get("cancellation_reason") or {}
    kept = before["subscription_cancel"]["cancellation_reason"]
    merged["subscription_cancel"]["cancellation_reason"] = {**kept, **_whole(cancelling)}
    update = merged["subscription_update"]
    update["products"] = [_product(world, one) for one in update["products"]]
    update["schedule_at_period_end"] = {"conditions": [], **update["schedule_at_period_end"]}
    if update["enabled"] and not (update["products"] and update["default_allowed_updates"]):
        raise required("features[subscription_update][products]")
    return merged


def _whole(given: Params) -> Params:
    """What is set; an emptied list is an empty one."""
    return {name: [] if value is None else value for name, value in given.items()}


def _product(world: World, given: Params) -> Obj:
    param = "features[subscription_update][products]"
    world.refer("product", given["product"], param)
    for price_id in given["prices"]:
        price = world.refer("price", price_id, param)
        if price["product"] != given["product"] or price["type"] != "recurring":
            raise StripeError(f"The price {price_id} is no recurring price of {given['product']}.", param=param)
    adjustable = {"enabled": False, "maximum": None, "minimum": 0}
    return {
        "adjustable_quantity": given.get("adjustable_quantity") or adjustable,
        "prices": list(given["prices"]),
        "product": given["product"],
    }


def retrieve_configuration(world: World, params: Params, configuration_id: str) -> Obj:
    return world.get(CONFIGURATION, configuration_id)


def update_configuration(world: World, params: Params, configuration_id: str) -> Obj:
    configuration = world.get(CONFIGURATION, configuration_id)
    fields: dict[str, Any] = {name: params[name] for name in ("active", "default_return_url", "name") if name in params}
    if "features" in params:
        fields["features"] = _features(world, configuration["features"], params["features"])
    if "business_profile" in params:
        fields["business_profile"] = {**configuration["business_profile"], **params["business_profile"]}
    fields["metadata"] = metadata.merged(configuration, params)
    configuration.pop("_of_dashboard", None)
    changed(world, configuration, "billing_portal.configuration.updated", **fields, updated=world.now())
    return configuration


def configurations(world: World, params: Params) -> Obj:
    return page(
        world,
        CONFIGURATION,
        params,
        "/v1/billing_portal/configurations",
        lambda c: all(c[name] == params[name] for name in ("active", "is_default") if name in params),
    )


def create_session(world: World, params: Params) -> Obj:
    if "customer" not in params:
        raise required("customer")
    customer = world.refer("customer", params["customer"], "customer")
    configuration = _chosen(world, params)
    session = world.make(
        SESSION,
        configuration=configuration["id"],
        customer=customer["id"],
        flow=_flow(world, customer, params["flow_data"]) if "flow_data" in params else None,
        locale=params.get("locale"),
        return_url=params.get("return_url") or configuration["default_return_url"],
        _secret=random_text(40),
        _ends=world.now() + SESSION_SECONDS,
    )
    emit(world, "billing_portal.session.created", session)
    return session


def _chosen(world: World, params: Params) -> Obj:
    if "configuration" in params:
        return world.refer(CONFIGURATION, params["configuration"], "configuration")
    default = world.store.all(CONFIGURATION, lambda one: one["is_default"])
    configuration = default[0] if default else _of_dashboard(world)
    if configuration.get("_of_dashboard"):
        _offer_everything(world, configuration)
    return configuration


def _of_dashboard(world: World) -> Obj:
    """The configuration that a merchant has saved in the dashboard: everything, and every plan that is on sale."""
    made = create_configuration(world, {"features": _EVERYTHING})
    made["_of_dashboard"] = True
    return made


def _offer_everything(world: World, configuration: Obj) -> None:
    products: dict[str, list[str]] = {}
    for price in world.store.glance("price"):
        if price["active"] and price["type"] == "recurring":
            products.setdefault(price["product"], []).append(price["id"])
    offered = [_product(world, {"product": product, "prices": prices}) for product, prices in products.items()]
    configuration["features"]["subscription_update"] |= {"enabled": bool(offered), "products": offered}


def _flow(world: World, customer: Obj, given: Params) -> Obj:
    kind = given["type"]
    after = given.get("after_completion") or {"type": "portal_homepage"}
    flow: Obj = {
        "type": kind,
        "after_completion": {"hosted_confirmation": None, "redirect": None, **after},
        "customer_update": None,
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
    }
    if kind in ("subscription_cancel", "subscription_update", "subscription_update_confirm"):
        asked = given.get(kind) or {}
        if "subscription" not in asked:
            raise required(f"flow_data[{kind}][subscription]")
        subscription = world.refer("subscription", asked["subscription"], f"flow_data[{kind}][subscription]")
        if subscription["customer"] != customer["id"]:
            raise StripeError("The subscription belongs to another customer.", param=f"flow_data[{kind}][subscription]")
        empty: dict[str, Obj] = {
            "subscription_cancel": {"retention": None},
            "subscription_update_confirm": {"discounts": None},
        }
        flow[kind] = {**empty.get(kind, {}), **asked}
    return flow


ROUTES = (
    Route("POST", "/v1/billing_portal/configurations", create_configuration),
    Route("GET", "/v1/billing_portal/configurations", configurations),
    Route("GET", "/v1/billing_portal/configurations/{configuration}", retrieve_configuration),
    Route("POST", "/v1/billing_portal/configurations/{configuration}", update_configuration),
    Route("POST", "/v1/billing_portal/sessions", create_session),
)
