"""Windows of Phase 3: who may open one, when it counts, and that calls are charged by the phase they began in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billing import phase3
from billing.audit import audit
from billing.call import Reservation
from billing.meter import Meter
from billing.wallet import open_wallet
from camarad.errors import BadInput, Conflict, LimitReached, Misconfigured
from camarad.models import CtHold, CtLedgerEntry, CtRefusal, CtWallet, Phase3Window, UsageRow
from tests.support.metering import WORKSPACE, settlement

HOUR = timedelta(hours=1)
PRICES = {"test/dear": {"input": 10_000_000, "output": 0}}  # 1,000 tokens: 9,200 micro-EUR, 17 CT by cost and 1 flat


@pytest.fixture
def on(settings):
    return settings.model_copy(update={"billing_phase3_enabled": True, "camarad_model_prices": PRICES})


@pytest.fixture
async def metering(database, on, clock):
    """Makes meters, each as a process of its own would have it."""
    await open_wallet(database, WORKSPACE, 1000, clock)
    made = []

    async def make(settings=on):
        made.append(Meter(database, settings, clock))
        await made[-1].start()
        return made[-1]

    yield make
    for each in made:
        await each.close()
    assert await audit(database) == []


async def call(meter, request, tokens=1000):
    await meter.reserve(Reservation(WORKSPACE, request, 1, 17))
    return (await meter.settle(settlement(request, tokens, 0, model="test/dear"))).ct_actual


async def test_a_window_debits_by_cost_and_ends_by_itself(metering, database, on, clock):
    meter = await metering()
    assert await call(meter, "before") == 1
    await phase3.open_window(database, clock, on, 2, "a try")
    assert await call(meter, "inside") == 17
    clock.advance(2 * HOUR)
    assert await call(meter, "after") == 1
    async with database.read() as session:
        rows = {row.request_id: row for row in await session.scalars(select(UsageRow))}
    assert {name: row.phase for name, row in rows.items()} == {"before": 2, "inside": 3, "after": 2}
    assert {row.ct_shadow_debit for row in rows.values()} == {17}


async def test_closing_holds_for_every_process_at_once(metering, database, on, clock):
    meters = [await metering(), await metering()]
    await phase3.open_window(database, clock, on, 24)
    assert [await call(meter, f"open-{n}") for n, meter in enumerate(meters)] == [17, 17]
    assert len(await phase3.close_window(database, clock)) == 1
    charged = await asyncio.gather(*(call(meters[n % 2], f"closed-{n}") for n in range(10)))
    assert set(charged) == {1}
    assert await phase3.close_window(database, clock) == []


async def test_a_call_is_charged_by_the_phase_it_was_reserved_in(metering, database, on, clock):
    meter = await metering()
    await meter.reserve(Reservation(WORKSPACE, "flat", 1, 17))
    await phase3.open_window(database, clock, on, 24)
    await meter.reserve(Reservation(WORKSPACE, "dear", 1, 17))
    assert await meter.reserve(Reservation(WORKSPACE, "flat", 1, 17)) == "replay:held"
    assert (await meter.settle(settlement("flat", 1000, 0, model="test/dear"))).ct_actual == 1
    await phase3.close_window(database, clock)
    assert await meter.reserve(Reservation(WORKSPACE, "dear", 1, 17)) == "replay:held"
    charge = await meter.settle(settlement("dear", 1000, 0, model="test/dear"))
    assert charge == await meter.settle(settlement("dear", 1000, 0, model="test/dear"))
    assert (charge.ct_actual, charge.ct_shadow) == (17, 17)


async def test_a_window_left_open_does_nothing_where_the_setting_is_off(metering, database, settings, on, clock):
    await phase3.open_window(database, clock, on, 24)
    off = await metering(settings.model_copy(update={"camarad_model_prices": PRICES}))
    assert await call(off, "r1") == 1


async def test_opening_is_refused_with_the_next_step_while_the_setting_is_off(sqlite_database, settings, clock):
    with pytest.raises(Misconfigured) as refused:
        await phase3.open_window(sqlite_database, clock, settings, 24)
    assert "BILLING_PHASE3_ENABLED=true" in refused.value.hint


@pytest.mark.parametrize("hours", [0, -1, 169, 10**9])
async def test_a_window_has_a_length_that_somebody_can_mean(sqlite_database, on, clock, hours):
    with pytest.raises(BadInput):
        await phase3.open_window(sqlite_database, clock, on, hours)


async def test_of_windows_that_overlap_one_is_opened(database, on, clock):
    opened = await asyncio.gather(
        *(phase3.open_window(database, clock, on, 3) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in opened) == ["Conflict"] * 3 + ["Phase3Window"]
    with pytest.raises(Conflict) as refused:
        await phase3.open_window(database, clock, on, 1, starts=clock.now() + 2 * HOUR)
    assert refused.value.code == "window_overlap"
    with pytest.raises(BadInput):
        await phase3.open_window(database, clock, on, 1, starts=clock.now() - HOUR)
    clock.advance(3 * HOUR)
    await phase3.open_window(database, clock, on, 1)


async def test_a_clock_that_is_put_back_opens_no_window_again(metering, database, on, clock):
    await phase3.open_window(database, clock, on, 2)
    clock.advance(2 * HOUR)
    assert await phase3.end_overdue(database, clock) == 1
    assert await phase3.end_overdue(database, clock) == 0
    clock.advance(-HOUR)
    meter = await metering()  # not before: it ends windows too
    assert await call(meter, "again") == 1
    await phase3.open_window(database, clock, on, 2)
    clock.advance(3 * HOUR)
    assert await phase3.close_window(database, clock) == []  # over, and marked so
    clock.advance(-2 * HOUR)
    assert await call(meter, "and again") == 1


async def test_before_its_time_a_window_does_nothing(metering, database, on, clock):
    meter = await metering()
    await phase3.open_window(database, clock, on, 2)
    clock.advance(-HOUR)
    assert await call(meter, "early") == 1


REFUSED = {
    "max_ct_per_request": (50, {"max_ct_per_request": 49}),
    "max_daily_ct_per_workspace": (50, {"max_daily_ct_per_workspace": 49}),
    "insufficient_ct": (1001, {"max_ct_per_request": 2000}),
}


@pytest.mark.parametrize("code", REFUSED)
async def test_a_cap_refuses_by_cost_and_touches_nothing(metering, database, on, clock, code):
    worst, limits = REFUSED[code]
    meter = await metering(on.model_copy(update=limits))
    await phase3.open_window(database, clock, on, 24)
    async with database.read() as session:
        before = await _state(session)
    with pytest.raises(LimitReached) as refused:
        await meter.reserve(Reservation(WORKSPACE, "r1", 1, worst))
    assert (refused.value.code, refused.value.status) == (code, 429)
    await meter._refusals.close()  # write down what was refused
    async with database.read() as session:
        assert await _state(session) == before
        row = (await session.scalars(select(CtRefusal))).one()
        said = await phase3.report(session, on, clock.now(), clock.now() - HOUR)
    assert (row.code, row.phase, row.amount, row.request_id) == (code, 3, worst, "r1")
    assert (said["refused"], said["applied"], said["open"]) == ({code: 1}, 0, True)


async def _state(session):
    wallet = (await session.scalars(select(CtWallet))).one()
    counts = [await session.scalar(select(func.count()).select_from(table)) for table in (CtHold, CtLedgerEntry)]
    return (wallet.plan_balance, wallet.topup_balance, wallet.held, wallet.day, wallet.day_used, *counts)


async def test_the_report_counts_what_was_debited_by_cost(metering, database, settings, on, clock):
    meter = await metering()
    await call(meter, "flat")
    window = await phase3.open_window(database, clock, on, 24, "why")
    assert await call(meter, "one") + await call(meter, "two", 2000) == 17 + 34
    async with database.read() as session:
        said = await phase3.report(session, settings, clock.now(), clock.now() - HOUR)
        assert await session.get(Phase3Window, window.id) is not None
    assert (said["enabled"], said["open"], said["applied"], said["debited_ct"]) == (False, False, 2, 51)
    assert said["window"]["note"] == "why"
