"""What leaves the emulator: stored objects with what Stripe puts inside them, and what `expand` asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.store import public
from tools.emulator.stripe.types import Obj

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

DEEPEST = 4


def listed(data: list[Any], url: str, has_more: bool = False) -> Obj:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def render(world: World, obj: Obj) -> Obj:
    """A copy for the outside, references as ids."""
    shown: Obj = public(obj)
    fill = _FILLED.get(obj.get("object", ""))
    if fill and not obj.get("deleted"):
        fill(world, obj, shown)
    return shown


def _subscription(world: World, obj: Obj, shown: Obj) -> None:
    items = [render(world, world.get("subscription_item", item)) for item in obj["_items"]]
    url = f"/v1/subscription_items?subscription={obj['id']}"
    shown["items"] = listed(items, url)


def _bought(world: World, obj: Obj, shown: Obj) -> None:
    shown["price"] = render(world, world.get("price", obj["price"]))


def _invoice(world: World, obj: Obj, shown: Obj) -> None:
    lines = [public(line) for line in obj["_lines"]]
    shown["lines"] = listed(lines, f"/v1/invoices/{obj['id']}/lines")
    shown["hosted_invoice_url"] = shown["invoice_pdf"] = None
    if obj["status"] != "draft" and obj.get("_secret"):
        shown["hosted_invoice_url"] = f"{world.base_url}/invoices/{obj['id']}/{obj['_secret']}"
        shown["invoice_pdf"] = f"{world.base_url}/invoices/{obj['id']}/{obj['_secret']}/pdf"


def _session(world: World, obj: Obj, shown: Obj) -> None:
    shown["url"] = f"{world.base_url}/checkout/{obj['id']}" if obj["status"] == "open" else None


def _portal(world: World, obj: Obj, shown: Obj) -> None:
    shown["url"] = f"{world.base_url}/portal/{obj['_secret']}"


def _product_feature(world: World, obj: Obj, shown: Obj) -> None:
    shown["entitlement_feature"] = render(world, world.get("entitlements.feature", obj["entitlement_feature"]))


def _event(world: World, obj: Obj, shown: Obj) -> None:
    shown["pending_webhooks"] = sum(
        1 for d in world.store.glance("delivery") if d["event"] == obj["id"] and d["state"] == "pending"
    )


_FILLED: dict[str, Callable[[World, Obj, Obj], None]] = {
    "subscription": _subscription,
    "subscription_item": _bought,
    "item": _bought,
    "invoice": _invoice,
    "checkout.session": _session,
    "billing_portal.session": _portal,
    "product_feature": _product_feature,
    "event": _event,
}


def _line_items(world: World, owner: Obj) -> Obj:
    stored = world.get("checkout.session", owner["id"])
    shown = [render(world, world.get("item", line)) for line in stored["_line_items"]]
    return listed(shown, f"/v1/checkout/sessions/{owner['id']}/line_items")


def _payments(world: World, owner: Obj) -> Obj:
    found = [p for p in world.store.glance("invoice_payment") if p["invoice"] == owner["id"]]
    return listed([render(world, one) for one in found], "/v1/invoice_payments")


def _secret_of(world: World, owner: Obj) -> Obj | None:
    for payment in world.store.glance("invoice_payment"):
        if payment["invoice"] == owner["id"]:
            intent = world.get("payment_intent", payment["payment"]["payment_intent"])
            return {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return None


def _refunds(world: World, owner: Obj) -> Obj:
    found = [r for r in world.store.glance("refund") if r["charge"] == owner["id"]]
    return listed([render(world, one) for one in reversed(found)], f"/v1/charges/{owner['id']}/refunds")


def _subscriptions(world: World, owner: Obj) -> Obj:
    found = [
        s for s in world.store.glance("subscription") if s["customer"] == owner["id"] and s["status"] != "canceled"
    ]
    return listed([render(world, one) for one in reversed(found)], f"/v1/customers/{owner['id']}/subscriptions")


# What is inside only on request, by the kind of object.
_INCLUDED: dict[tuple[str, str], Callable[[World, Obj], Any]] = {
    ("checkout.session", "line_items"): _line_items,
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _secret_of,
    ("charge", "refunds"): _refunds,
    ("customer", "subscriptions"): _subscriptions,
}


def expand(world: World, shown: Obj, paths: list[str]) -> Obj:
    """Put whole objects where `paths` name references; StripeError for a path that leads nowhere."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST + (parts[0] == "data"):
            raise StripeError(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand"
            )
        _expand(world, shown, parts, path)
    return shown


def _expand(world: World, here: Any, parts: list[str], path: str) -> None:
    if not parts or here is None:
        return
    if isinstance(here, list):
        for one in here:
            _expand(world, one, parts, path)
        return
    name = parts[0]
    include = _INCLUDED.get((here.get("object", ""), name)) if isinstance(here, dict) else None
    if include and not isinstance(here.get(name), dict):
        here[name] = include(world, here)
    if not isinstance(here, dict) or name not in here:
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    value = here[name]
    if isinstance(value, str) and (found := world.store.find(value)):
        value = here[name] = render(world, found[1])
    elif isinstance(value, str | int | bool):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    _expand(world, value, parts[1:], path)
