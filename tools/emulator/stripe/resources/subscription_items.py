"""Subscription items by themselves: reading them, and changing one as an update of its subscription does."""

from __future__ import annotations

from tools.emulator.stripe.listing import page
from tools.emulator.stripe.resources import subscriptions
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

KIND = "subscription_item"
_OF_ITEM = ("price", "quantity", "metadata")


def retrieve(world: World, params: Params, item_id: str) -> Obj:
    return world.get(KIND, item_id)


def listing(world: World, params: Params) -> Obj:
    subscription = world.refer("subscription", params["subscription"], "subscription")
    return page(world, KIND, params, "/v1/subscription_items", lambda item: item["id"] in subscription["_items"])


def update(world: World, params: Params, item_id: str) -> Obj:
    item = world.get(KIND, item_id)
    own = {name: params[name] for name in _OF_ITEM if name in params}
    rest = {name: value for name, value in params.items() if name not in _OF_ITEM}
    subscriptions.update(world, {**rest, "items": [{"id": item_id, **own}]}, item["subscription"])
    return item


def delete(world: World, params: Params, item_id: str) -> Obj:
    item = world.get(KIND, item_id)
    subscriptions.update(world, {**params, "items": [{"id": item_id, "deleted": True}]}, item["subscription"])
    return {"id": item_id, "object": KIND, "deleted": True}


ROUTES = (
    Route("GET", "/v1/subscription_items", listing),
    Route("GET", "/v1/subscription_items/{item}", retrieve),
    Route("POST", "/v1/subscription_items/{item}", update),
    Route("DELETE", "/v1/subscription_items/{item}", delete),
)
