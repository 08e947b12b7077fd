"""Tabs of clients given by totals: what a person wrote into the file is what they read, to the last cent and unit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect
from tests.support.emulator import TODAY
from tests.support.seed import SCOPE
from tools.connectors.hub import Connectors
from tools.connectors.tabs import RangeRequest, TabReport, tab_report
from tools.emulator.process import EmulatorProcess, start_emulator
from tools.record import Provider

FILE = Path(__file__).parents[1] / "support" / "fixtures_unusual.json"
CLIENTS: list[dict[str, Any]] = json.loads(FILE.read_text())["clients"]
WITH_ADS = [client for client in CLIENTS if client["google_ads"]]
WITH_GA4 = [client for client in CLIENTS if client["ga4"]]


def named(client: dict[str, Any]) -> str:
    return str(client["id"])


@pytest.fixture(scope="module")
def unusual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    process = start_emulator(tmp_path_factory.mktemp("unusual"), fixtures=FILE)
    yield process
    process.stop()


@asynccontextmanager
async def reading(
    settings: Settings, database: Database, address: str, client: dict[str, Any]
) -> AsyncIterator[Connectors]:
    where = {"currency": client["currency"], "timezone": client["timezone"]}
    if client["ga4"]:
        await connect(database, SCOPE, "ga4", client["ga4"]["property_id"], **where)
    if client["google_ads"]:
        await connect(database, SCOPE, "google-ads", client["google_ads"]["customer_id"], **where)
    hub = Connectors(settings, database, SystemClock(pinned=TODAY), address)
    try:
        yield hub
    finally:
        await hub.close()


async def opened(hub: Connectors, scope: Scope, provider: Provider, tab: str, compare: str = "previous") -> TabReport:
    return await tab_report(hub, scope, provider, tab, RangeRequest("30days", compare, limit=250))


def rows(report: TabReport, name: str) -> list[dict[str, Any]]:
    found = next(each for each in report.sections if each.id == name)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def whole(parts: list[dict[str, Any]], name: str) -> float:
    return round(sum(part[name] for part in parts), 2)


SUMS = ("impressions", "clicks", "cost", "conversions", "conversion_value")


@pytest.mark.parametrize("client", WITH_ADS, ids=named)
async def test_google_ads_totals_are_those_of_the_file(
    settings: Settings, sqlite_database: Database, scope: Scope, unusual: EmulatorProcess, client: dict[str, Any]
) -> None:
    campaigns = client["google_ads"]["campaigns"]
    expected = {name: whole(campaigns, name) for name in SUMS}
    async with reading(settings, sqlite_database, unusual.address, client) as hub:
        for tab in ("overview", "campaigns", "ad-groups", "metrics"):
            report = await opened(hub, scope, "google-ads", tab)
            (totals,) = rows(report, "totals")
            assert {name: totals[name] for name in SUMS} == expected, tab
            assert totals["cost_previous"] == 0 and totals["cost_change"] is None
            assert report.meta.currency == client["currency"] and report.meta.timezone == client["timezone"]
        days = rows(await opened(hub, scope, "google-ads", "overview"), "days")
        assert len(days) == 30 and {name: whole(days, name) for name in SUMS} == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("client", WITH_ADS, ids=named)
async def test_campaigns_and_search_terms_are_those_of_the_file(
    settings: Settings, sqlite_database: Database, scope: Scope, unusual: EmulatorProcess, client: dict[str, Any]
) -> None:
    async with reading(settings, sqlite_database, unusual.address, client) as hub:
        found = {row["campaign"]: row for row in rows(await opened(hub, scope, "google-ads", "campaigns"), "campaigns")}
        alone = await opened(hub, scope, "google-ads", "campaigns", compare="none")
        every = {row["campaign"] for row in rows(alone, "campaigns")}
        terms = rows(await opened(hub, scope, "google-ads", "search-terms"), "search_terms")
        budgets = {row["campaign"] for row in rows(await opened(hub, scope, "google-ads", "budgets"), "budgets")}
    campaigns = client["google_ads"]["campaigns"]
    assert every == budgets == {campaign["name"] for campaign in campaigns}
    assert found.keys() >= {campaign["name"] for campaign in campaigns if campaign["impressions"]}
    for campaign in campaigns:
        if campaign["impressions"]:
            assert {n: found[campaign["name"]][n] for n in SUMS} == {n: round(campaign[n], 2) for n in SUMS}
        for term in campaign.get("search_terms", ()):
            row = next(r for r in terms if (r["search_term"], r["campaign"]) == (term["term"], campaign["name"]))
            assert {name: row[name] for name in SUMS[:4]} == {name: round(term[name], 2) for name in SUMS[:4]}


@pytest.mark.parametrize("client", WITH_GA4, ids=named)
async def test_analytics_totals_are_those_of_the_file(
    settings: Settings, sqlite_database: Database, scope: Scope, unusual: EmulatorProcess, client: dict[str, Any]
) -> None:
    given = client["ga4"]
    async with reading(settings, sqlite_database, unusual.address, client) as hub:
        overview = await opened(hub, scope, "ga4", "overview")
        sources = await opened(hub, scope, "ga4", "sources")
        pages = await opened(hub, scope, "ga4", "pages")
        events = await opened(hub, scope, "ga4", "events")
        for tab in ("funnels", "audience", "realtime"):
            assert (await opened(hub, scope, "ga4", tab)).meta.currency == client["currency"]
    (totals,) = rows(overview, "totals")
    assert totals["sessions"] == given["sessions"]
    assert totals["ecommercePurchases"] == given["purchases"]
    assert totals["totalRevenue"] == round(given.get("revenue", 0), 2)
    assert sum(row["sessions"] for row in rows(overview, "days")) == given["sessions"]
    for report in (overview, sources):
        channels = {row["sessionDefaultChannelGroup"]: row["sessions"] for row in rows(report, "channels")}
        assert {name: channels[name] for name in given["channels"]} == given["channels"]
    landings = {row["landingPage"]: row for row in rows(pages, "landing_pages")}
    for landing in given["landing_pages"]:
        assert landings[landing["path"]]["sessions"] == landing["sessions"]
        assert landings[landing["path"]]["engagementRate"] == pytest.approx(landing["engagement_rate"], abs=5e-5)
    counts = {row["eventName"]: row["eventCount"] for row in rows(events, "events")}
    assert counts["session_start"] == given["sessions"] and counts.get("purchase", 0) == given["purchases"]
