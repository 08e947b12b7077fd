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


class Refusals:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._writing: set[asyncio.Task[None]] = set()

    def record(self, reservation: Reservation, code: str, phase: int) -> None:
        row = CtRefusal(
            id=new_id(),
            workspace_id=reservation.workspace_id,
            request_id=reservation.request_id,
            code=code,
            phase=phase,
            amount=min(reservation.by(phase), 2**31 - 1),
            at=self._clock.now(),
        )
        task = asyncio.get_running_loop().create_task(self._write(row), name="ct refusal")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Write what was refused so far."""
        await asyncio.gather(*self._writing)

    async def _write(self, row: CtRefusal) -> None:
        try:
            async with self._database.write() as session:
                session.add(row)
        except Exception as error:
            log.warning("ct_refusal_not_kept", code=row.code, error=repr(error))
