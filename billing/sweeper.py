"""What happens in the background: holds without an end are freed, windows of Phase 3 end, prices are read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import select

from billing.catalog import Catalog
from billing.operation import Closing, Operation, Outcome
from billing.phase3 import end_overdue
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.models import CtHold

log = get_logger(__name__)

PAUSE_SECONDS = 30
AT_ONCE = 500


class Sweeper:
    """Any number of processes may sweep one database: a hold is expired once, by whoever closes it first."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalog: Catalog,
        submit: Callable[[Operation], asyncio.Future[Outcome]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalog = catalog
        self._submit = submit
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._catalog.load(self._database, self._clock.now())
        self._task = asyncio.create_task(self._run(), name="ct sweeper")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> int:
        """Expire overdue holds; the number of them."""
        freed = 0
        while overdue := await self._overdue():
            outcomes = await asyncio.gather(*(self._submit(closing) for closing in overdue))
            freed += sum(outcome.status == "closed" for outcome in outcomes)
            if len(overdue) < AT_ONCE:
                break
        if freed:
            log.info("ct_holds_expired", count=freed)
        return freed

    async def _overdue(self) -> list[Closing]:
        query = (
            select(CtHold.workspace_id, CtHold.request_id)
            .where(CtHold.state == "held", CtHold.expires_at <= self._clock.now())
            .order_by(CtHold.expires_at)
            .limit(AT_ONCE)
        )
        async with self._database.read() as session:
            return [Closing(workspace, request, "expired") for workspace, request in await session.execute(query)]

    async def _run(self) -> None:
        while True:
            try:
                await self.sweep()
                await end_overdue(self._database, self._clock)
                await self._catalog.load(self._database, self._clock.now())
            except Exception as error:  # the next round may do better; a dead sweeper would strand CT for good
                log.warning("ct_sweep_failed", error=repr(error))
            await asyncio.sleep(PAUSE_SECONDS)
