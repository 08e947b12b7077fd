"""Telemetry from rollups is the recount of the rows, to the unit, at every moment, on both databases."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from billing.call import Reservation
from billing.coverage import NAMES, Coverage
from billing.meter import Meter
from billing.rollup.roller import Roller
from billing.rollup.spread import counted, listed, pack, percentiles, unpack
from billing.rollup.stretches import LEVELS, SECOND, cover
from billing.telemetry import figures, telemetry
from billing.wallet import open_wallet
from camarad.ids import new_id
from camarad.models import UsageMark, UsageRollup, UsageRow
from tests.support.metering import WORKSPACE, settlement

FLAGS = sum(Coverage)
MINUTE = SECOND * 60


def row(number, at, **other):
    draw = random.Random(number)
    priced = draw.random() < 0.9
    cost = draw.randrange(40_000)
    return {
        "id": new_id(),
        "workspace_id": draw.choice((WORKSPACE, "workspace-two")),
        "request_id": new_id(),
        "agent": draw.choice(("personal-assistant", "ppc-specialist", "seo-strategist")),
        "model": draw.choice(("camarad/embedded", "openai/gpt-5-mini")),
        "status": "settled",
        "tokens_in": draw.randrange(5000),
        "tokens_cached": draw.randrange(100),
        "tokens_out": draw.randrange(2000),
        "estimated": draw.random() < 0.1,
        "cost_micro_eur": cost if priced else None,
        "billable_micro_eur": cost * draw.randrange(1, 4) if priced else None,
        "ct_actual_debit": draw.randrange(30),
        "ct_shadow_debit": draw.randrange(90) if priced else None,
        "phase": draw.choice((2, 3)),
        "coverage": draw.randrange(FLAGS + 1),
        "attempts": [],
        "duration_ms": 1,
        "at": at,
        **other,
    }


async def filled(database, clock, count=400, hours=200):
    """Rows over more than a week, some on the very edges of stretches."""
    draw, now = random.Random(7), clock.now()
    moments = [now - timedelta(microseconds=draw.randrange(hours * 60 * MINUTE)) for _ in range(count)]
    moments += [now - timedelta(hours=n) + timedelta(microseconds=edge) for n in (0, 1, 24, 168) for edge in (-1, 0)]
    rows = [row(number, at) for number, at in enumerate(moments)]
    async with database.write() as session:
        await session.execute(insert(UsageRow), rows)
    return rows


async def both(database, clock, window=24):
    """The figures from rollups and from rows, at one moment."""
    async with database.snapshot() as session:
        now = clock.now()
        return (
            await figures(session, now, window),
            await figures(session, now, window, by_rows=True),
        )


async def test_rollups_give_what_the_rows_give(database, clock):
    rows = await filled(database, clock)
    assert await Roller(database, clock).roll() > 2000
    for window in (24, 48, 168):
        rolled, recounted = await both(database, clock, window)
        assert rolled == recounted
        agrees_with(rows, clock, window, rolled)


def agrees_with(rows, clock, window, rolled):
    """The same by hand."""
    since = clock.now() - timedelta(hours=window)
    inside = [each for each in rows if since < each["at"] <= clock.now()]
    costs = sorted(each["cost_micro_eur"] for each in inside if each["cost_micro_eur"] is not None)
    assert rolled["window"]["rows"] == len(inside)
    assert rolled["window"]["cost_eur_micro"] == sum(costs)
    assert rolled["window"]["billable_eur_micro"] == sum(each["billable_micro_eur"] or 0 for each in inside)
    assert rolled["window"]["percentiles"]["cost"]["p90"] == costs[ceil(len(costs) * 90 / 100) - 1]
    by_agent = Counter(each["agent"] for each in inside)
    assert {each["agent"]: each["rows"] for each in rolled["by_agent"]} == by_agent
    for name, flag in NAMES.items():
        assert rolled["window"]["coverage"][name]["rows"] == sum(bool(each["coverage"] & flag) for each in inside)


async def test_what_is_rolled_up_is_not_read_from_rows(database, clock):
    """Otherwise the comparison above would compare the rows with themselves."""
    await filled(database, clock, count=100, hours=60)
    await Roller(database, clock).roll()
    async with database.write() as session:
        await session.execute(update(UsageRollup).values(cost_eur_micro=UsageRollup.cost_eur_micro + 1))
    rolled, recounted = await both(database, clock)
    assert rolled != recounted
    async with database.read() as session:
        levels = set(await session.scalars(select(UsageRollup.level).distinct()))
    assert levels == set(LEVELS)


@pytest.mark.parametrize("change", ["late row", "new price", "erased rows", "moved row"])
async def test_a_change_of_the_past_is_seen_at_once_and_summed_up_again(database, clock, change):
    rows = await filled(database, clock, count=150, hours=55)
    roller = Roller(database, clock)
    await roller.roll()
    past = clock.now() - timedelta(hours=5)
    async with database.write() as session:
        if change == "late row":
            await session.execute(insert(UsageRow), [row(1, past), row(2, past - timedelta(days=1))])
        elif change == "new price":
            await session.execute(update(UsageRow).where(UsageRow.id == rows[3]["id"]).values(cost_micro_eur=10**9))
        elif change == "erased rows":
            await session.execute(delete(UsageRow).where(UsageRow.workspace_id == "workspace-two"))
        else:
            await session.execute(update(UsageRow).where(UsageRow.id == rows[3]["id"]).values(at=past))
    rolled, recounted = await both(database, clock, 168)
    assert rolled == recounted
    assert await roller.roll() > 0
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(UsageMark)) == 0
    assert await both(database, clock, 168) == (recounted, recounted)


async def test_the_figures_are_the_recount_at_every_moment_while_calls_go_on(database, settings, clock):
    """Writers meter, rows arrive late and are priced anew, time passes and the roller rolls, all at the same time."""
    await open_wallet(database, WORKSPACE, 100_000, clock)
    await filled(database, clock, count=100, hours=30)
    meters = [Meter(database, settings, clock) for _ in range(2)]
    for each in meters:
        await each.start()
    rollers = [Roller(database, clock) for _ in range(2)]

    async def write(number):
        for call in range(6):
            request = f"{number}-{call}"
            meter = meters[number % 2]
            await meter.reserve(Reservation(WORKSPACE, request, 10))
            await meter.settle(settlement(request, tokens_in=100 * call))
            clock.advance(timedelta(seconds=83))

    async def meddle():
        for _ in range(15):
            late = row(random.randrange(10**6), clock.now() - timedelta(minutes=random.randrange(600)))
            async with database.write() as session:
                await session.execute(insert(UsageRow), [late])
                some = select(UsageRow.id).where(UsageRow.id >= new_id()[:9]).limit(1).scalar_subquery()
                await session.execute(update(UsageRow).where(UsageRow.id == some).values(cost_micro_eur=5))
            await asyncio.sleep(0)

    async def roll(roller):
        for _ in range(6):
            await roller.roll()
            await asyncio.sleep(0)

    aside = [asyncio.create_task(each) for each in (meddle(), *(roll(r) for r in rollers))]
    writers = asyncio.gather(*(write(n) for n in range(6)))
    looks = 0
    while not (writers.done() and all(task.done() for task in aside)) or looks < 5:
        rolled, recounted = await both(database, clock, 48)
        assert rolled == recounted
        looks += 1
    await asyncio.gather(writers, *aside)
    await rollers[0].roll()
    rolled, recounted = await both(database, clock, 48)
    assert rolled == recounted
    assert rolled["window"]["rows"] > 36
    for each in meters:
        await each.close()


async def test_a_roller_that_comes_second_lets_its_work_go(database, clock, monkeypatch):
    await filled(database, clock, count=50, hours=3)
    first, second = Roller(database, clock), Roller(database, clock)
    await first._advance()
    store = second._store

    async def overtaken(*given):
        await first.roll()
        async with database.write() as session:
            await session.execute(insert(UsageRow), [row(5, clock.now() - timedelta(hours=1))])
        await first.roll()
        return await store(*given)

    monkeypatch.setattr(second, "_store", overtaken)
    await second._turn()
    rolled, recounted = await both(database, clock)
    assert rolled == recounted


async def test_what_is_older_than_any_window_is_let_go(database, clock):
    await filled(database, clock, count=50, hours=30)
    roller = Roller(database, clock)
    await roller.roll()
    clock.advance(timedelta(days=30))
    await roller.roll()
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(UsageRollup)) == 0
        assert await session.scalar(select(func.count()).select_from(UsageMark)) == 0
    assert (await telemetry(database, clock, 168))["window"]["rows"] == 0


@pytest.mark.parametrize("days", [1, 3, 8, 30])
async def test_a_clock_that_was_ahead_for_a_time_loses_no_call(database, clock, days):
    await filled(database, clock, count=150)
    roller, ahead = Roller(database, clock), timedelta(days=days)
    await roller.roll()
    clock.advance(ahead)
    await roller.roll()
    clock.advance(timedelta(minutes=1) - ahead)
    rolled, recounted = await both(database, clock, 168)
    assert rolled == recounted
    assert recounted["window"]["rows"] > 100
    await roller.roll()
    assert await both(database, clock, 168) == (recounted, recounted)
    async with database.write() as session:
        await session.execute(update(UsageRollup).values(tokens_in=UsageRollup.tokens_in + 1))
    rolled, recounted = await both(database, clock, 168)
    assert rolled != recounted, "rollups are used again, as before the clock was ahead"


@given(
    first=st.integers(0, 4 * 24 * 60),
    length=st.integers(1, 3 * 24 * 60),
    upto=st.integers(0, 4 * 24 * 12),
    marks=st.lists(st.integers(0, 4 * 24 * 12), max_size=6),
)
def test_a_window_is_covered_once_and_never_by_a_spoilt_stretch(first, length, upto, marks):
    start, end = first * MINUTE + 17, (first + length) * MINUTE + 3
    spoilt, known = {5 * mark * MINUTE for mark in marks}, 5 * upto * MINUTE
    found = cover(start, end, known, spoilt)
    runs = sorted([*found.raw, *(run for runs in found.rolled.values() for run in runs)])
    assert runs[0][0] == start and runs[-1][1] == end
    assert all(before[1] == after[0] for before, after in pairwise(runs))
    for level, several in found.rolled.items():
        for run in several:
            assert run[0] % (level * SECOND) == run[1] % (level * SECOND) == 0 and run[1] <= known
            assert not any(run[0] <= mark < run[1] for mark in spoilt)


@given(st.lists(st.lists(st.integers(0, 2**33), max_size=30), max_size=5))
def test_percentiles_over_packed_counts_are_those_of_the_sorted_calls(several):
    parts = [unpack(packed) for each in several if (packed := pack(Counter(each)))]
    parts += [counted({}), listed([None])]
    parts += [listed([*each, None]) for each in several[:1]]
    calls = sorted(value for each in (*several, *several[:1]) for value in each)
    wanted = {f"p{p}": calls[ceil(p * len(calls) / 100) - 1] if calls else None for p in (50, 90, 99)}
    assert percentiles(parts) == wanted
