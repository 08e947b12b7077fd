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
    _waiters: list[asyncio.Future[None]] = field(default_factory=list)
    _work: asyncio.Task[Any] | None = None

    @property
    def text(self) -> str:
        return "".join(self._words)

    def emit(self, event: TurnEvent) -> None:
        self.events.append(event)
        if isinstance(event, TokenEvent):
            self._words.append(event.text)
        self._wake()

    def end(self) -> None:
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def follow(self) -> AsyncIterator[TurnEvent]:
        """Every event from the first on, as it comes; any number of readers, each at its own pace."""
        seen = 0
        while True:
            while seen < len(self.events):
                seen += 1
                yield self.events[seen - 1]
            if self.ended:
                return
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

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
