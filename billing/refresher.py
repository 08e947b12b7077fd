"""Prices and rates are read again while the server runs, so that a new version holds within seconds in each process."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from billing.catalog import Catalog
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger

log = get_logger(__name__)

PAUSE_SECONDS = 2


class Refresher:
    def __init__(self, database: Database, clock: Clock, catalog: Catalog) -> None:
        self._database, self._clock, self._catalog = database, clock, catalog
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="price refresher")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self._catalog.load(self._database, self._clock.now())
            except Exception as error:  # what was read last holds on
                log.warning("prices_not_read", error=repr(error))
