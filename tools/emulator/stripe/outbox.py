"""What is to be sent to webhook endpoints. A delivery is stored until it was taken or given up, faults included."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.types import Obj

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

# Seconds after each failed attempt; Stripe goes on for three days, with growing pauses.
PAUSES = (2, 10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)
MODES = ("drop", "duplicate", "delay", "hold", "shuffle")


@dataclass(slots=True)
class Fault:
    """`events` is a pattern of event types; `times` of None means until cleared."""

    mode: str
    events: str = "*"
    times: int | None = None
    seconds: int = 0
    copies: int = 2
    seed: int = 1

    def takes(self, kind: str) -> bool:
        """Whether it applies to one more event; counts it."""
        if self.times == 0 or not fnmatchcase(kind, self.events):
            return False
        if self.times is not None:
            self.times -= 1
        return True


def fault_from(given: dict[str, Any]) -> Fault:
    known = {"mode": str, "events": str, "times": int, "seconds": int, "copies": int, "seed": int}
    for name, value in given.items():
        if name not in known or not isinstance(value, known[name]) or isinstance(value, bool):
            raise StripeError(f"{value!r} is no value of {name!r}.", param=name)
    if given.get("mode") not in MODES:
        raise StripeError(f"A fault's mode is one of {', '.join(MODES)}.", param="mode")
    if not 1 <= given.get("copies", 2) <= 20:
        raise StripeError("An event is sent twice to twenty times.", param="copies")
    return Fault(**given)


def enqueue(world: World, event: Obj) -> None:
    """For every endpoint that wants this type of event."""
    for endpoint in list(world.store.glance("webhook_endpoint")):
        wants = endpoint["enabled_events"]
        if endpoint["status"] == "enabled" and ("*" in wants or event["type"] in wants):
            _enqueue_for(world, event, endpoint)


def _enqueue_for(world: World, event: Obj, endpoint: Obj) -> None:
    modes = {fault.mode: fault for fault in world.faults if fault.mode != "shuffle" and fault.takes(event["type"])}
    state = "dropped" if "drop" in modes else "held" if "hold" in modes else "pending"
    delay = modes["delay"].seconds if "delay" in modes else 0
    for _ in range(modes["duplicate"].copies if "duplicate" in modes else 1):
        add(world, event["id"], endpoint["id"], state, delay)


def add(world: World, event_id: str, endpoint_id: str, state: str = "pending", delay: int = 0) -> Obj:
    made: Obj = {
        "id": f"whd_{random_text(16)}",
        "event": event_id,
        "endpoint": endpoint_id,
        "due": world.now() + delay,
        "rank": 0,
        "state": state,
        "attempts": 0,
        "answers": [],
    }
    return world.store.add("delivery", made)


def due(world: World) -> list[Obj]:
    """What is to be sent now, in the order it happened or, under the fault `shuffle`, in another."""
    now = world.now()
    found = [d for d in world.store.glance("delivery") if d["state"] == "pending" and d["due"] <= now]
    found.sort(key=lambda delivery: delivery["rank"])
    if shuffle := next((fault for fault in world.faults if fault.mode == "shuffle"), None):
        random.Random(shuffle.seed).shuffle(found)  # noqa: S311 - an order that can be had again, no secret
        shuffle.seed += 1
    return found


def waiting(world: World) -> int:
    return sum(1 for d in world.store.glance("delivery") if d["state"] == "pending")


def release(world: World, order: str, seed: int) -> int:
    """Send what was held: in the order it happened (`kept`), `reversed` or `shuffled`."""
    held = world.store.all("delivery", lambda delivery: delivery["state"] == "held")
    if order == "reversed":
        held.reverse()
    elif order == "shuffled":
        random.Random(seed).shuffle(held)  # noqa: S311 - see above
    elif order != "kept":
        raise StripeError("The order is kept, reversed or shuffled.", param="order")
    for rank, delivery in enumerate(held):
        delivery.update(state="pending", due=world.now(), rank=rank)
    return len(held)


def record(world: World, delivery: Obj, answer: str, taken: bool) -> None:
    """After an attempt: done, due again after a pause, or given up."""
    delivery["attempts"] += 1
    delivery["answers"] = [*delivery["answers"], answer][-len(PAUSES) :]
    if taken:
        delivery["state"] = "delivered"
    elif delivery["attempts"] > len(PAUSES):
        delivery["state"] = "failed"
    else:
        delivery["due"] = world.now() + PAUSES[delivery["attempts"] - 1]
