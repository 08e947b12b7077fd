"""Transactions that are still open while the roller works. On PostgreSQL alone: SQLite has one writer at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing.daily import counted
from billing.rollup.columns import USAGE
from billing.rollup.roller import Roller
from billing.telemetry import figures
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.models import UsageRolled, UsageRow
from tests.unit.billing.test_rollups import filled, row

pytestmark = pytest.mark.postgres


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def agree(database: Database, clock: ManualClock) -> int:
    """Both ways at one moment, telemetry and days; how many rows there are."""
    async with database.snapshot() as session:
        now = clock.now()
        for window in (24, 168):
            rolled = await figures(session, now, window)
            assert rolled == await figures(session, now, window, by_rows=True)
        assert await counted(session, now, 7) == await counted(session, now, 7, by_rows=True)
    rows: int = rolled["window"]["rows"]
    return rows


async def upto(database: Database) -> datetime:
    async with database.read() as session:
        known = await session.get(UsageRolled, USAGE)
        assert known is not None
        return known.upto


async def test_the_watermark_waits_for_a_call_that_is_being_written(shared: Database, clock: ManualClock) -> None:
    """It looked at the watermark and left no mark; passing it would lose the call for good."""
    await filled(shared, clock, count=60, hours=30)
    roller = Roller(shared, clock)
    await roller.roll()
    before, reached = await agree(shared, clock), await upto(shared)
    async with shared.write() as writing:
        await writing.execute(insert(UsageRow), [row(1, clock.now())])
        clock.advance(timedelta(minutes=20))
        await roller.roll()
        assert await upto(shared) == reached
        assert await agree(shared, clock) == before
    assert await agree(shared, clock) == before + 1
    await roller.roll()
    assert await upto(shared) > reached
    assert await agree(shared, clock) == before + 1


class UndoneError(Exception):
    """Ends a transaction without a trace."""


async def change(session: AsyncSession, what: str, past: datetime) -> None:
    some = select(UsageRow.id).where(UsageRow.at < past).order_by(UsageRow.at.desc()).limit(9).scalar_subquery()
    if what == "late rows":
        await session.execute(insert(UsageRow), [row(n, past - timedelta(hours=n)) for n in range(5)])
    elif what == "erased rows":
        await session.execute(delete(UsageRow).where(UsageRow.id.in_(some)))
    else:
        await session.execute(update(UsageRow).where(UsageRow.id.in_(some)).values(cost_micro_eur=10**9))


@pytest.mark.parametrize("end", ["commit", "roll back"])
@pytest.mark.parametrize("what", ["late rows", "erased rows", "new prices"])
async def test_a_change_of_the_past_that_ends_after_the_roller_looked_is_not_lost(
    shared: Database, clock: ManualClock, what: str, end: str
) -> None:
    await filled(shared, clock, count=80, hours=50)
    roller = Roller(shared, clock)
    await roller.roll()
    with suppress(UndoneError):
        async with shared.write() as writing:
            await change(writing, what, clock.now() - timedelta(hours=2))
            async with shared.write() as other:  # spoils the same stretches, so that they are summed up meanwhile
                await other.execute(insert(UsageRow), [row(n, clock.now() - timedelta(hours=2 + n)) for n in range(9)])
            assert await roller.roll() > 0
            await agree(shared, clock)
            if end == "roll back":
                raise UndoneError
    await agree(shared, clock)
    assert (await roller.roll() > 0) == (end == "commit")
    await agree(shared, clock)
