"""The gateway between us and Google: on, off, gone, slow, broken, back again; over real sockets, in front of the
emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.errors import Conflict, Misconfigured
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo
from tests.support.emulator import TODAY
from tests.support.gateway import TOKEN, Gateway, http_answers, running_gateway
from tests.support.google_consent import AGENCY, connectors_of, granted_by, with_google
from tools.connectors import gateway as product
from tools.connectors.errors import ConnectorError
from tools.connectors.hub import Connectors
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from tools.record import Provider, ToolContext
from tools.registry import run_tool

PROPERTY, CUSTOMER, MANAGER = "410000001", "4100000011", "9000000001"
READS: list[tuple[Provider, str, str]] = [("ga4", "ga4_overview", "ga4"), ("google-ads", "ads_overview", "google_ads")]
EACH = pytest.mark.parametrize(("provider", "tool", "prefix"), READS)
ALONE = {"compare": "none"}


class Time:
    """A clock that moves a little at each look, and further when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def gateway(emulator: EmulatorProcess, emulator_faults: ControlClient) -> AsyncIterator[Gateway]:
    async with running_gateway(emulator.address) as made:
        yield made


def through(settings: Settings, url: str | None, **more: Any) -> Settings:
    token = SecretStr(TOKEN)
    update = {"gateway_enabled": True, "gateway_url": url, "gateway_token": token, "connector_timeout": 10}
    return settings.model_copy(update=update | more)


@asynccontextmanager
async def hub_of(settings: Settings, database: Database, time: Time) -> AsyncIterator[Connectors]:
    async with connectors_of(settings, database) as hub:
        hub.gateway = product.Gateway(settings, clock=time)
        yield hub


async def connect_both(database: Database, scope: Scope) -> None:
    """Connections of a client that is not of the demo, read through the gateway alone."""
    where = {"currency": "EUR", "timezone": "Europe/Bucharest"}
    await connect(database, scope, "ga4", PROPERTY, source="gateway", **where)
    await connect(database, scope, "google-ads", CUSTOMER, source="gateway", login_account_id=MANAGER, **where)


@pytest.fixture
async def hub(
    settings: Settings, sqlite_database: Database, scope: Scope, gateway: Gateway, time: Time, emulator: EmulatorProcess
) -> AsyncIterator[Connectors]:
    await connect_both(sqlite_database, scope)
    ready = through(settings, gateway.url, emulator_address=emulator.address, camarad_demo=True)
    async with hub_of(ready, sqlite_database, time) as made:
        yield made


def context(hub: Connectors, scope: Scope, language: str = "en") -> ToolContext:
    return ToolContext(scope, hub._database, hub, SystemClock(pinned=TODAY), language)


@EACH
async def test_a_connection_that_says_so_reads_through_the_gateway(
    hub: Connectors, scope: Scope, gateway: Gateway, provider: Provider, tool: str, prefix: str
) -> None:
    result = await run_tool(context(hub, scope), tool, ALONE)
    assert result.error is None, result.error
    assert (result.meta.source, result.meta.reason) == ("gateway", None)
    sent = gateway.seen[-1]
    assert (sent["authorization"], sent["x-camarad-client"]) == (f"Bearer {TOKEN}", scope.client_id)
    assert sent.get("login-customer-id") == (MANAGER if provider == "google-ads" else None)


async def test_figures_are_those_of_the_direct_way(
    hub: Connectors, scope: Scope, sibling_scope: Scope, sqlite_database: Database
) -> None:
    await connect_demo(sqlite_database, sibling_scope, "demo-lampadar")
    direct = await run_tool(context(hub, sibling_scope), "ga4_overview", {})
    gated = await run_tool(context(hub, scope), "ga4_overview", {})
    assert (direct.meta.source, gated.meta.source) == ("demo", "gateway")
    assert (direct.totals, direct.compare_totals, direct.rows) == (gated.totals, gated.compare_totals, gated.rows)


