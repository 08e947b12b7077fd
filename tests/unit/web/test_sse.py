"""Events as bytes: joined when ready, a heartbeat when silent, an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from camarad.errors import LimitReached
from graphs.events import AgentEvent, TokenEvent, TurnEvent
from web.sse import HEARTBEAT, stream

FIRST = AgentEvent(agent="personal-assistant")


async def chunks(events: AsyncIterator[TurnEvent], heartbeat: float = 5) -> list[bytes]:
    return [chunk async for chunk in stream(FIRST, events, heartbeat)]


async def test_what_is_ready_goes_out_in_one_write() -> None:
    async def events() -> AsyncIterator[TurnEvent]:
        for word in ("a", "b", "c"):
            yield TokenEvent(text=word)

    got = await chunks(events())
    assert len(got) == 1 and got[0].count(b"event: token") == 3 and got[0].startswith(b"event: agent\ndata: {")


async def test_a_silent_line_is_kept_open() -> None:
    go_on = asyncio.Event()

    async def events() -> AsyncIterator[TurnEvent]:
        await go_on.wait()
        yield TokenEvent(text="late")

    got = []
    async for chunk in stream(FIRST, events(), heartbeat=0.01):
        got.append(chunk)
        if chunk == HEARTBEAT:
            go_on.set()
    assert HEARTBEAT in got and b"late" in got[-1]


async def test_a_refusal_on_the_way_is_an_event() -> None:
    async def events() -> AsyncIterator[TurnEvent]:
        yield TokenEvent(text="a")
        raise LimitReached("No CT left.", code="insufficient_ct")

    assert b'event: error\ndata: {"code":"insufficient_ct"' in (await chunks(events()))[-1]


async def test_a_defect_on_the_way_is_an_event_without_details() -> None:
    async def events() -> AsyncIterator[TurnEvent]:
        yield TokenEvent(text="a")
        raise RuntimeError("the secret detail")

    last = (await chunks(events()))[-1]
    assert b"event: error" in last and b"secret" not in last


async def test_a_reader_who_leaves_ends_only_the_reading() -> None:
    left = asyncio.Event()

    async def events() -> AsyncIterator[TurnEvent]:
        try:
            await asyncio.Event().wait()
            yield TokenEvent(text="never")
        finally:
            left.set()

    reading = stream(FIRST, events())
    await anext(reading)
    await reading.aclose()  # type: ignore[attr-defined]
    assert left.is_set()
