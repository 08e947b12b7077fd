"""Work that one process at a time does, whichever: a row in the database, taken for a while and given back.

A clock that jumps cannot block it for ever: a lease that claims to last far longer than leases do counts as over. Not
one that is a moment longer: the clocks of two who come at once differ by that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from camarad.clock import Clock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import BillingLease

LASTS: Final = timedelta(minutes=5)  # unless it is kept up


@dataclass(slots=True)
class Lease:
    database: Database
    clock: Clock
    name: str
    holder: str = field(default_factory=new_id)

    async def take(self, unless_done_within: timedelta = timedelta(0)) -> bool:
        """False while another process has it, or when the work was finished so recently."""
        insert = sqlite_insert if self.database.is_sqlite else postgresql_insert
        now, lease = self.clock.now(), BillingLease
        free = or_(lease.holder.is_(None), lease.until.is_(None), lease.until <= now, lease.until > now + 2 * LASTS)
        recent = (lease.finished_at > now - unless_done_within) & (lease.finished_at <= now)
        async with self.database.write() as session:
            await session.execute(insert(lease).values(name=self.name).on_conflict_do_nothing())
            taken = await session.scalar(
                update(lease)
                .where(lease.name == self.name, free, or_(lease.finished_at.is_(None), ~recent))
                .values(holder=self.holder, until=now + LASTS)
                .returning(lease.name)
            )
        return taken is not None

    async def keep(self) -> bool:
        """Another while from now; False when it was lost."""
        async with self.database.write() as session:
            kept = await session.scalar(
                update(BillingLease)
                .where(BillingLease.name == self.name, BillingLease.holder == self.holder)
                .values(until=self.clock.now() + LASTS)
                .returning(BillingLease.name)
            )
        return kept is not None

    async def give_back(self, *, finished: bool) -> None:
        done = {"finished_at": self.clock.now()} if finished else {}
        async with self.database.write() as session:
            await session.execute(
                update(BillingLease)
                .where(BillingLease.name == self.name, BillingLease.holder == self.holder)
                .values(holder=None, until=None, **done)
            )
