"""The meter: CT are held before a model call and debited once after it. Only the model door uses it.

Callers that wait at the same time share one commit (billing.lane). The same request id is never debited twice, in
whichever process it is repeated; repeating a settlement gives the charge that was booked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from sqlalchemy import select

from billing.call import Charge, Reservation, Settlement, Status
from billing.catalog import Catalog
from billing.lane import Lane
from billing.operation import Closing, Ledger, Operation, Outcome, Posting
from billing.postgres_ledger import PostgresLedger
from billing.pricing import posting
from billing.refresher import Refresher
from billing.refusals import refuse_reservation, refuse_settlement
from billing.refused import Refusals
from billing.rollup.roller import Roller
from billing.sqlite_ledger import SqliteLedger
from billing.sweeper import Sweeper
from billing.terms import Terms
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import CamaradError, LimitReached
from camarad.models import UsageRow
from camarad.settings import Settings

__all__ = ["Charge", "Meter", "Reservation", "Settlement", "Status"]
MOMENT = 2  # seconds that who reads the books waits for who writes them


class Meter:
    def __init__(self, database: Database, settings: Settings, clock: Clock, catalog: Catalog | None = None) -> None:
        self.catalog = catalog or Catalog(settings)
        self._database = database
        self._settings = settings
        self._clock = clock
        self._ledger: Ledger = (
            SqliteLedger(database.url.database or "", settings, clock)
            if database.is_sqlite
            else PostgresLedger(database.url, settings, clock)
        )
        self._lanes: list[Lane] = []
        self._leftovers: set[asyncio.Future[Outcome]] = set()
        self._refusals = Refusals(database, clock)
        self._sweeper = Sweeper(database, clock, self.catalog, self._submit)
        self._refresher = Refresher(database, clock, self.catalog)
        self._roller = Roller(database, clock)

    async def start(self) -> None:
        """Open the ledger's own connections; in the event loop that will do the metering."""
        await self._ledger.start()
        ledger = self._ledger
        self._lanes = [Lane(partial(ledger.apply, n), lambda: ledger.flush_ns) for n in range(ledger.lanes)]
        await self._sweeper.start()
        self._refresher.start()
        self._roller.start()

    async def close(self) -> None:
        """Write everything that was asked for, then let go."""
        await self._sweeper.close()
        await self._refresher.close()
        await self._roller.close()
        for lane in self._lanes:
            await lane.close()
        await self._refusals.close()
        await self._ledger.close()

    async def reserve(self, reservation: Reservation) -> str:
        """Hold CT for a call: `held`, or `replay:held` / `replay:settled` when this request was here before.

        A hold that expired or was released may be taken again. Raises LimitReached when a cap or the balance stands
        against it, Conflict when the request was here with another amount. Nothing is held after an error or a cancel.
        """
        waiting = self._submit(reservation)
        try:
            outcome = await waiting
        except asyncio.CancelledError:
            self._leave(reservation)
            raise
        if outcome.status != "held" and not outcome.status.startswith("replay:"):
            raise self._refused(reservation, outcome)
        return outcome.status

    async def settle(self, settlement: Settlement) -> Charge:
        """Debit a call once and write its usage row in the same commit; a repeat gives the booked charge.

        It is written even when the caller is cancelled meanwhile. Raises Conflict when the request was settled with
        another amount or released before, NotFound when it was never reserved.
        """
        posting = self._price(settlement)
        outcome = await self._submit(posting)
        if outcome.status == "settled":
            return Charge(outcome.debited or 0, posting.shadow, posting.cost_micro_eur)
        if outcome.status == "replay:settled":
            return await self._booked(settlement)
        raise refuse_settlement(outcome.status, settlement)

    async def release(self, workspace_id: str, request_id: str) -> bool:
        """Free a hold without a debit; False when none was open."""
        outcome = await self._submit(Closing(workspace_id, request_id, "released"))
        return outcome.status == "closed"

    async def sweep(self) -> int:
        """Expire overdue holds now; the number of them. It also happens by itself in the background."""
        return await self._sweeper.sweep()

    async def written(self) -> None:
        """Until what was settled or refused before this is in the database: who reads it up to now misses nothing that
        comes to be there later with an earlier time. At most a moment; a ledger that stands still has nothing to add.
        """
        nothing = Closing("", "", "released")  # behind everything that waits in its lane
        with suppress(RuntimeError, TimeoutError):  # RuntimeError: closing down
            behind = [lane.submit(nothing) for lane in self._lanes]
            noted = asyncio.shield(self._refusals.close())
            await asyncio.wait_for(asyncio.gather(noted, *behind, return_exceptions=True), MOMENT)

    def _refused(self, reservation: Reservation, outcome: Outcome) -> CamaradError:
        terms = Terms.of(self._settings, self._clock)
        error = refuse_reservation(outcome.status, reservation.by(outcome.phase), terms)
        if isinstance(error, LimitReached):
            self._refusals.record(reservation, error.code, outcome.phase)
        return error

    def _submit(self, operation: Operation) -> asyncio.Future[Outcome]:
        return self._lanes[hash(operation.workspace_id) % len(self._lanes)].submit(operation)

    def _leave(self, reservation: Reservation) -> None:
        """The caller went away while its hold was being written: queue the release right behind it."""
        with suppress(RuntimeError):  # closing down; the sweeper of the next start frees it
            leftover = self._submit(Closing(reservation.workspace_id, reservation.request_id, "released"))
            self._leftovers.add(leftover)
            leftover.add_done_callback(self._leftovers.discard)

    def _price(self, s: Settlement) -> Posting:
        return posting(s, self.catalog, self._settings, self._clock.now())

    async def _booked(self, settlement: Settlement) -> Charge:
        booked = select(UsageRow).where(
            UsageRow.workspace_id == settlement.workspace_id, UsageRow.request_id == settlement.request_id
        )
        async with self._database.read() as session:
            row = (await session.scalars(booked)).one()
        return Charge(row.ct_actual_debit, row.ct_shadow_debit, row.cost_micro_eur)
