"""Entitlement features, which products carry them, and who holds them."""

from __future__ import annotations

from tools.emulator.stripe.engine import entitled
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.render import render
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

FEATURE = "entitlements.feature"


def create(world: World, params: Params) -> Obj:
    key = params["lookup_key"]
    if any(feature["lookup_key"] == key for feature in world.store.glance(FEATURE)):
        raise StripeError(f"A feature with the lookup key '{key}' already exists.", param="lookup_key")
    return world.make(FEATURE, name=params["name"], lookup_key=key, active=True, metadata=metadata.given(params))


def retrieve(world: World, params: Params, feature_id: str) -> Obj:
    return world.get(FEATURE, feature_id)


def update(world: World, params: Params, feature_id: str) -> Obj:
    feature = world.get(FEATURE, feature_id)
    feature.update({name: params[name] for name in ("name", "active") if name in params})
    feature["metadata"] = metadata.merged(feature, params)
    return feature


def listing(world: World, params: Params) -> Obj:
    key, archived = params.get("lookup_key"), params.get("archived", False)
    return page(
        world,
        FEATURE,
        params,
        "/v1/entitlements/features",
        lambda f: key in (None, f["lookup_key"]) and f["active"] != archived,
    )


def attach(world: World, params: Params, product_id: str) -> Obj:
    product = world.get("product", product_id)
    feature = world.refer(FEATURE, params["entitlement_feature"], "entitlement_feature")
    if any(p["entitlement_feature"] == feature["id"] for p in _of(world, product_id)):
        raise StripeError("This feature is already attached to the product.", param="entitlement_feature")
    made = world.make("product_feature", entitlement_feature=feature["id"], _product=product["id"])
    _recount_holders(world)
    return made


def _of(world: World, product_id: str) -> list[Obj]:
    return [one for one in world.store.glance("product_feature") if one["_product"] == product_id]


def _recount_holders(world: World) -> None:
    for customer in {subscription["customer"] for subscription in world.store.glance("subscription")}:
        entitled.recount(world, customer)


def attached(world: World, params: Params, product_id: str) -> Obj:
    world.get("product", product_id)
    return page(
        world, "product_feature", params, f"/v1/products/{product_id}/features", lambda p: p["_product"] == product_id
    )


def one_attached(world: World, params: Params, product_id: str, attached_id: str) -> Obj:
    found = world.get("product_feature", attached_id)
    if found["_product"] != product_id:
        raise StripeError(f"No such product feature: '{attached_id}'", status=404, code="resource_missing", param="id")
    return found


def detach(world: World, params: Params, product_id: str, attached_id: str) -> Obj:
    one_attached(world, params, product_id, attached_id)
    world.store.remove(attached_id)
    _recount_holders(world)
    return {"id": attached_id, "object": "product_feature", "deleted": True}


def held(world: World, params: Params) -> Obj:
    if "customer" not in params:
        raise required("customer")
    world.refer("customer", params["customer"], "customer")
    return page(
        world,
        "entitlements.active_entitlement",
        params,
        "/v1/entitlements/active_entitlements",
        lambda e: e["_customer"] == params["customer"],
    )


def one_held(world: World, params: Params, entitlement_id: str) -> Obj:
    return render(world, world.get("entitlements.active_entitlement", entitlement_id))


ROUTES = (
    Route("POST", "/v1/entitlements/features", create),
    Route("GET", "/v1/entitlements/features", listing),
    Route("GET", "/v1/entitlements/features/{id}", retrieve),
    Route("POST", "/v1/entitlements/features/{id}", update),
    Route("GET", "/v1/entitlements/active_entitlements", held),
    Route("GET", "/v1/entitlements/active_entitlements/{id}", one_held),
    Route("POST", "/v1/products/{product}/features", attach),
    Route("GET", "/v1/products/{product}/features", attached),
    Route("GET", "/v1/products/{product}/features/{id}", one_attached),
    Route("DELETE", "/v1/products/{product}/features/{id}", detach),
)
