"""Turns under way in this process. A run is a task of its own: a reader who leaves does not end it, another may join,
and stopping it lets it put away what it has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from camarad.log import get_logger
from camarad.scope import Scope
from graphs.events import ErrorEvent, TokenEvent, TurnEvent

log = get_logger("graphs.runs")

LOST = ErrorEvent(
    code="internal",
    message="The answer could not be stored.",
    hint="Send the message again; if it keeps failing, give the request id to support.",
    status=500,
)


@dataclass(eq=False)
class Run:
    """One turn's events so far, and those who follow them. `text` is all the words shown."""

    scope: Scope
    conversation_id: str
    turn_id: str
    answer_message_id: str
    events: list[TurnEvent] = field(default_factory=list)
    stopping: bool = False
    ended: bool = False
    saved_chars: int = 0
    _words: list[str] = field(default_factory=list)
    _waiters: set[asyncio.Future[None]] = field(default_factory=set)
    _patient: set[asyncio.Future[None]] = field(default_factory=set)  # do not wake for a word
    _work: asyncio.Task[Any] | None = None

    @property
    def text(self) -> str:
        return "".join(self._words)

    def emit(self, event: TurnEvent) -> None:
        self.events.append(event)
        if isinstance(event, TokenEvent):
            self._words.append(event.text)
            _wake(self._waiters)
        else:
            self._wake_all()

    def end(self) -> None:
        self.ended = True
        self._wake_all()

    def _wake_all(self) -> None:
        _wake(self._waiters)
        _wake(self._patient)

    async def follow(self, pace: float = 0.0) -> AsyncIterator[TurnEvent]:
        """Every event from the first on, as it comes; any number of readers, each at its own pace.

        With a pace, the first words come at once and those of the next `pace` seconds together as one event: a reader
        that is woken for each word costs most of what a word costs.
        """
        seen = 0
        while True:
            rest = 0.0
            while seen < len(self.events):
                event, seen = self._from(seen) if pace else (self.events[seen], seen + 1)
                rest = pace if isinstance(event, TokenEvent) else 0.0
                yield event
            if self.ended:
                return
            await self._more(rest)

    def _from(self, first: int) -> tuple[TurnEvent, int]:
        """The event at `first`, with the words right behind it when it is one, and where to go on."""
        last = first
        while last < len(self.events) and isinstance(self.events[last], TokenEvent):
            last += 1
        if last - first < 2:
            return self.events[first], first + 1
        said = (event.text for event in self.events[first:last] if isinstance(event, TokenEvent))
        return TokenEvent(text="".join(said)), last

    async def _more(self, rest: float) -> None:
        """Until there is another event; after words, until `rest` seconds are over or something else happens."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        waiting = self._patient if rest else self._waiters
        waiting.add(waiter)
        timer = loop.call_later(rest, _done, waiter) if rest else None
        try:
            await waiter
        finally:
            waiting.discard(waiter)
            if timer is not None:
                timer.cancel()

    async def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run the part of the turn that `stop` may cut short. Raises CancelledError when it was."""
        self._work = asyncio.create_task(work)
        if self.stopping:
            self._work.cancel()
        return await self._work

    def stop(self) -> None:
        self.stopping = True
        if self._work is not None:
            self._work.cancel()


def _wake(waiting: set[asyncio.Future[None]]) -> None:
    for waiter in waiting:
        _done(waiter)
    waiting.clear()


def _done(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Runs:
    """The runs of this process by conversation: at most one each."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def get(self, scope: Scope, conversation_id: str) -> Run | None:
        run = self._runs.get(conversation_id)
        return run if run and run.scope == scope else None

    def all(self) -> list[Run]:
        return list(self._runs.values())

    def start(self, run: Run, work: Callable[[Run], Awaitable[None]]) -> None:
        """Begin the run's task. Whatever happens in `work`, followers are told that it ended."""
        self._runs[run.conversation_id] = run
        self._tasks[run.turn_id] = asyncio.create_task(self._drive(run, work), name=f"turn {run.turn_id}")

    async def _drive(self, run: Run, work: Callable[[Run], Awaitable[None]]) -> None:
        try:
            await work(run)
        except Exception:
            log.exception("turn_lost", turn_id=run.turn_id)
            run.emit(LOST)
        finally:
            if self._runs.get(run.conversation_id) is run:
                del self._runs[run.conversation_id]
            self._tasks.pop(run.turn_id, None)
            run.end()

    async def stop(self, run: Run) -> None:
        """Stop it and wait until what it had is stored."""
        run.stop()
        if task := self._tasks.get(run.turn_id):
            await asyncio.wait({task})

    async def close(self, grace: float) -> None:
        """Let runs finish for `grace` seconds, then stop the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=grace)
        for run in self.all():
            run.stop()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