@EACH
@pytest.mark.parametrize(
    ("fault", "kind", "calls"),
    [
        ("unavailable", "gateway_failed", 2),
        ("internal", "gateway_failed", 2),
        ("deadline", "gateway_timeout", 1),
        ("garbage", "gateway_bad_answer", 1),
        ("refused", "gateway_refused", 1),
    ],
)
async def test_its_troubles_are_named_and_soon_cost_nothing(
    hub: Connectors,
    scope: Scope,
    gateway: Gateway,
    emulator_faults: ControlClient,
    provider: Provider,
    tool: str,
    prefix: str,
    fault: Any,
    kind: str,
    calls: int,
) -> None:
    gateway.fault = fault
    made = []
    for _ in range(7):
        result = await run_tool(context(hub, scope), tool, ALONE)
        made.append(len(gateway.seen))
        assert result.error is not None
        assert (result.error.code, result.rows) == (f"{prefix}_{kind}", [])
        assert "gateway" in result.error.message
    assert made[4] == made[6], "two failures open the breaker; calls under way together count as one"
    if provider == "ga4":
        assert made[:4] == {1: [1, 2, 2, 2], 2: [2, 2, 2, 2]}[calls]
    assert hub.gateway.reason == kind
    assert emulator_faults.calls() == [], "nobody went another way"


async def test_an_empty_answer_is_no_answer(hub: Connectors, scope: Scope, gateway: Gateway) -> None:
    gateway.fault = "empty"
    result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
    assert result.error is not None and result.error.code == "ga4_gateway_bad_answer"


async def test_a_slow_gateway_gets_half_of_the_time(
    hub: Connectors, settings: Settings, scope: Scope, gateway: Gateway, time: Time
) -> None:
    await (await hub.ga4(scope)).fields()  # imports are not timed
    hub.gateway = product.Gateway(through(settings, gateway.url, connector_timeout=1), clock=time)
    gateway.fault = "slow"
    result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
    assert result.error is not None and result.error.code == "ga4_gateway_timeout"


@EACH
@pytest.mark.parametrize("refusal", ["quota", "permission"])
async def test_googles_own_refusals_stay_googles(
    hub: Connectors,
    scope: Scope,
    gateway: Gateway,
    emulator_faults: ControlClient,
    provider: Provider,
    tool: str,
    prefix: str,
    refusal: str,
) -> None:
    emulator_faults.add("*", refusal, times=30)
    result = await run_tool(context(hub, scope), tool, ALONE)
    assert result.error is not None and result.error.code == f"{prefix}_{refusal}"
    assert hub.gateway.reason is None
    assert (await hub.states(scope))[provider].state == "connected", "it is the gateway's access, not the client's"


async def test_it_is_used_again_when_it_is_back(hub: Connectors, scope: Scope, gateway: Gateway, time: Time) -> None:
    await gateway.stop()
    codes = []
    for _ in range(2):
        result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
        codes.append(result.error and result.error.code)
    assert codes == ["ga4_gateway_unreachable"] * 2
    await gateway.start()
    result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
    assert result.error is not None, "it is left alone for a while"
    for _ in range(20):
        time.now += 16
        result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
        if result.error is None:
            break
    assert result.error is None and result.meta.source == "gateway"


@pytest.mark.parametrize(
    ("status", "version", "kind"),
    [
        (502, 2, "gateway_failed"),
        (503, 2, "gateway_failed"),
        (504, 2, "gateway_failed"),
        (200, 2, "gateway_bad_answer"),
        (403, 2, "gateway_bad_answer"),
        (404, 2, "gateway_bad_answer"),
        (401, 2, "gateway_refused"),
        (502, 1, "gateway_bad_answer"),
    ],
)
async def test_a_proxy_that_answers_in_its_place(
    settings: Settings, sqlite_database: Database, scope: Scope, time: Time, status: int, version: Any, kind: str
) -> None:
    await connect_both(sqlite_database, scope)
    async with (
        http_answers(status, version=version) as url,
        hub_of(through(settings, url), sqlite_database, time) as hub,
    ):
        result = await run_tool(context(hub, scope), "ga4_overview", ALONE)
    assert result.error is not None and result.error.code == f"ga4_{kind}", result.error


@pytest.mark.parametrize(
    ("change", "kind"), [({"gateway_enabled": False}, "gateway_off"), ({"gateway_url": None}, "gateway_not_configured")]
)
async def test_switched_off_without_another_way_is_an_error_and_never_demo_data(
    hub: Connectors, scope: Scope, time: Time, gateway: Gateway, emulator_faults: ControlClient, change: Any, kind: str
) -> None:
    hub.gateway = product.Gateway(hub.settings.model_copy(update=change), clock=time)
    for tool, prefix in (("ga4_overview", "ga4"), ("ads_overview", "google_ads")):
        result = await run_tool(context(hub, scope), tool, ALONE)
        assert result.error is not None and result.error.code == f"{prefix}_{kind}"
    assert gateway.seen == [] and emulator_faults.calls() == []


