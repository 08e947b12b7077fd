"""Sending streamed text in batches: the first piece at once, then what has gathered, every 40 ms.

One packet a token costs four times the CPU and five times the browser's main thread; see docs/performance.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

EVERY = 0.04  # seconds
MOST_SLACK = 4


class Flusher:
    """Text goes in piece by piece and comes out in order; `close` sends the rest."""

    def __init__(self, send: Callable[[str], Awaitable[None]], every: float = EVERY) -> None:
        self._send = send
        self._every = every
        self._waiting: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._asleep = False
        self._slack = 1

    async def push(self, text: str) -> None:
        if self._task is None:
            self._asleep = True  # until it first wakes, also before it began
            self._task = asyncio.create_task(self._run())
            await self._send(text)
        else:
            self._waiting.append(text)

    async def _run(self) -> None:
        """Lives while text keeps coming, so that an idle chat has no timer."""
        while True:
            await self._pause()
            if not await self._flush():
                self._task = None
                return

    async def _pause(self) -> None:
        """Longer while the process is so busy that it wakes late: fewer, larger packets are what helps it then."""
        clock = asyncio.get_running_loop().time
        begun, self._asleep = clock(), True
        await asyncio.sleep(self._every * self._slack)
        self._asleep = False
        late = clock() - begun - self._every * self._slack
        self._slack = min(self._slack * 2, MOST_SLACK) if late > self._every / 2 else 1

    async def _flush(self) -> bool:
        text, self._waiting = "".join(self._waiting), []
        if text:
            await self._send(text)
        return bool(text)

    async def close(self) -> None:
        """Wakes the task early; while it is sending it is waited for, since a piece that is half sent would be lost."""
        if self._task is not None:
            if self._asleep:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while await self._flush():
            pass
