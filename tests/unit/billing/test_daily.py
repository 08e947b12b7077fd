"""Days put together from rollups are the recount of the rows, to the unit, at every moment, on both databases."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from billing.daily import by_day, counted
from billing.rollup.columns import USAGE
from billing.rollup.roller import Roller
from billing.telemetry import telemetry
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.models import UsageMark, UsageRolled, UsageRollup, UsageRow
from tests.unit.billing.test_rollups import row

SPANS = (1, 7, 13)  # today; what the page shows; more than rollups are kept for


async def write(database: Database, draw: random.Random, latest: datetime, hours: int, count: int) -> None:
    moments = [latest - timedelta(seconds=draw.randrange(hours * 3600)) for _ in range(count)]
    async with database.write() as session:
        await session.execute(insert(UsageRow), [row(draw.randrange(10**6), at) for at in moments])


async def by_hand(database: Database, clock: ManualClock, days: int) -> list[tuple[Any, ...]]:
    """(day, calls, debited, shadow, cost), added up here."""
    found = {(clock.now() - timedelta(days=ago)).date(): [0] * 4 for ago in range(days - 1, -1, -1)}
    async with database.read() as session:
        for each in await session.scalars(select(UsageRow)):
            if (figures := found.get(each.at.astimezone(UTC).date())) is not None:
                more = 1, each.ct_actual_debit, each.ct_shadow_debit or 0, each.cost_micro_eur or 0
                figures[:] = [mine + its for mine, its in zip(figures, more, strict=True)]
    return [(day, *figures) for day, figures in found.items()]


async def agree(database: Database, clock: ManualClock) -> None:
    for days in SPANS:
        rolled = await by_day(database, clock, days)
        assert rolled == await by_day(database, clock, days, by_rows=True)
        told = [(day.day, day.calls, day.ct_actual, day.ct_shadow, day.cost) for day in rolled]
        assert told == await by_hand(database, clock, days)


async def meddle(database: Database, clock: ManualClock, roller: Roller, draw: random.Random) -> None:
    act = draw.choice(("now", "late", "later today", "erase", "reprice", "roll", "roll", "wait", "over midnight"))
    if act in ("now", "late"):
        await write(database, draw, clock.now(), 1 if act == "now" else 300, 5)
    elif act == "later today":  # by a process whose clock goes ahead
        await write(database, draw, clock.now() + timedelta(minutes=20), 1, 1)
    elif act == "roll":
        await roller.roll()
    elif act in ("wait", "over midnight"):
        clock.advance(timedelta(minutes=draw.randrange(90)) if act == "wait" else timedelta(hours=13))
    else:
        some = select(UsageRow.id).order_by(UsageRow.ct_actual_debit, UsageRow.id).limit(7).scalar_subquery()
        change = delete(UsageRow) if act == "erase" else update(UsageRow).values(cost_micro_eur=draw.randrange(10**9))
        async with database.write() as session:
            await session.execute(change.where(UsageRow.id.in_(some)))


@pytest.mark.parametrize("seed", range(4))
async def test_days_are_the_recount_whatever_happened_before(database: Database, clock: ManualClock, seed: int) -> None:
    draw, roller = random.Random(seed), Roller(database, clock)
    clock.advance(timedelta(seconds=draw.randrange(86_400)))
    await write(database, draw, clock.now(), 320, 120)
    await roller.roll()
    for _ in range(14):
        await meddle(database, clock, roller, draw)
        await agree(database, clock)


async def test_days_are_the_recount_while_calls_go_on(database: Database, clock: ManualClock) -> None:
    """One snapshot for both ways, looked at while rows come and go and two rollers work."""
    draw = random.Random(3)
    await write(database, draw, clock.now(), 100, 60)
    rollers = [Roller(database, clock) for _ in range(2)]

    async def go_on() -> None:
        for _ in range(12):
            await meddle(database, clock, rollers[0], draw)
            await rollers[1].roll()

    at_work, looks = asyncio.create_task(go_on()), 0
    while not at_work.done() or looks < 3:
        async with database.snapshot() as session:
            now = clock.now()
            assert await counted(session, now, 7) == await counted(session, now, 7, by_rows=True)
        looks += 1
    await at_work
    await agree(database, clock)


async def test_what_is_rolled_up_is_not_read_from_rows(database: Database, clock: ManualClock) -> None:
    """Otherwise the comparisons above would compare the rows with themselves."""
    await write(database, random.Random(1), clock.now(), 150, 80)
    await Roller(database, clock).roll()
    before = await by_day(database, clock)
    async with database.write() as session:
        day = UsageRollup.level == 86_400
        await session.execute(update(UsageRollup).where(day).values(ct_actual=UsageRollup.ct_actual + 1))
        days = await session.scalar(select(func.count(UsageRollup.start.distinct())).where(day))
    after = await by_day(database, clock)
    assert days is not None and sum(a != b for a, b in zip(before, after, strict=True)) == min(days, 6) > 4


async def test_a_thousand_spoilt_stretches_between_good_ones_are_no_trouble(
    database: Database, clock: ManualClock
) -> None:
    """As erasing a workspace leaves them whose flow ran every ten minutes for a week."""
    await write(database, random.Random(1), clock.now(), 160, 50)
    await Roller(database, clock).roll()
    spoilt = [{"at": clock.now() - timedelta(minutes=10 * n + 1)} for n in range(1, 1008)]
    async with database.write() as session:
        await session.execute(insert(UsageMark), spoilt)
        assert await session.get(UsageRolled, USAGE) is not None
    await agree(database, clock)
    rolled = await telemetry(database, clock, 168)
    assert rolled == await telemetry(database, clock, 168, by_rows=True) and rolled["window"]["rows"] > 40
