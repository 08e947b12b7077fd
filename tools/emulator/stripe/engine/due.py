"""Everything that happens because time passes, in the order in which it comes due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tools.emulator.stripe.engine import changing, ending, invoicing, lines, renewing
from tools.emulator.stripe.events import KEPT_DAYS, changed
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

Task = tuple[int, Callable[[], None]]
_RENEWED = ("active", "trialing", "past_due", "unpaid")
_IDEMPOTENT_S = DAY


def run_until(world: World, target: int) -> int:
    """Let the clock go on to `target`, and do at its time what falls between; gives how much was done."""
    done = 0
    while True:
        tasks = [task for task in _tasks(world) if task[0] <= target]
        if not tasks:
            break
        at, act = min(tasks, key=lambda task: task[0])
        if at > world.now():
            world.clock.move_to(at)
        act()
        done += 1
    if target > world.now():
        world.clock.move_to(target)
    _forget(world)
    return done


def run(world: World) -> int:
    """What is due by now."""
    return run_until(world, world.now())


def _tasks(world: World) -> Iterator[Task]:
    for session in world.store.all("checkout.session", lambda one: one["status"] == "open"):
        yield session["expires_at"], _expiry(world, session)
    for subscription in world.store.all("subscription", lambda one: one["status"] not in ("canceled", "paused")):
        yield from _of_subscription(world, subscription)
    for invoice in world.store.all("invoice", lambda one: one["status"] in ("open", "draft")):
        yield from _of_invoice(world, invoice)


def _expiry(world: World, session: Obj) -> Callable[[], None]:
    def expire() -> None:
        changed(world, session, "checkout.session.expired", status="expired")

    return expire


def _of_subscription(world: World, subscription: Obj) -> Iterator[Task]:
    state = subscription["status"]
    if state == "incomplete":
        at = subscription["created"] + world.rules.incomplete_hours * 3_600
        yield at, lambda: ending.expire(world, subscription)
    if state == "trialing" and not subscription.get("_warned"):
        yield subscription["trial_end"] - renewing.WARN_BEFORE, lambda: renewing.warn(world, subscription)
    if subscription.get("pending_update") and subscription.get("_pending"):
        yield subscription["pending_update"]["expires_at"], lambda: changing.drop_pending(world, subscription)
    if state in _RENEWED:
        end = lines.items_of(world, subscription)[0]["current_period_end"]
        leaving = subscription["cancel_at"]
        if leaving and leaving <= end and not subscription["cancel_at_period_end"]:
            yield leaving, lambda: ending.cancel(world, subscription, "cancellation_requested")
        else:
            yield end, lambda: renewing.renew(world, subscription)


def _of_invoice(world: World, invoice: Obj) -> Iterator[Task]:
    if invoice["status"] == "draft" and invoice["automatically_finalizes_at"]:
        yield invoice["automatically_finalizes_at"], lambda: renewing.send(world, invoice)
    if invoice["status"] == "open" and invoice["next_payment_attempt"]:
        yield invoice["next_payment_attempt"], lambda: _again(world, invoice)


def _again(world: World, invoice: Obj) -> None:
    invoicing.collect(world, invoice, present=False)


def _forget(world: World) -> None:
    """Events after a month, what idempotency keys answered after a day, deliveries with their event."""
    now = world.now()
    unsent = {d["event"] for d in world.store.glance("delivery") if d["state"] in ("pending", "held")}
    for event in list(world.store.glance("event")):
        if now - event["created"] <= KEPT_DAYS * DAY:
            break  # they are in the order of time
        if event["id"] not in unsent:
            world.store.remove(event["id"])
    for answer in list(world.store.glance("idempotency")):
        if now - answer["at"] <= _IDEMPOTENT_S:
            break
        world.store.remove(answer["id"])
    for delivery in list(world.store.glance("delivery")):
        if now - delivery["due"] <= KEPT_DAYS * DAY:
            break
        if delivery["event"] not in unsent:
            world.store.remove(delivery["id"])
