"""Who still waits for an answer. A program that hangs up wants no more of it: when the last one has gone, the turn is
stopped, and what was used until then is paid."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from camarad.scope import Scope
from graphs.turn import Assistant


class Readers:
    """Of one process: a request that came again while its first is answered reads along."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._stopping: set[asyncio.Task[bool]] = set()

    @contextmanager
    def reading(self, assistant: Assistant, scope: Scope, conversation_id: str) -> Iterator[None]:
        """Around reading an answer. Leaving early, as by cancellation, stops the turn when nobody else reads it."""
        self._waiting[conversation_id] += 1
        ended = False
        try:
            yield
            ended = True
        finally:
            self._waiting[conversation_id] -= 1
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
                if not ended:
                    self._stop(assistant, scope, conversation_id)

    def _stop(self, assistant: Assistant, scope: Scope, conversation_id: str) -> None:
        """In a task of its own: whoever leaves is being cancelled and cannot wait."""
        task = asyncio.create_task(assistant.stop(scope, conversation_id), name=f"stop {conversation_id}")
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)


async def hung_up(request: Request) -> None:
    """Until the caller closes the connection. For requests whose body was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
