"""Calls that a cap or the balance refused, kept for operators. Best effort: a refusal never waits for its record."""

from __future__ import annotations

import asyncio

from billing.call import Reservation
from camarad.clock import Clock
from camarad.database import Database
from camarad.ids import new_id
from camarad.log import get_logger
from camarad.models import CtRefusal

log = get_logger(__name__)

MOST_WAITING = 1_000


class Refusals:
    """What is refused while a row is being written goes into the next transaction with all the others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._waiting: list[CtRefusal] = []
        self._writer: asyncio.Task[None] | None = None

    def record(self, reservation: Reservation, code: str, phase: int) -> None:
        """In a flood some go unrecorded: a client that hammers on a closed door must not slow the others down."""
        if len(self._waiting) >= MOST_WAITING:
            return
        row = CtRefusal(
            id=new_id(),
            workspace_id=reservation.workspace_id,
            request_id=reservation.request_id,
            code=code,
            phase=phase,
            amount=min(reservation.by(phase), 2**31 - 1),
            at=self._clock.now(),
        )
        self._waiting.append(row)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write(), name="ct refusals")

    async def close(self) -> None:
        """Write what was refused so far."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._waiting:
            rows, self._waiting = self._waiting, []
            try:
                async with self._database.write() as session:
                    session.add_all(rows)
            except Exception as error:
                log.warning("ct_refusals_not_kept", count=len(rows), error=repr(error))
