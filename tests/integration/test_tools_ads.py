"""Every Google Ads tool through the official client to the emulator, against totals from its stored facts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import by_first, toolbox
from tests.support.emulator import TODAY, Truth, last_days
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from tools.record import ToolContext
from tools.registry import run_tool
from tools.result import ToolResult

SHOP, OUTFITTER, DIRECT = "demo-lampadar", "demo-northpeak", "demo-plutaru"
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
    result = await good(shop, "ads_overview")
    for totals, days in ((result.totals, NOW), (result.compare_totals, BEFORE)):
        true = truth.google_ads(SHOP, *days)
        assert totals["impressions"] == true.impressions
        assert totals["clicks"] == true.clicks
        assert totals["cost"] == pytest.approx(true.cost, abs=0.005)
        assert totals["conversions"] == pytest.approx(true.conversions, abs=0.005)
        assert totals["conversion_value"] == pytest.approx(true.value, abs=0.005)
        assert totals["ctr"] == pytest.approx(true.clicks / true.impressions, abs=0.0001)
        assert totals["cpa"] == pytest.approx(true.cost / true.conversions, abs=0.005)
        assert totals["roas"] == pytest.approx(true.value / true.cost, abs=0.005)


async def test_each_campaign_is_true_in_both_periods(shop: ToolContext, truth: Truth) -> None:
    rows = by_first(await good(shop, "ads_campaigns", limit=50))
    assert rows
    for name, row in rows.items():
        now = truth.google_ads(SHOP, *NOW, campaign=name)
        before = truth.google_ads(SHOP, *BEFORE, campaign=name)
        assert (row["clicks"], row["impressions"]) == (now.clicks, now.impressions)
        assert row["cost"] == pytest.approx(now.cost, abs=0.005)
        assert row["cost_previous"] == pytest.approx(before.cost, abs=0.005)
        assert row["conversions"] == pytest.approx(now.conversions, abs=0.005)


async def test_campaigns_are_sorted_as_asked(shop: ToolContext) -> None:
    result = await good(shop, "ads_campaigns", sort_by="conversions", compare="none")
    rows = [row["conversions"] for row in by_first(result).values()]
    assert rows == sorted(rows, reverse=True)


async def test_a_campaign_is_found_by_a_part_of_its_name_without_accents(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ads_ad_groups", campaign="generic – lustre")
    true = truth.google_ads(SHOP, *NOW, campaign="Generic – Lustre")
    assert result.totals["cost"] == pytest.approx(true.cost, abs=0.005)
    assert {row["campaign"] for row in by_first(result).values()} == {"Generic – Lustre"}


async def test_an_unknown_campaign_is_answered_with_those_that_exist(shop: ToolContext) -> None:
    result = await run_tool(shop, "ads_campaigns", {"campaign": "Black Friday"})
    assert result.error is not None
    assert result.error.code == "invalid_input"
    assert "Brand – Search RO" in result.error.hint


async def test_a_campaign_text_cannot_reach_the_query(shop: ToolContext) -> None:
    result = await run_tool(shop, "ads_campaigns", {"campaign": "x' OR campaign.id > 0"})
    assert result.error is not None
    assert result.error.code == "invalid_input"


async def test_keywords_have_quality_scores_and_match_types(shop: ToolContext) -> None:
    rows = by_first(await good(shop, "ads_keywords", match_type="exact"))
    assert rows["lampadar home"]["match_type"] == "EXACT"
    assert 1 <= rows["lampadar home"]["quality_score"] <= 10
    assert {row["match_type"] for row in rows.values()} == {"EXACT"}


async def test_search_terms_are_true(shop: ToolContext, truth: Truth) -> None:
    rows = by_first(await good(shop, "ads_search_terms", limit=50))
    for term in list(rows)[:4]:
        true = truth.google_ads(SHOP, *NOW, term=term)
        assert rows[term]["cost"] == pytest.approx(true.cost, abs=0.005)
        assert rows[term]["clicks"] == true.clicks


async def test_search_terms_can_be_searched(shop: ToolContext) -> None:
    result = await good(shop, "ads_search_terms", contains="POZE")
    assert list(by_first(result)) == ["poze lustre living"]
    assert result.totals["cost"] == result.rows[0][6]


async def test_wasted_spend_is_exactly_what_brought_nothing(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ads_wasted_spend", limit=50, compare="previous")
    true, past = truth.wasted_terms(SHOP, *NOW), truth.wasted_terms(SHOP, *BEFORE)
    spend = truth.google_ads(SHOP, *NOW).cost
    assert {name: row["cost"] for name, row in by_first(result).items()} == pytest.approx(true, abs=0.005)
    assert result.totals["cost"] == pytest.approx(sum(true.values()), abs=0.005)
    assert result.totals["wasted_terms"] == len(true)
    assert result.totals["share_of_spend"] == pytest.approx(sum(true.values()) / spend, abs=0.0001)
    assert result.compare_totals["cost"] == pytest.approx(sum(past.values()), abs=0.005)
    assert any(f"{sum(true.values()):,.2f} EUR" in note for note in result.notes)


async def test_small_waste_can_be_left_out(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ads_wasted_spend", min_cost=80)
    true = {term for term, cost in truth.wasted_terms(SHOP, *NOW).items() if cost >= 80}
    assert set(by_first(result)) == true


async def test_pacing_counts_the_month_so_far_and_projects_the_rest(shop: ToolContext, truth: Truth) -> None:
    result = await good(shop, "ads_budget_pacing")
    yesterday = TODAY - timedelta(days=1)
    spent = truth.google_ads(SHOP, TODAY.replace(day=1), yesterday).cost
    recent = truth.google_ads(SHOP, TODAY - timedelta(days=7), yesterday).cost / 7
    assert result.totals["spent"] == pytest.approx(spent, abs=0.02)
    assert result.totals["projected"] == pytest.approx(spent + recent * 11, abs=0.05)
    assert result.totals["month_budget"] == pytest.approx(result.totals["daily_budget"] * 30, abs=0.01)  # type: ignore[operator]


async def test_a_campaign_whose_clicks_got_dearer_stands_out(shop: ToolContext) -> None:
    result = await good(shop, "ads_anomalies", metric="cost", range="14days")
    assert "Competitori – Search" in {str(row[1]) for row in result.rows} | {str(row[6]) for row in result.rows}
    assert all(row[4] < row[3] for row in result.rows if row[5] > 0)  # type: ignore[operator]


async def test_money_is_in_the_accounts_currency_and_days_in_its_time_zone(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess, truth: Truth
) -> None:
    async with toolbox(settings, sqlite_database, scope, emulator.address, OUTFITTER) as context:
        result = await good(context, "ads_overview")
    assert (result.meta.currency, result.meta.timezone) == ("USD", "America/New_York")
    assert result.totals["cost"] == pytest.approx(truth.google_ads(OUTFITTER, *NOW).cost, abs=0.005)


async def test_an_account_is_read_through_its_manager_and_one_without_directly(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    sibling_scope: Scope,
    emulator: EmulatorProcess,
    emulator_faults: ControlClient,
) -> None:
    async with toolbox(settings, sqlite_database, scope, emulator.address, SHOP) as context:
        await good(context, "ads_overview", compare="none")
    async with toolbox(settings, sqlite_database, sibling_scope, emulator.address, DIRECT) as context:
        await good(context, "ads_overview", compare="none")
    managers = {call["target"]: call["login_customer_id"] for call in emulator_faults.calls("Search")}
    assert managers["4100000011"] == "9000000001"
    assert managers["4100000055"] is None


async def test_the_same_question_in_romanian_has_the_same_numbers(shop: ToolContext) -> None:
    english = await good(shop, "ads_wasted_spend")
    romanian = await good(replace(shop, language="ro"), "ads_wasted_spend")
    assert (romanian.rows, romanian.totals) == (english.rows, english.totals)
    assert "termeni de căutare au costat" in romanian.notes[0]
    assert romanian.columns[0].label == "Termen de căutare"


async def test_a_period_without_data_is_an_empty_result_and_no_error(shop: ToolContext) -> None:
    for name in ("ads_overview", "ads_campaigns", "ads_search_terms", "ads_wasted_spend"):
        result = await good(shop, name, range="2021-01-01..2021-01-31")
        assert result.totals["cost"] == 0
        assert any("no error" in note for note in result.notes), name


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("ads_overview", 1000),
        ("ads_campaigns", 1100),
        ("ads_ad_groups", 1000),
        ("ads_keywords", 1000),
        ("ads_search_terms", 1000),
        ("ads_wasted_spend", 900),
        ("ads_budget_pacing", 700),
        ("ads_anomalies", 700),
    ],
)
async def test_a_result_fits_its_token_budget(shop: ToolContext, name: str, most: int) -> None:
    """Four characters a token, as for the schemas."""
    assert len((await good(shop, name)).for_model()) // 4 < most
