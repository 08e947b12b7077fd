"""Events: a picture of an object at the moment something happened, kept and sent to whoever asked for its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.emulator.stripe import outbox
from tools.emulator.stripe.render import render
from tools.emulator.stripe.types import Obj

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

KEPT_DAYS = 30


def emit(world: World, kind: str, obj: Obj, previous: Obj | None = None) -> Obj:
    """`previous` holds the changed fields as they were; references in it as ids."""
    from tools.emulator.stripe.world import API_VERSION

    data: Obj = {"object": render(world, obj)}
    if previous:
        data["previous_attributes"] = previous
    request_id, key = world.request
    event = world.make(
        "event",
        type=kind,
        data=data,
        api_version=API_VERSION,
        request={"id": request_id, "idempotency_key": key},
    )
    outbox.enqueue(world, event)
    return event


def changed(world: World, obj: Obj, kind: str, **fields: object) -> bool:
    """Set fields and tell of it with what they were; nothing is told when nothing differs."""
    previous = {name: obj.get(name) for name, value in fields.items() if obj.get(name) != value}
    obj.update(fields)
    if previous:
        emit(world, kind, obj, previous)
    return bool(previous)
