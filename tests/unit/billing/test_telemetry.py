from datetime import timedelta

import pytest

from billing.call import Reservation
from billing.telemetry import telemetry
from camarad.errors import BadInput
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
