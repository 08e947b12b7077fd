"""Sends a schedule's calls through the door, those of the same minutes at once, while the clock moves on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from agents.llm import CallContext, ModelDoor
from agents.simulation.dialogs import dialogs
from agents.simulation.provider import Fate, fate
from agents.simulation.schedule import SECONDS, Event
from agents.simulation.world import World
from camarad.errors import CamaradError
from camarad.scope import Scope

Messages = list[dict[str, Any]]


async def drive(world: World, door: ModelDoor, events: Iterable[Event], start: datetime, label: str) -> Counter[str]:
    """How many calls ended in which way, by `answered`, `stopped` or the code of their error."""
    ends: Counter[str] = Counter()
    for slot, together in groupby(events, key=lambda event: event.second // SECONDS):
        world.clock.instant = start + timedelta(seconds=slot * SECONDS)
        calls = (_calls(door, event, f"{label}-{slot}-{n}") for n, event in enumerate(together))
        ends.update(await asyncio.gather(*(call for several in calls for call in several)))
    return ends


def _calls(door: ModelDoor, event: Event, request_id: str) -> Iterator[asyncio.Task[str]]:
    """A call, or the same one twice. A task of its own has a fate of its own."""
    for _ in range(2 if event.kind == "twice" else 1):
        yield asyncio.create_task(_call(door, event, request_id))


async def _call(door: ModelDoor, event: Event, request_id: str) -> str:
    fate.set(Fate(_faults(event), event.cached_bp))
    scope = Scope("simulated-user", event.tenant, "simulated-client")
    context = CallContext(scope, event.agent, request_id)
    dialog = dialogs(event.agent)[event.dialog]
    try:
        if event.streamed:
            return await _streamed(door, context, event, dialog.messages, dialog.tools)
        await door.complete(context, dialog.messages, tools=dialog.tools)
    except CamaradError as error:
        return error.code
    return "answered"


async def _streamed(
    door: ModelDoor, context: CallContext, event: Event, messages: Messages, tools: Messages | None
) -> str:
    """Read along to the end, or leave after the first words."""
    async with aclosing(door.stream(context, messages, tools=tools)) as chunks:
        async for chunk in chunks:
            if event.kind == "stopped" and chunk.text:
                return "stopped"
    return "answered"


def _faults(event: Event) -> list[str]:
    kind = "timeout" if event.slow else "overloaded"
    return [kind] * {"retried": 1, "failed": 2}.get(event.kind, 0)