@pytest.fixture
async def own(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    gateway: Gateway,
    time: Time,
    emulator: EmulatorProcess,
    oauth_url: str,
) -> AsyncIterator[Connectors]:
    """Both connections with a consent of their own, and the gateway chosen."""
    ready = with_google(through(settings, gateway.url), emulator)
    async with hub_of(ready, sqlite_database, time) as hub:
        granted = await granted_by(hub.google, AGENCY, "ga4", "google-ads")
        for provider, account in (("ga4", PROPERTY), ("google-ads", CUSTOMER)):
            await hub.connect(scope, provider, granted)
            await hub.choose(scope, provider, account)
            assert (await hub.use_gateway(scope, provider, True)).source == "gateway"
        gateway.seen.clear()
        yield hub


@EACH
@pytest.mark.parametrize("fault", [None, "unavailable", "garbage", "off"])
async def test_a_client_with_its_own_consent_is_read_that_way_and_told_why(
    own: Connectors, scope: Scope, gateway: Gateway, time: Time, provider: Provider, tool: str, prefix: str, fault: Any
) -> None:
    if fault == "off":
        own.gateway = product.Gateway(own.settings.model_copy(update={"gateway_enabled": False}), clock=time)
    else:
        gateway.fault = fault
    result = await run_tool(context(own, scope), tool, {})
    assert result.error is None, result.error
    reason = {None: None, "unavailable": "gateway_failed", "garbage": "gateway_bad_answer", "off": "gateway_off"}[fault]
    assert (result.meta.source, result.meta.reason) == ("gateway" if fault is None else "demo", reason)
    said = [w for w in result.meta.warnings if "gateway" in w]
    assert len(said) == (0 if fault is None else 1)
    again = await run_tool(context(own, scope), tool, {})
    assert (again.totals, again.meta.reason) == (result.totals, reason)
    assert (await own.states(scope))[provider].state == "connected"


async def test_one_answer_has_one_source(own: Connectors, scope: Scope, gateway: Gateway) -> None:
    """The second of two reads fails: the first is read the other way too."""
    passed = 0
    pass_on = gateway._pass_on

    async def once(*args: Any) -> bytes:
        nonlocal passed
        passed += 1
        if passed > 1:
            gateway.fault = "unavailable"
            return await gateway._fail(args[-1])
        return await pass_on(*args)

    gateway._pass_on = once  # type: ignore[method-assign]
    result = await run_tool(context(own, scope), "ads_overview", {})
    assert result.error is None
    assert passed >= 2 and (result.meta.source, result.meta.reason) == ("demo", "gateway_failed")


async def test_the_gateway_can_be_left_again(own: Connectors, scope: Scope, gateway: Gateway) -> None:
    view = await own.use_gateway(scope, "ga4", False)
    assert (view.source, view.account_id) == ("demo", PROPERTY)
    await (await own.ga4(scope)).fields()
    assert gateway.seen == []


async def test_a_client_without_a_consent_may_be_read_through_the_gateway_alone(
    hub: Connectors, sibling_scope: Scope, gateway: Gateway
) -> None:
    view = await hub.use_gateway(sibling_scope, "ga4", True)
    assert (view.state, view.source, view.account_id) == ("connected", "gateway", None)
    assert PROPERTY in [e.id for e in (await hub.directory(sibling_scope, "ga4")).entries]
    assert (await hub.choose(sibling_scope, "ga4", PROPERTY)).currency == "EUR"
    assert await (await hub.ga4(sibling_scope)).fields()
    assert (await hub.use_gateway(sibling_scope, "ga4", False)).state == "disconnected"


async def test_a_demo_connection_does_not_go_through_it(hub: Connectors, sibling_scope: Scope) -> None:
    await connect_demo(hub._database, sibling_scope, "demo-lampadar")
    with pytest.raises(Conflict):
        await hub.use_gateway(sibling_scope, "ga4", True)


async def test_it_cannot_be_chosen_where_it_is_off(settings: Settings, sqlite_database: Database, scope: Scope) -> None:
    async with connectors_of(settings, sqlite_database) as hub:
        with pytest.raises(Misconfigured, match="not switched on"):
            await hub.use_gateway(scope, "ga4", True)
        with pytest.raises(ConnectorError, match="not connected"):
            await hub.ga4(scope)
