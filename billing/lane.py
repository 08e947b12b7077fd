"""Group commit: whatever arrives while one batch is being written goes into the next one.

A lane has one batch under way at a time. The busier it is, the larger its batches, and the cost of a commit is shared
by all of a batch's callers; an idle lane writes at once.

Where a flush costs less than the callers' own work, a busy lane writes half of them at a time: while one half is
written, the event loop runs the other half's callers. Where a flush is slow they all share one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from billing.operation import Operation, Outcome

Apply = Callable[[list[Operation]], Awaitable[list[Outcome]]]
Waiting = tuple[Operation, "asyncio.Future[Outcome]"]
LARGEST = 512
HALVED_FROM = 32  # operations under way; for fewer there is no work worth doing meanwhile
CALLERS_NS = 13_000  # what the event loop does for one operation: wake its caller, take the next one


class Lane:
    def __init__(self, apply: Apply, flush_ns: Callable[[], int | None]) -> None:
        """`flush_ns` tells what a commit takes at present, None where it is not known."""
        self._apply = apply
        self._flush_ns = flush_ns
        self._last = 0  # operations in the last batch, whose callers are about to come back
        self._queue: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="ledger lane")

    def submit(self, operation: Operation) -> asyncio.Future[Outcome]:
        """Queue an operation. It is written even when the caller stops waiting for the outcome."""
        if self._closing:
            raise RuntimeError("the meter is closed")
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((operation, future))
        self._wake.set()
        return future

    async def close(self) -> None:
        """Write what is queued, then end."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            share = self._share()
            if len(self._queue) < share:
                await asyncio.sleep(0)  # callers woken by the last batch queue their next operation first
            if self._queue:
                await self._write(self._take(share))
            elif self._closing:
                return
            else:
                self._wake.clear()

    def _share(self) -> int:
        """The most to write in the next batch: half of what is under way when that is worth another flush."""
        under_way = len(self._queue) + self._last
        flush = self._flush_ns()
        if flush is None or under_way < HALVED_FROM or flush > under_way * CALLERS_NS:
            return LARGEST
        return min(LARGEST, (under_way + 1) // 2)

    def _take(self, share: int) -> list[Waiting]:
        """The next batch, in order. A second operation on the same request stays for a later one."""
        batch: list[Waiting] = []
        later: list[Waiting] = []
        seen: set[tuple[str, str]] = set()
        while self._queue and len(batch) < share:
            waiting = self._queue.popleft()
            key = (waiting[0].workspace_id, waiting[0].request_id)
            if key in seen:
                later.append(waiting)
            else:
                seen.add(key)
                batch.append(waiting)
        self._queue.extendleft(reversed(later))
        self._last = len(batch)
        return batch

    async def _write(self, batch: list[Waiting]) -> None:
        try:
            outcomes = await self._apply([operation for operation, _ in batch])
        except Exception as error:
            await self._write_singly(batch, error)
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)

    async def _write_singly(self, batch: list[Waiting], error: Exception) -> None:
        """One bad operation must not fail its neighbours: each is tried alone, and only its own caller hears of it."""
        if len(batch) > 1:
            for waiting in batch:
                await self._write([waiting])
        elif not batch[0][1].done():
            batch[0][1].set_exception(error)
