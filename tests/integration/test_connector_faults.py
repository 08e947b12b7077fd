"""What happens when Google does not answer as it should: real sockets, faults switched on in the emulator."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import Upstream
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo, toolbox
from tools.connectors.hub import Connectors
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from tools.record import ToolContext
from tools.registry import run_tool

SHOP = "demo-lampadar"
READS = [("ga4_overview", "BatchRunReports", "ga4"), ("ads_ad_groups", "Search", "google_ads")]
EACH = pytest.mark.parametrize(("tool", "method", "prefix"), READS)
ALONE = {"compare": "none"}


@pytest.fixture
async def shop(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    emulator: EmulatorProcess,
    emulator_faults: ControlClient,
) -> AsyncIterator[ToolContext]:
    async with toolbox(settings, sqlite_database, scope, emulator.address, SHOP) as context:
        yield context


@EACH
@pytest.mark.parametrize("code", ["unavailable", "internal", "expired_token"])
async def test_one_passing_failure_is_not_seen(
    shop: ToolContext, emulator_faults: ControlClient, tool: str, method: str, prefix: str, code: str
) -> None:
    emulator_faults.add(method, code)
    result = await run_tool(shop, tool, ALONE)
    assert result.error is None, result.error
    assert len(emulator_faults.calls(method)) == 2


@EACH
@pytest.mark.parametrize(
    ("code", "kind", "calls"),
    [
        ("unavailable", "unavailable", 3),
        ("internal", "unavailable", 3),
        ("quota", "quota", 1),
        ("permission", "permission", 1),
        ("expired_token", "reconnect", 2),
        ("invalid_token", "reconnect", 2),
    ],
)
async def test_a_lasting_failure_is_named_after_as_many_calls_as_make_sense(
    shop: ToolContext,
    emulator_faults: ControlClient,
    tool: str,
    method: str,
    prefix: str,
    code: str,
    kind: str,
    calls: int,
) -> None:
    emulator_faults.add(method, code, times=50)
    result = await run_tool(shop, tool, ALONE)
    assert result.error is not None
    assert result.error.code == f"{prefix}_{kind}"
    mended = kind in ("permission", "reconnect")
    assert result.error.link == ("/connectors" if mended else f"/connectors/{prefix.replace('_', '-')}")
    assert result.rows == []
    assert len(emulator_faults.calls(method)) == calls


async def test_googles_own_words_reach_the_model(shop: ToolContext, emulator_faults: ControlClient) -> None:
    emulator_faults.add("BatchRunReports", "quota")
    result = await run_tool(shop, "ga4_overview", ALONE)
    assert result.error is not None
    assert "Exhausted property tokens" in result.error.message


async def test_a_missing_consent_scope_asks_to_connect_again(shop: ToolContext, emulator_faults: ControlClient) -> None:
    emulator_faults.add("BatchRunReports", "scope", times=5)
    result = await run_tool(shop, "ga4_overview", ALONE)
    assert result.error is not None
    assert result.error.code == "ga4_missing_scope"


@EACH
async def test_a_slow_answer_ends_in_a_timeout_in_time(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    emulator: EmulatorProcess,
    emulator_faults: ControlClient,
    tool: str,
    method: str,
    prefix: str,
) -> None:
    hasty = settings.model_copy(update={"connector_timeout": 1, "connector_retries": 1})
    async with toolbox(hasty, sqlite_database, scope, emulator.address, SHOP) as context:
        await run_tool(context, tool, {"compare": "none", "range": "7days"})  # imports and first contact are not timed
        emulator_faults.add(method, "slow", times=9, delay_s=3.0)
        async with asyncio.timeout(2.5):
            result = await run_tool(context, tool, ALONE)
    assert result.error is not None
    assert result.error.code == f"{prefix}_timeout"


@EACH
async def test_twenty_equal_questions_at_once_make_one_upstream_call(
    shop: ToolContext, emulator_faults: ControlClient, tool: str, method: str, prefix: str
) -> None:
    results = await asyncio.gather(*(run_tool(shop, tool, ALONE) for _ in range(20)))
    assert [result.error for result in results] == [None] * 20
    assert len({result.for_model() for result in results}) == 1
    assert len(emulator_faults.calls(method)) == 1


async def test_the_second_answer_comes_from_the_cache_and_says_when_it_was_read(
    shop: ToolContext, emulator_faults: ControlClient
) -> None:
    first, second = await run_tool(shop, "ga4_overview", {}), await run_tool(shop, "ga4_overview", {})
    assert (first.meta.cached, second.meta.cached) == (False, True)
    assert second.meta.as_of == first.meta.as_of
    assert len(emulator_faults.calls("BatchRunReports")) == 1


async def test_refresh_reads_again(shop: ToolContext, emulator_faults: ControlClient) -> None:
    for _ in range(2):
        connector = await shop.connectors.ga4(shop.scope, refresh=True)
        await connector.fields()
    assert len(emulator_faults.calls("GetMetadata")) == 2


async def test_two_clients_of_one_property_do_not_share_what_is_kept(
    shop: ToolContext, sibling_scope: Scope, emulator_faults: ControlClient
) -> None:
    await connect_demo(shop.database, sibling_scope, SHOP)
    await run_tool(shop, "ga4_overview", {})
    other = await run_tool(replace(shop, scope=sibling_scope), "ga4_overview", {})
    assert not other.meta.cached
    assert len(emulator_faults.calls("BatchRunReports")) == 2


async def test_a_failure_is_not_kept(shop: ToolContext, emulator_faults: ControlClient) -> None:
    emulator_faults.add("BatchRunReports", "permission")
    assert (await run_tool(shop, "ga4_overview", {})).error is not None
    assert (await run_tool(shop, "ga4_overview", {})).error is None


async def test_a_server_that_is_gone_is_unavailable_and_then_left_alone(
    settings: Settings, sqlite_database: Database, scope: Scope
) -> None:
    async with toolbox(settings, sqlite_database, scope, "127.0.0.1:1", SHOP) as context:
        codes = []
        for _ in range(3):
            result = await run_tool(context, "ga4_overview", ALONE)
            assert result.error is not None
            codes.append(result.error.code)
        with pytest.raises(Upstream) as caught:
            await (await context.connectors.ga4(scope)).fields()
    assert codes == ["ga4_unavailable"] * 3
    assert caught.value.status == 503
    assert caught.value.retry_after is not None
    assert caught.value.retry_after <= 15


async def test_an_account_that_is_not_shared_is_a_permission_error(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess, clock: ManualClock
) -> None:
    await connect(sqlite_database, scope, "ga4", "999")
    connectors = Connectors(settings, sqlite_database, clock, emulator.address)
    with pytest.raises(Upstream, match="sufficient permissions") as caught:
        await (await connectors.ga4(scope)).fields()
    await connectors.close()
    assert caught.value.code == "ga4_permission"


async def test_reading_is_noted_on_the_connection_but_not_each_time(shop: ToolContext, scope: Scope) -> None:
    async def noted() -> object:
        return (await shop.connectors.states(scope))["ga4"].last_read_at

    assert await noted() is None
    await run_tool(shop, "ga4_overview", {})
    first = await noted()
    assert first is not None
    await run_tool(shop, "ga4_overview", {"range": "7days"})
    assert await noted() == first
    assert shop.clock.now() - first < timedelta(minutes=1)  # type: ignore[operator]


async def test_a_start_and_an_early_end_leave_nothing_behind(shop: ToolContext) -> None:
    await shop.connectors.start()
    await shop.connectors.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_connections_without_a_currency_use_the_clients(shop: ToolContext, sibling_scope: Scope) -> None:
    await connect(shop.database, sibling_scope, "ga4", "410000001")
    view = (await shop.connectors.states(sibling_scope))["ga4"]
    assert (view.currency, view.timezone) == ("EUR", "UTC")
