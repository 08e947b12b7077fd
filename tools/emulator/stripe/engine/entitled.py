"""What a customer is entitled to: the features of the products of subscriptions that are in force."""

from __future__ import annotations

from tools.emulator.stripe.events import emit
from tools.emulator.stripe.render import listed
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World

IN_FORCE = ("active", "trialing", "past_due")


def features_of(world: World, customer_id: str) -> dict[str, Obj]:
    """By id of the feature."""
    products = {
        world.get("price", item["price"])["product"]
        for subscription in world.store.glance("subscription")
        if subscription["customer"] == customer_id and subscription["status"] in IN_FORCE
        for item in (world.get("subscription_item", one) for one in subscription["_items"])
    }
    ids = [p["entitlement_feature"] for p in world.store.glance("product_feature") if p["_product"] in products]
    return {one: world.get("entitlements.feature", one) for one in ids}


def recount(world: World, customer_id: str) -> None:
    """Give and take entitlements, and tell of it when that changed any."""
    wanted = features_of(world, customer_id)
    held = {e["feature"]: e for e in of_customer(world, customer_id)}
    if set(wanted) == set(held):
        return
    for feature, entitlement in held.items():
        if feature not in wanted:
            world.store.remove(entitlement["id"])
    for feature, found in wanted.items():
        if feature not in held:
            world.make(
                "entitlements.active_entitlement",
                feature=feature,
                lookup_key=found["lookup_key"],
                _customer=customer_id,
            )
    url = f"/v1/customer/{customer_id}/entitlements"
    summary = {
        "id": customer_id,
        "object": "entitlements.active_entitlement_summary",
        "customer": customer_id,
        "entitlements": listed(of_customer(world, customer_id), url),
        "livemode": False,
    }
    summary.pop("id")
    emit(world, "entitlements.active_entitlement_summary.updated", summary)


def of_customer(world: World, customer_id: str) -> list[Obj]:
    return world.store.all("entitlements.active_entitlement", lambda e: e["_customer"] == customer_id)
