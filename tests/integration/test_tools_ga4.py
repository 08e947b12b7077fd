"""Every GA4 and SEO tool through the official client to the emulator, against totals from its stored events."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import by_first, toolbox
from tests.support.emulator import Truth, last_days
from tools.emulator.process import EmulatorProcess
from tools.record import ToolContext
from tools.registry import run_tool
from tools.result import ToolResult

SHOP, LEADS, MAGAZINE = "demo-lampadar", "demo-zambet", "demo-gazeta"
NOW = last_days(28)
BEFORE = (NOW[0] - timedelta(days=28), NOW[1] - timedelta(days=28))


@pytest.fixture
async def shop(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess
) -> AsyncIterator[ToolContext]:
    async with toolbox(settings, sqlite_database, scope, emulator.address, SHOP) as context:
        yield context


async def good(context: ToolContext, name: str, **args: object) -> ToolResult:
    result = await run_tool(context, name, args)
    assert result.error is None, result.error
    return result


async def test_the_overview_has_the_true_totals_of_both_periods(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ga4_overview")
    for totals, days in ((result.totals, NOW), (result.compare_totals, BEFORE)):
        true = truth.ga4(SHOP, *days)
        assert totals["sessions"] == true.sessions
        assert totals["activeUsers"] == true.active_users
        assert totals["newUsers"] == true.new_users
        assert totals["screenPageViews"] == true.views
        assert totals["eventCount"] == true.events
        assert totals["keyEvents"] == true.key_events
        assert totals["totalRevenue"] == pytest.approx(true.revenue, abs=0.01)
        assert totals["engagementRate"] == pytest.approx(true.engagement_rate, abs=0.0001)


async def test_every_result_says_where_it_comes_from(shop: ToolContext) -> None:
    meta = (await good(shop, "ga4_overview")).meta
    assert (meta.source, meta.timezone, meta.currency) == ("demo", "Europe/Bucharest", "EUR")
    assert meta.range is not None
    assert meta.compare is not None
    assert (meta.range.start, meta.range.end) == NOW
    assert (meta.compare.start, meta.compare.end) == BEFORE
    assert meta.quota is not None
    assert meta.quota["tokens_left_today"] > 0


async def test_channels_are_true_and_compared(shop: ToolContext, truth: Truth) -> None:
    rows = by_first(await good(shop, "ga4_traffic_sources", limit=20))
    now, before = truth.channels(SHOP, *NOW), truth.channels(SHOP, *BEFORE)
    assert {name: row["sessions"] for name, row in rows.items()} == now
    assert {name: row["sessions_previous"] for name, row in rows.items()} == {n: before.get(n, 0) for n in now}


async def test_a_channel_filter_narrows_rows_and_totals(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ga4_traffic_sources", channel="Paid Search", by="campaign")
    assert result.totals["sessions"] == truth.ga4(SHOP, *NOW, channel="Paid Search").sessions


async def test_totals_are_of_all_pages_and_the_rest_is_told(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ga4_top_pages", limit=3)
    assert len(result.rows) == 3
    assert result.truncated > 0
    assert result.totals["screenPageViews"] == truth.ga4(SHOP, *NOW).views
    views = [row[2] for row in result.rows]
    assert views == sorted(views, reverse=True)  # type: ignore[type-var]


async def test_organic_landing_pages_are_true(shop: ToolContext, truth: Truth) -> None:
    rows = by_first(await good(shop, "seo_landing_pages", channel="Organic Search"))
    for path in list(rows)[:3]:
        assert rows[path]["sessions"] == truth.ga4(SHOP, *NOW, channel="Organic Search", landing=path).sessions


async def test_organic_traffic_is_true_and_its_share_is_noted(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "seo_organic_traffic")
    organic, whole = truth.ga4(SHOP, *NOW, channel="Organic Search"), truth.ga4(SHOP, *NOW)
    assert result.totals["sessions"] == organic.sessions
    assert result.totals["totalRevenue"] == pytest.approx(organic.revenue, abs=0.01)
    assert f"Organic search makes up {organic.sessions / whole.sessions:.1%} of sessions." in result.notes


async def test_events_count_what_happened(shop: ToolContext, truth: Truth) -> None:
    rows = by_first(await good(shop, "ga4_events", limit=30))
    true = truth.ga4(SHOP, *NOW)
    assert rows["purchase"]["eventCount"] == true.purchases
    assert rows["page_view"]["eventCount"] == true.views
    assert rows["session_start"]["eventCount"] == true.sessions


async def test_one_event_comes_with_its_days(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ga4_events", event="purchase", range="14days")
    chart = result.blocks[0]
    assert chart.type == "chart"
    assert chart.categories[0] == "2026-11-06"
    assert sum(value or 0 for value in chart.series[0].values) == truth.ga4(SHOP, *last_days(14)).purchases


async def test_the_chart_of_days_adds_up_to_the_total(shop: ToolContext) -> None:
    result = await good(shop, "ga4_overview")
    chart = next(block for block in result.blocks if block.type == "chart")
    now, before = (sum(value or 0 for value in series.values) for series in chart.series)
    assert (now, before) == (result.totals["sessions"], result.compare_totals["sessions"])
    assert len(chart.categories) == 28


async def test_a_funnel_narrows_from_step_to_step(shop: ToolContext) -> None:
    result = await good(shop, "ga4_funnel", by="device")
    users = [row[1] for row in result.rows]
    assert [row[0] for row in result.rows] == [
        "session_start", "view_item", "add_to_cart", "begin_checkout", "purchase",
    ]  # fmt: skip
    assert users == sorted(users, reverse=True)  # type: ignore[type-var]
    assert 0 < result.totals["completed"] < result.totals["users"]  # type: ignore[operator]
    assert result.compare_totals["users"]
    assert any("device mobile" in note for note in result.notes)


async def test_an_event_nobody_sent_is_named_as_perhaps_not_recorded(shop: ToolContext) -> None:
    result = await good(shop, "ga4_funnel", steps=["session_start", "form_start"])
    assert any("form_start" in note and "not be recorded" in note for note in result.notes)


async def test_the_audience_by_country_adds_up(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ga4_audience", by="country", limit=50)
    assert sum(row["sessions"] for row in by_first(result).values()) == truth.ga4(SHOP, *NOW).sessions


async def test_withheld_demographics_are_warned_about(shop: ToolContext) -> None:
    result = await good(shop, "ga4_audience", by="age")
    assert any("thresholding" in warning for warning in result.meta.warnings)


async def test_realtime_is_of_the_last_half_hour(shop: ToolContext) -> None:
    result = await good(shop, "ga4_realtime", by="country")
    assert result.meta.range is None
    assert result.title == "Last 30 minutes by country"


async def test_a_free_report_filters_by_dimension_and_metric(shop: ToolContext, truth: Truth) -> None:
    result = await good(
        shop,
        "ga4_report",
        metrics=["sessions", "totalRevenue"],
        dimensions=["sessionDefaultChannelGroup"],
        filters=["sessionDefaultChannelGroup=@organic", "sessions>600"],
        compare="none",
    )
    now = truth.channels(SHOP, *NOW)
    wanted = {name: count for name, count in now.items() if "Organic" in name and count > 600}
    assert {name: row["sessions"] for name, row in by_first(result).items()} == wanted


async def test_a_report_by_day_has_every_day_in_order(shop: ToolContext) -> None:
    result = await good(shop, "ga4_report", metrics=["sessions"], dimensions=["date"], range="28days")
    days = [str(row[0]) for row in result.rows]
    assert len(days) == 28
    assert days == sorted(days)
    assert sum(row[1] for row in result.rows) == result.totals["sessions"]  # type: ignore[misc]
    assert sum(row[2] for row in result.rows) == result.compare_totals["sessions"]  # type: ignore[misc]


async def test_a_misspelt_metric_comes_back_with_googles_words_and_near_names(shop: ToolContext) -> None:
    result = await run_tool(shop, "ga4_report", {"metrics": ["sesions"]})
    assert result.error is not None
    assert result.error.code == "ga4_invalid"
    assert "Field sesions is not a valid metric" in result.error.message
    assert "sessions" in result.error.hint


async def test_a_bad_range_is_explained(shop: ToolContext) -> None:
    result = await run_tool(shop, "ga4_overview", {"range": "last week"})
    assert result.error is not None
    assert result.error.code == "invalid_input"
    assert "28days" in result.error.hint


async def test_a_period_without_data_is_an_empty_result_and_no_error(shop: ToolContext) -> None:
    result = await good(shop, "ga4_overview", range="2021-01-01..2021-01-31")
    assert result.rows == []
    assert result.totals["sessions"] == 0
    assert "no error" in result.notes[0]


async def test_today_is_marked_as_incomplete(shop: ToolContext) -> None:
    result = await good(shop, "ga4_overview", range="this_month")
    assert any("includes today" in warning for warning in result.meta.warnings)


@pytest.mark.parametrize("client", [LEADS, MAGAZINE])
async def test_each_client_sees_its_own_property(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess, truth: Truth, client: str
) -> None:
    async with toolbox(settings, sqlite_database, scope, emulator.address, client) as context:
        result = await good(context, "ga4_overview")
    assert result.totals["sessions"] == truth.ga4(client, *NOW).sessions
    assert result.meta.currency == "RON"


async def test_the_account_without_ads_says_so(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess
) -> None:
    async with toolbox(settings, sqlite_database, scope, emulator.address, MAGAZINE) as context:
        result = await run_tool(context, "ads_overview", {})
    assert result.error is not None
    assert result.error.code == "google_ads_not_connected"


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [
        ("ga4_overview", {}, 1100),
        ("ga4_top_pages", {}, 900),
        ("ga4_traffic_sources", {}, 900),
        ("ga4_events", {}, 700),
        ("ga4_audience", {}, 700),
        ("seo_landing_pages", {}, 900),
        ("seo_organic_traffic", {}, 800),
    ],
)
async def test_a_result_fits_its_token_budget(shop: ToolContext, name: str, args: dict, most: int) -> None:
    """Four characters a token, as for the schemas."""
    assert len((await good(shop, name, **args)).for_model()) // 4 < most


def test_the_periods_of_these_tests_are_whole() -> None:
    assert (date(2026, 10, 23), date(2026, 11, 19)) == NOW
