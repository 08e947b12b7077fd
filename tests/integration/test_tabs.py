"""Every tab of both connectors against totals computed apart from the product and the emulator's own code."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import toolbox
from tests.support.emulator import last_days
from tools.connectors.calls import GA4_REPEATS_AN_HOUR
from tools.connectors.errors import ConnectorError
from tools.connectors.tabs import ADS_TABS, GA4_TABS, RangeRequest, Section, TabReport, tab_json, tab_report
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from tools.labels import label
from tools.record import Provider, ToolContext

SHOP = "demo-lampadar"
NOW = last_days(28)
BEFORE = (NOW[0] - timedelta(days=28), NOW[1] - timedelta(days=28))
EVERY: list[tuple[Provider, str]] = [*(("ga4", tab) for tab in GA4_TABS), *(("google-ads", tab) for tab in ADS_TABS)]
ONE_CALL = {"funnels": ["RunFunnelReport"], "realtime": ["RunRealtimeReport"]}


@pytest.fixture
async def shop(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess
) -> AsyncIterator[ToolContext]:
    async with toolbox(settings, sqlite_database, scope, emulator.address, SHOP) as context:
        yield context


async def opened(context: ToolContext, provider: Provider, tab: str, **asked: Any) -> TabReport:
    return await tab_report(context.connectors, context.scope, provider, tab, RangeRequest(**asked))


def section(report: TabReport, name: str) -> Section:
    return next(each for each in report.sections if each.id == name)


@pytest.mark.parametrize(("provider", "tab"), EVERY)
@pytest.mark.parametrize("compare", ["previous", "year", "none"])
async def test_a_tab_is_one_upstream_call_and_the_next_none(
    shop: ToolContext, emulator_faults: ControlClient, provider: Provider, tab: str, compare: str
) -> None:
    first = await opened(shop, provider, tab, compare=compare)
    again = await opened(shop, provider, tab, compare=compare)
    made = [call["method"] for call in emulator_faults.calls()]
    assert made == ONE_CALL.get(tab, ["BatchRunReports"] if provider == "ga4" else ["Search"])
    assert [first.meta.cached, again.meta.cached] == [False, True]
    assert again.sections == first.sections and again.meta.as_of == first.meta.as_of


@pytest.mark.parametrize(("provider", "tab"), EVERY)
async def test_the_encoded_answer_is_the_report(shop: ToolContext, provider: Provider, tab: str) -> None:
    await opened(shop, provider, tab)
    asked = RangeRequest(limit=3)
    encoded = json.loads(await tab_json(shop.connectors, shop.scope, provider, tab, asked))
    assert encoded == (await opened(shop, provider, tab, limit=3)).model_dump(mode="json")
    assert all(len(each["rows"]) <= 3 for each in encoded["sections"] if each["kind"] == "table")


async def test_every_word_of_a_tab_has_its_romanian(shop: ToolContext) -> None:
    alike = {"CTR", "ROAS", "Cost", "Status", "Browser", "Total"}
    for provider, tab in EVERY:
        report = await opened(shop, provider, tab)
        columns = [column.label for section in report.sections for column in section.columns]
        words = {report.title, *(section.title for section in report.sections), *columns}
        assert {word for word in words - alike if label(word) == word} == set(), tab


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_tabs_answer_while_a_fifth_of_googles_answers_fail(
    shop: ToolContext, emulator_faults: ControlClient, seed: int
) -> None:
    """Repeats get through, and those of Google Analytics stay under the ten server errors an hour that it forgives."""
    emulator_faults.share("*", "unavailable", 20, seed)
    for provider, tab in EVERY:
        assert (await opened(shop, provider, tab)).sections
    made = emulator_faults.calls()
    assert len(EVERY) <= len(made) <= len(EVERY) + 12
    analytics = [call for call in made if call["method"] not in ("Search", "SearchStream")]
    assert len(analytics) - len(GA4_TABS) <= GA4_REPEATS_AN_HOUR


async def test_a_property_that_only_fails_is_left_alone_after_a_few_repeats(
    shop: ToolContext, emulator_faults: ControlClient
) -> None:
    """Ten server errors an hour are what Google Analytics takes from a property."""
    emulator_faults.add("*", "internal", times=100)
    for tab in GA4_TABS:
        with pytest.raises(ConnectorError, match="Google"):
            await opened(shop, "ga4", tab)
    assert len(emulator_faults.calls()) <= len(GA4_TABS) + GA4_REPEATS_AN_HOUR
