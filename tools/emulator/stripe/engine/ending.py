"""The end of a subscription."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.engine import status
from tools.emulator.stripe.events import changed
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def cancel(world: World, subscription: Obj, reason: str, details: Obj | None = None) -> None:
    """At once. What is still open of it is no longer collected by itself."""
    now = world.now()
    fields: dict[str, Any] = {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
    given = {"comment": None, "feedback": None, **(details or {})}
    kept = subscription["cancellation_details"] or {}
    fields["cancellation_details"] = {**given, "reason": kept.get("reason") or reason}
    fields["pending_update"] = None
    for invoice in world.store.all("invoice", lambda one: status.of_invoice(world, one) is subscription):
        if invoice["status"] in ("open", "draft"):
            invoice.update(next_payment_attempt=None, auto_advance=False)
    _end_schedule(world, subscription, fields)
    status.update(world, subscription, **fields)


def _end_schedule(world: World, subscription: Obj, fields: dict[str, Any]) -> None:
    if subscription["schedule"]:
        schedule = world.get("subscription_schedule", subscription["schedule"])
        fields["schedule"] = None
        changed(
            world,
            schedule,
            "subscription_schedule.canceled",
            status="canceled",
            canceled_at=world.now(),
            current_phase=None,
        )


def expire(world: World, subscription: Obj) -> None:
    """The first payment never came: nothing was sold, its invoice is void."""
    from tools.emulator.stripe.engine import invoicing

    if subscription["latest_invoice"]:
        invoice = world.get("invoice", subscription["latest_invoice"])
        if invoice["status"] == "open":
            invoicing.void(world, invoice)
    status.update(world, subscription, status="incomplete_expired", ended_at=world.now())
