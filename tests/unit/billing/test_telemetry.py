import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from billing.call import Reservation
from billing.meter import MOMENT, Meter
from billing.telemetry import telemetry
from camarad.errors import BadInput, LimitReached
from camarad.models import CtRefusal
from tests.support.metering import WORKSPACE, settlement


async def used(meter, request_id, **other):
    await meter.reserve(Reservation(WORKSPACE, request_id, 10))
    await meter.settle(settlement(request_id, **other))


async def test_the_windows_count_what_was_used(meter, database, clock):
    await used(meter, "r1", model="openai/gpt-5-mini", agent="ppc-specialist")
    await used(meter, "r2", agent="seo-strategist")
    found = await telemetry(database, clock, 24)
    day, week = found["windows"]["24h"], found["windows"]["7d"]
    assert day == week
    assert day["rows"] == day["rows_with_tokens"] == 2
    assert (day["tokens_in"], day["tokens_out"], day["ct_actual"]) == (2000, 2000, 10)
    assert day["ct_delta"] == day["ct_shadow"] - 10
    assert day["implied_ct_value_eur_micro"] == day["cost_eur_micro"] // 10
    assert [row["model"] for row in found["by_model"]] == ["camarad/embedded", "openai/gpt-5-mini"]
    assert sum(row["cost_eur_micro"] for row in found["by_model"]) == day["cost_eur_micro"] > 0
    assert [row["request_id"] for row in found["latest"]] == ["r2", "r1"]
    assert found["phase3"]["enabled"] is False


async def test_an_older_call_is_in_the_week_only(meter, database, clock):
    await used(meter, "r1")
    clock.advance(timedelta(hours=30))
    found = await telemetry(database, clock, 24)
    assert (found["windows"]["24h"]["rows"], found["windows"]["7d"]["rows"]) == (0, 1)
    assert found["by_agent"] == found["latest"] == []
    assert [row["rows"] for row in (await telemetry(database, clock, 48))["by_agent"]] == [1]


async def test_a_call_without_a_price_is_counted_without_a_cost(meter, database, clock):
    await used(meter, "r1", model="nobody/knows-it")
    day = (await telemetry(database, clock, 24))["windows"]["24h"]
    assert (day["rows"], day["rows_with_cost"], day["cost_eur_micro"]) == (1, 0, 0)


async def test_what_is_billable_holds_the_buffer_and_the_margin(meter, database, clock):
    await used(meter, "r1", model="openai/gpt-5-mini")
    day = (await telemetry(database, clock, 24))["windows"]["24h"]
    assert day["billable_eur_micro"] == -(-day["cost_eur_micro"] * 11_000 // 6_000)


async def test_nothing_used_divides_by_nothing(database, clock):
    day = (await telemetry(database, clock, 168))["windows"]["24h"]
    assert day["rows"] == 0 and day["implied_ct_value_eur_micro"] is None


async def test_another_window_is_refused(database, clock):
    with pytest.raises(BadInput):
        await telemetry(database, clock, 25)


async def test_calls_that_are_being_written_are_waited_for(meter, database, clock):
    """Their time is before `as_of`: a recount of the rows would find them there a moment later."""
    for n in range(20):
        await meter.reserve(Reservation(WORKSPACE, f"r{n}", 10))
    settling = [asyncio.create_task(meter.settle(settlement(f"r{n}"))) for n in range(20)]
    await asyncio.sleep(0)  # they are on their way
    found = await telemetry(database, clock, 24, written=meter.written)
    clock.advance(timedelta(seconds=1))
    assert found["windows"]["24h"]["rows"] == len(found["latest"]) == 20
    await asyncio.gather(*settling)


async def test_refusals_are_counted_up_to_the_same_moment(meter, database, settings, clock):
    with pytest.raises(LimitReached):
        await meter.reserve(Reservation(WORKSPACE, "r1", settings.max_ct_per_request + 1))
    async with database.write() as session:
        later = clock.now() + timedelta(seconds=1)
        other = {"workspace_id": WORKSPACE, "request_id": "r2", "code": "insufficient_ct", "phase": 2, "amount": 1}
        session.add(CtRefusal(id="later", at=later, **other))
    found = await telemetry(database, clock, 24, settings, written=meter.written)
    assert found["phase3"]["refused"] == {"max_ct_per_request": 1}


async def test_a_ledger_that_cannot_write_is_not_waited_for_long(sqlite_database, settings, clock):
    meter = Meter(sqlite_database, settings, clock)
    await meter.start()
    async with sqlite_database.write() as session:
        await session.scalar(select(CtRefusal.id))  # it has begun, and nobody else writes while it is open
        began = time.monotonic()
        found = await telemetry(sqlite_database, clock, 24, written=meter.written)
        assert MOMENT <= time.monotonic() - began < MOMENT + 5
    assert found["windows"]["24h"]["rows"] == 0
    await meter.close()
    await meter.written()
