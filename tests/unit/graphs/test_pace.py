"""Readers who take words gathered: fewer wake-ups, nothing lost, nothing else held back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from camarad.scope import Scope
from graphs.events import AgentEvent, TokenEvent, TurnEvent
from graphs.runs import Run

NEVER = 3600.0


def running() -> Run:
    return Run(Scope("u", "w", "c"), "conversation", "turn", "answer")


async def soon(events: AsyncIterator[TurnEvent]) -> TurnEvent:
    return await asyncio.wait_for(anext(events), 5)


async def test_the_first_words_come_at_once() -> None:
    run = running()
    events = run.follow(NEVER)
    run.emit(TokenEvent(text="Hello"))
    assert await soon(events) == TokenEvent(text="Hello")


async def test_words_of_one_pace_come_together() -> None:
    run = running()
    events = run.follow(0.01)
    run.emit(TokenEvent(text="a"))
    await soon(events)
    for word in "bcd":
        run.emit(TokenEvent(text=word))
    assert await soon(events) == TokenEvent(text="bcd")


async def test_words_after_a_silence_come_at_once() -> None:
    run = running()
    events = run.follow(0.001)
    run.emit(TokenEvent(text="one"))
    await soon(events)
    waiting = asyncio.create_task(soon(events))
    while not run._waiters:  # the pace is over and nothing was said
        await asyncio.sleep(0)
    run.emit(TokenEvent(text="two"))
    assert await waiting == TokenEvent(text="two")


async def test_what_is_no_word_is_not_held_back() -> None:
    run = running()
    events = run.follow(NEVER)
    run.emit(TokenEvent(text="a"))
    await soon(events)
    waiting = asyncio.create_task(soon(events))
    await asyncio.sleep(0)
    run.emit(TokenEvent(text="b"))
    run.emit(AgentEvent(agent="ppc-specialist"))
    assert await waiting == TokenEvent(text="b")
    assert await soon(events) == AgentEvent(agent="ppc-specialist")


async def test_the_end_wakes_a_patient_reader() -> None:
    run = running()
    run.emit(TokenEvent(text="a"))
    reading = asyncio.create_task(_all(run.follow(NEVER)))
    await asyncio.sleep(0)
    run.emit(TokenEvent(text="b"))
    run.end()
    assert await asyncio.wait_for(reading, 5) == [TokenEvent(text="a"), TokenEvent(text="b")]


async def test_a_late_reader_gets_all_words_so_far_as_one() -> None:
    run = running()
    for word in "abc":
        run.emit(TokenEvent(text=word))
    run.end()
    assert await _all(run.follow(NEVER)) == [TokenEvent(text="abc")]
    assert len(await _all(run.follow())) == 3


async def _all(events: AsyncIterator[TurnEvent]) -> list[TurnEvent]:
    return [event async for event in events]
