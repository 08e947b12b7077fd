"""The connectors' tabs over HTTP: who may read them, what they say of their data, and every way they can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo
from tests.support.emulator import TODAY, Truth, last_days
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, code, running
from tools.connectors.tabs import ADS_TABS, GA4_TABS
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

GA4, ADS = "/api/connectors/ga4", "/api/connectors/google-ads"
EVERY = [f"{GA4}/{tab}" for tab in GA4_TABS] + [f"{ADS}/{tab}" for tab in ADS_TABS]
SHOP, CLINICS, MAGAZINE = "demo-lampadar", "demo-zambet", "demo-gazeta"
META = {
    "source", "reason", "as_of", "range", "compare", "timezone", "currency", "cached", "warnings", "quota",
}  # fmt: skip


@pytest.fixture
async def tabs(
    settings: Settings, sqlite_url: str, model_server: ModelServer, emulator: EmulatorProcess
) -> AsyncIterator[Camarad]:
    with_data = {"emulator_address": emulator.address, "camarad_today": TODAY, "connector_timeout": 6.0}
    async with running(hosted(settings, model_server, **with_data)) as camarad:
        yield camarad


async def owner(tabs: Camarad, browser: Browser) -> Scope:
    status = (await browser.get("/api/auth/status")).json()
    return Scope(status["user"]["id"], status["workspace"]["id"], browser.client_id)


async def reader(tabs: Camarad, demo: str = SHOP, email: str = "ana@example.com") -> Browser:
    """Somebody with a client that has a demo client's connections."""
    browser = await tabs.sign_up(email)
    await browser.new_client("Shop")
    await connect_demo(tabs.services.database, await owner(tabs, browser), demo)
    return browser


def rows(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = next(each for each in body["sections"] if each["id"] == name)
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]


@pytest.mark.parametrize("path", EVERY)
async def test_a_tab_says_what_its_figures_are(tabs: Camarad, path: str) -> None:
    ana = await reader(tabs)
    answer = await ana.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store" and answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert f"/api/connectors/{body['provider']}/{body['tab']}" == path
    meta = body["meta"]
    assert meta.keys() == META
    assert (meta["source"], meta["timezone"], meta["currency"]) == ("demo", "Europe/Bucharest", "EUR")
    assert meta["cached"] is False and meta["as_of"].endswith("Z")
    if body["tab"] != "realtime":
        assert meta["range"] == {"start": "2026-10-23", "end": "2026-11-19"}
    for section in body["sections"]:
        assert all(len(row) == len(section["columns"]) for row in section["rows"]), section["id"]
        assert section["kind"] in ("metrics", "series", "table", "funnel") and section["title"]


async def test_figures_come_with_their_period_and_comparison(tabs: Camarad, truth: Truth) -> None:
    ana = await reader(tabs)
    body = (await ana.get(f"{ADS}/overview?days=7&compare=year")).json()
    assert body["meta"]["range"] == {"start": "2026-11-13", "end": "2026-11-19"}
    assert body["meta"]["compare"] == {"start": "2025-11-14", "end": "2025-11-20"}
    (totals,) = rows(body, "totals")
    assert totals["cost"] == round(truth.google_ads(SHOP, *last_days(7)).cost, 2)
    same = (await ana.get(f"{ADS}/overview?range=7days&compare=year")).json()
    assert same["meta"]["cached"] is True and same["sections"] == body["sections"]


async def test_a_second_look_is_cached_until_it_is_refreshed(tabs: Camarad, emulator_faults: ControlClient) -> None:
    ana = await reader(tabs)
    bodies = [(await ana.get(f"{GA4}/overview{query}")).json() for query in ("", "", "?refresh=1", "")]
    assert [body["meta"]["cached"] for body in bodies] == [False, True, False, True]
    assert len(emulator_faults.calls()) == 2
    assert bodies[0]["meta"]["as_of"] == bodies[1]["meta"]["as_of"] < bodies[2]["meta"]["as_of"]
    assert bodies[0]["sections"] == bodies[2]["sections"]


