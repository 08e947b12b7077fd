"""Sending streamed text in batches: the first piece at once, then what has gathered, every 40 ms.

One packet a token costs four times the CPU and five times the browser's main thread; see docs/performance.md.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

EVERY = 0.04  # seconds


class Flusher:
    """Text goes in piece by piece and comes out in order; `close` sends the rest."""

    def __init__(self, send: Callable[[str], Awaitable[None]], every: float = EVERY) -> None:
        self._send = send
        self._every = every
        self._waiting: list[str] = []
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def push(self, text: str) -> None:
        if self._task is None or self._task.done():
            await self._send(text)
            self._task = asyncio.create_task(self._run())
        else:
            self._waiting.append(text)

    async def _run(self) -> None:
        """Lives while text keeps coming, so that an idle chat has no timer."""
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._every)
            if not await self._sent():
                return
        await self._sent()

    async def _sent(self) -> bool:
        text, self._waiting = "".join(self._waiting), []
        if text:
            await self._send(text)
        return bool(text)

    async def close(self) -> None:
        """Never cancels the task: a piece that is half sent would be lost."""
        self._closing.set()
        if self._task is not None:
            await self._task
