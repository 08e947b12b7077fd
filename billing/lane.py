"""Group commit: whatever arrives while one batch is being written goes into the next one.

The busier a lane is, the larger its batches, and the cost of a commit is shared by all of a batch's callers; an idle
lane writes at once.

Where a flush costs less than the callers' own work, a busy lane writes half of them at a time: while one half is
written, the event loop runs the other half's callers, and their next batch is handed over before the first one is back,
so that the writer never waits for the event loop. Where a flush is slow they all share one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from billing.operation import Operation, Outcome

Apply = Callable[[list[Operation]], Awaitable[list[Outcome]]]
Waiting = tuple[Operation, "asyncio.Future[Outcome]"]
LARGEST = 512
AT_ONCE = 2  # batches handed over, of which one is being written
HALVED_FROM = 32  # operations under way; for fewer there is no work worth doing meanwhile
CALLERS_NS = 13_000  # what the event loop does for one operation: wake its caller, take the next one


class Lane:
    def __init__(self, apply: Apply, flush_ns: Callable[[], int | None]) -> None:
        """`apply` writes batches in the order it is given them. `flush_ns` tells what a commit takes at present,
        None where it is not known."""
        self._apply = apply
        self._flush_ns = flush_ns
        self._queue: deque[Waiting] = deque()
        self._sent: dict[asyncio.Task[None], int] = {}  # batches under way, with their sizes
        self._enough = 0  # operations that make a batch while another one is under way
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="ledger lane")

    def submit(self, operation: Operation) -> asyncio.Future[Outcome]:
        """Queue an operation. It is written even when the caller stops waiting for the outcome."""
        if self._closing:
            raise RuntimeError("the meter is closed")
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((operation, future))
        if not self._sent or len(self._queue) >= self._enough:
            self._wake.set()
        return future

    async def close(self) -> None:
        """Write what is queued, then end."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        while self._queue or self._sent or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            if len(self._queue) < self._share():
                await asyncio.sleep(0)  # callers woken by the last batch queue their next operation first
            while self._queue and self._due():
                self._send(self._take(self._share()))

    def _due(self) -> bool:
        return not self._sent or (len(self._sent) < AT_ONCE and len(self._queue) >= self._share())

    def _share(self) -> int:
        """The most to write in the next batch: half of what is under way when that is worth another flush."""
        under_way = len(self._queue) + sum(self._sent.values())
        flush = self._flush_ns()
        if flush is None or under_way < HALVED_FROM or flush > under_way * CALLERS_NS:
            return LARGEST
        return min(LARGEST, (under_way + 1) // 2)

    def _send(self, batch: list[Waiting]) -> None:
        task = asyncio.create_task(self._write(batch))
        self._sent[task] = len(batch)
        self._enough = self._share()
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._sent[task]
        self._wake.set()

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
