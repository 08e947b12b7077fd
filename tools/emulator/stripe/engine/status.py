"""The one place where a subscription's status changes, and what is told of it."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.engine import entitled
from tools.emulator.stripe.events import emit
from tools.emulator.stripe.render import render
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World

ENDED = ("canceled", "incomplete_expired")


def of_invoice(world: World, invoice: Obj) -> Obj | None:
    """The subscription that an invoice is for."""
    details = (invoice.get("parent") or {}).get("subscription_details")
    return world.store.get("subscription", details["subscription"]) if details else None


def update(world: World, subscription: Obj, **fields: Any) -> None:
    """Set fields, status included, and tell of it: deleted, paused, resumed or updated."""
    before = render(world, subscription)
    subscription.update(fields)
    tell(world, subscription, before)


def tell(world: World, subscription: Obj, before: Obj) -> None:
    """Of everything that differs from how the subscription was shown before."""
    after = render(world, subscription)
    previous = {name: value for name, value in before.items() if after.get(name) != value}
    if not previous:
        return
    kind = _kind(previous.get("status"), after["status"])
    emit(world, f"customer.subscription.{kind}", subscription, None if kind == "deleted" else previous)
    entitled.recount(world, subscription["customer"])


def _kind(before: str | None, after: str) -> str:
    if before is not None and after == "canceled":
        return "deleted"
    if before is not None and after == "paused":
        return "paused"
    return "resumed" if before == "paused" else "updated"
