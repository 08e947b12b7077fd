"""Subscription schedules: the phases that a subscription goes through."""

from __future__ import annotations

from tools.emulator.stripe.engine import ending, lines
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def arrive(world: World, subscription: Obj) -> None:
    """The end of a phase is the beginning of the next, or of what comes after the last."""
    if not subscription["schedule"]:
        return
    schedule = world.get("subscription_schedule", subscription["schedule"])
    now = lines.items_of(world, subscription)[0]["current_period_end"]
    if (schedule["current_phase"] or {}).get("end_date", now + 1) > now:
        return
    upcoming = [phase for phase in schedule["phases"] if phase["end_date"] > now]
    if upcoming:
        enter(world, subscription, schedule, upcoming[0])
    elif schedule["end_behavior"] == "cancel":
        _finish(world, subscription, schedule)
        ending.cancel(world, subscription, "cancellation_requested")
    else:
        release(world, subscription, schedule)


def enter(world: World, subscription: Obj, schedule: Obj, phase: Obj) -> None:
    """The subscription gets the phase's items, without proration: phases begin with a period."""
    items = lines.items_of(world, subscription)
    for item, wanted in zip(items, phase["items"], strict=False):
        item.update(price=wanted["price"], quantity=wanted.get("quantity", 1))
    subscription["_items"] = [item["id"] for item in items[: len(phase["items"])]]
    subscription["metadata"] = {**subscription["metadata"], **(phase["metadata"] or {})}
    current = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    changed(world, schedule, "subscription_schedule.updated", current_phase=current, status="active")


def _finish(world: World, subscription: Obj, schedule: Obj) -> None:
    subscription["schedule"] = None
    changed(
        world,
        schedule,
        "subscription_schedule.completed",
        status="completed",
        completed_at=world.now(),
        current_phase=None,
    )


def release(world: World, subscription: Obj, schedule: Obj) -> None:
    """The subscription goes on as it is, by itself."""
    subscription["schedule"] = None
    schedule.update(
        status="released",
        released_at=world.now(),
        released_subscription=subscription["id"],
        subscription=None,
        current_phase=None,
    )
    emit(world, "subscription_schedule.released", schedule)