@pytest.mark.parametrize("path", [f"{GA4}/overview", f"{GA4}/funnels", f"{GA4}/realtime", f"{ADS}/overview"])
async def test_twenty_first_loads_at_once_are_one_upstream_call(
    tabs: Camarad, emulator_faults: ControlClient, path: str
) -> None:
    ana = await reader(tabs)
    emulator_faults.add("*", "slow", delay_s=0.2)
    answers = await asyncio.gather(*(ana.get(path) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(emulator_faults.calls()) == 1
    assert len({answer.text for answer in answers}) == 1


async def test_clients_with_the_same_account_share_no_kept_answer(
    tabs: Camarad, emulator_faults: ControlClient
) -> None:
    ana, bob = await reader(tabs), await reader(tabs, email="bob@example.com")
    first, second = [(await each.get(f"{GA4}/sources")).json() for each in (ana, bob)]
    assert first["meta"]["cached"] is second["meta"]["cached"] is False
    assert len(emulator_faults.calls()) == 2 and first["sections"] == second["sections"]


async def test_each_client_of_a_workspace_sees_its_own_figures(tabs: Camarad, truth: Truth) -> None:
    ana = await reader(tabs)
    shop = ana.client_id
    await ana.new_client("Clinics")
    await connect_demo(tabs.services.database, await owner(tabs, ana), CLINICS)
    for client, demo, currency in ((shop, SHOP, "EUR"), (ana.client_id, CLINICS, "RON"), (shop, SHOP, "EUR")):
        body = (await ana.get(f"{GA4}/overview", X_Client_ID=client)).json()
        (totals,) = rows(body, "totals")
        assert totals["sessions"] == truth.ga4(demo, *last_days(28)).sessions
        assert body["meta"]["currency"] == currency


@pytest.mark.parametrize("path", EVERY)
async def test_a_tab_is_for_those_who_own_the_client(tabs: Camarad, path: str) -> None:
    ana, bob = await reader(tabs), await tabs.sign_up("bob@example.com")
    assert (await ana.get(path)).status_code == 200
    stranger = await tabs.browser().get(path)
    assert (stranger.status_code, code(stranger)) == (401, "not_signed_in")
    unnamed = await ana.http.get(path)
    assert (unnamed.status_code, code(unnamed)) == (400, "client_required")
    foreign = await bob.get(path, X_Client_ID=ana.client_id)
    unknown = await bob.get(path, X_Client_ID="no-such-client")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    said = [answer.json()["error"] | {"request_id": ""} for answer in (foreign, unknown)]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "query",
    [
        "range=2026-11-10..2026-11-01",
        "range=2026-11-01..2027-01-01",
        "range=2006-11-19..2026-11-18",
        "range=0001-01-01..0001-01-05",
        "range=1999-12-01",
        "range=2026-02-30",
        "range=9999-12",
        "range=yesteryear",
        "range=" + "9" * 400,
        "range=0days",
        "range=999days",
        "range=%27%3B%20DROP%20TABLE",
        "compare=sideways",
        "compare=",
        "refresh=perhaps",
        "limit=0",
        "limit=100000",
        "limit=ten",
    ],
)
@pytest.mark.parametrize("path", [f"{GA4}/overview", f"{ADS}/campaigns"])
async def test_a_bad_question_is_refused_without_asking_google(
    tabs: Camarad, emulator_faults: ControlClient, path: str, query: str
) -> None:
    ana = await reader(tabs)
    answer = await ana.get(f"{path}?{query}")
    assert (answer.status_code, code(answer)) == (422, "invalid_input")
    error = answer.json()["error"]
    assert error["message"].endswith(".") and error["hint"] and len(answer.text) < 1_000
    assert emulator_faults.calls() == []


@pytest.mark.parametrize("query", ["days=0", "days=-3", "days=401", "days=x", "days=7&range=28days"])
async def test_days_of_google_ads_are_checked(tabs: Camarad, query: str) -> None:
    ana = await reader(tabs)
    answer = await ana.get(f"{ADS}/overview?{query}")
    assert (answer.status_code, code(answer)) == (422, "invalid_input")


async def test_a_tab_that_is_not_there_is_not_found(tabs: Camarad) -> None:
    ana = await reader(tabs)
    for path in (f"{GA4}/budgets", f"{ADS}/funnels", f"{GA4}/overview/more", "/api/connectors/ga5/overview"):
        answer = await ana.get(path)
        assert (answer.status_code, code(answer)) == (404, "not_found"), path


async def test_a_missing_connection_is_named_with_the_way_to_it(tabs: Camarad) -> None:
    ana = await reader(tabs, MAGAZINE)
    assert (await ana.get(f"{GA4}/overview")).status_code == 200
    answer = await ana.get(f"{ADS}/overview")
    assert (answer.status_code, code(answer)) == (409, "google_ads_not_connected")
    assert "/connectors" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("state", "status", "name"), [("reconnect", 502, "ga4_reconnect"), ("missing_scope", 502, "ga4_missing_scope")]
)
async def test_a_broken_connection_is_named(tabs: Camarad, state: str, status: int, name: str) -> None:
    ana = await tabs.sign_up()
    await ana.new_client()
    await connect(tabs.services.database, await owner(tabs, ana), "ga4", "410000001", state=state)
    answer = await ana.get(f"{GA4}/overview")
    assert (answer.status_code, code(answer)) == (status, name)
    assert "/connectors" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("unavailable", 503, "unavailable"),
        ("internal", 503, "unavailable"),
        ("deadline", 504, "timeout"),
        ("quota", 503, "quota"),
        ("permission", 502, "permission"),
        ("scope", 502, "missing_scope"),
    ],
)
@pytest.mark.parametrize("path", [f"{GA4}/overview", f"{GA4}/funnels", f"{ADS}/overview", f"{ADS}/changes"])
async def test_trouble_at_google_is_named_by_connector_and_class(
    tabs: Camarad, emulator_faults: ControlClient, path: str, fault: str, status: int, kind: str
) -> None:
    ana = await reader(tabs)
    emulator_faults.add("*", fault, times=50)
    answer = await ana.get(path)
    provider = "ga4" if "ga4" in path else "google_ads"
    assert (answer.status_code, code(answer)) == (status, f"{provider}_{kind}"), answer.text
    assert ("retry-after" in answer.headers) is (kind in ("quota", "unavailable", "timeout"))
    emulator_faults.clear()


async def test_the_api_document_has_every_tab_with_its_answer(tabs: Camarad) -> None:
    document = (await tabs.browser().get("/openapi.json")).json()
    for path in EVERY:
        found = document["paths"][path]["get"]
        assert found["x-camarad-access"] == "client"
        content = found["responses"]["200"]["content"]["application/json"]["schema"]
        assert content == {"$ref": "#/components/schemas/TabReport"}
        names = {each["name"] for each in found["parameters"]}
        assert names == {"range", "compare", "refresh", "limit"} | ({"days"} if path.startswith(ADS) else set())
