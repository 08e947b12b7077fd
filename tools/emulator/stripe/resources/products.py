"""Products."""

from __future__ import annotations

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.listing import matches, page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

PLAIN = ("name", "description", "active", "images", "marketing_features", "statement_descriptor", "unit_label", "url")


def create(world: World, params: Params) -> Obj:
    if "id" in params and world.store.find(params["id"]):
        raise StripeError("Product already exists.", code="resource_already_exists", param="id")
    chosen = {"id": params["id"]} if "id" in params else {}
    product = world.make("product", **chosen, active=True, metadata=metadata.given(params), updated=world.now())
    product.update({name: params[name] for name in PLAIN if name in params})
    emit(world, "product.created", product)
    if "default_price_data" in params:
        from tools.emulator.stripe.resources import prices

        price = prices.create(world, {**params["default_price_data"], "product": product["id"]})
        product["default_price"] = price["id"]
    return product


def retrieve(world: World, params: Params, product_id: str) -> Obj:
    return world.get("product", product_id)


def update(world: World, params: Params, product_id: str) -> Obj:
    product = world.get("product", product_id)
    fields = {name: params[name] for name in (*PLAIN, "default_price") if name in params}
    if fields.get("default_price"):
        world.refer("price", fields["default_price"], "default_price")
    fields["metadata"] = metadata.merged(product, params)
    if any(product.get(name) != value for name, value in fields.items()):
        changed(world, product, "product.updated", **fields, updated=world.now())
    return product


def delete(world: World, params: Params, product_id: str) -> Obj:
    product = world.get("product", product_id)
    if any(price["product"] == product_id for price in world.store.glance("price")):
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.", param="id")
    emit(world, "product.deleted", product)
    world.store.remove(product_id)
    return {"id": product_id, "object": "product", "deleted": True}


def listing(world: World, params: Params) -> Obj:
    same = matches(params, "active", "shippable", "url")
    ids = params.get("ids")
    return page(world, "product", params, "/v1/products", lambda p: same(p) and (not ids or p["id"] in ids))


ROUTES = (
    Route("POST", "/v1/products", create),
    Route("GET", "/v1/products", listing),
    Route("GET", "/v1/products/{id}", retrieve),
    Route("POST", "/v1/products/{id}", update),
    Route("DELETE", "/v1/products/{id}", delete),
)
