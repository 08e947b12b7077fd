"""The figures of every tab against the emulator's stored events and facts, counted here in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import toolbox
from tests.support.emulator import TODAY, AdsTruth, Truth, last_days
from tools.connectors.tabs import RangeRequest, TabReport, tab_report
from tools.connectors.tabs.ga4_funnel import STEPS
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from tools.record import Provider, ToolContext

SHOP, CLINICS, OUTFITTER = "demo-lampadar", "demo-zambet", "demo-northpeak"
NOW = last_days(28)
KEY = ("purchase", "generate_lead", "sign_up")
Days = tuple[date, date]


def back(days: Days, by: int) -> Days:
    return days[0] - timedelta(days=by), days[1] - timedelta(days=by)


WEEKS = (date(2026, 10, 5), date(2026, 10, 18))  # whole weeks, from a Monday
PERIODS = [
    ("28days", "previous", NOW, back(NOW, 28)),
    ("28days", "year", NOW, back(NOW, 364)),
    ("7days", "none", last_days(7), None),
    ("2026-10-05..2026-10-18", "previous", WEEKS, back(WEEKS, 14)),
    ("2026-10", "previous", (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 9, 1), date(2026, 9, 30))),
]


@pytest.fixture
async def shop(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess
) -> AsyncIterator[ToolContext]:
    async with toolbox(settings, sqlite_database, scope, emulator.address, SHOP) as context:
        yield context


async def opened(context: ToolContext, provider: Provider, tab: str, **asked: Any) -> TabReport:
    return await tab_report(context.connectors, context.scope, provider, tab, RangeRequest(**asked))


def rows(report: TabReport, name: str, keys: int = 1) -> dict[Any, dict[str, Any]]:
    """Rows of a section by their first cells, which are unique; the one of metrics has the key None."""
    section = next(each for each in report.sections if each.id == name)
    names = [column.name for column in section.columns]
    if section.kind == "metrics":
        return {None: dict(zip(names, section.rows[0], strict=True))}
    found = {tuple(row[:keys]): dict(zip(names, row, strict=True)) for row in section.rows}
    assert len(found) == len(section.rows)
    return {key[0] if keys == 1 else key: row for key, row in found.items()}


def is_ads(row: dict[str, Any], true: AdsTruth, before: AdsTruth | None) -> None:
    for ending, truth in (("", true), ("_previous", before)):
        if truth is None:
            continue
        assert row[f"impressions{ending}"] == truth.impressions
        assert row[f"clicks{ending}"] == truth.clicks
        assert row[f"cost{ending}"] == round(truth.cost, 2)
        assert row[f"conversions{ending}"] == round(truth.conversions, 2)
        assert row[f"conversion_value{ending}"] == round(truth.value, 2)
        assert row[f"ctr{ending}"] == (round(truth.clicks / truth.impressions, 4) if truth.impressions else None)
        assert row[f"cpa{ending}"] == (round(truth.cost / truth.conversions, 2) if truth.conversions else None)
        assert row[f"roas{ending}"] == (round(truth.value / truth.cost, 2) if truth.cost else None)
    assert ("cost_previous" in row) is (before is not None)
    if before is not None and before.cost:
        assert row["cost_change"] == pytest.approx((true.cost - before.cost) / before.cost, abs=5e-5)


NOTHING = AdsTruth(0, 0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("named", "compare", "now", "before"), PERIODS)
async def test_google_ads_figures_are_true(
    shop: ToolContext, truth: Truth, named: str, compare: str, now: Days, before: Days | None
) -> None:
    asked = {"range": named, "compare": compare, "limit": 250}
    whole = truth.google_ads(SHOP, *now)
    past = truth.google_ads(SHOP, *before) if before else None
    for tab, section, what, keys in (
        ("overview", "campaigns", "campaign", 1),
        ("campaigns", "campaigns", "campaign", 1),
        ("ad-groups", "ad_groups", "ad_group", 2),
        ("search-terms", "search_terms", "term", 3),
        ("metrics", "devices", "device", 1),
    ):
        report = await opened(shop, "google-ads", tab, **asked)
        if tab != "search-terms":
            is_ads(rows(report, "totals")[None], whole, past)
        true = truth.ads_by(what, SHOP, *now)
        earlier = truth.ads_by(what, SHOP, *before) if before else {}
        found = rows(report, section, keys)
        assert {(k if keys > 1 else (k,)) for k in found} == true.keys() | earlier.keys(), tab
        for key, row in found.items():
            name = key if keys > 1 else (key,)
            is_ads(row, true.get(name, NOTHING), earlier.get(name, NOTHING) if before else None)


async def test_keywords_are_true(shop: ToolContext, truth: Truth) -> None:
    report = await opened(shop, "google-ads", "keywords")
    true, before = truth.ads_by("keyword", SHOP, *NOW), truth.ads_by("keyword", SHOP, *back(NOW, 28))
    found = {(row["keyword"], row["match_type"], row["ad_group"]): row for row in rows(report, "keywords", 6).values()}
    assert found.keys() == true.keys()
    for key, row in found.items():
        is_ads(row, true[key], before[key])
        assert row["quality_score"] is None or 1 <= row["quality_score"] <= 10


@pytest.mark.parametrize("tab", ["overview", "metrics"])
async def test_days_of_google_ads_are_all_there_and_true(shop: ToolContext, truth: Truth, tab: str) -> None:
    days = rows(await opened(shop, "google-ads", tab), "days")
    true, before = truth.ads_by("day", SHOP, *NOW), truth.ads_by("day", SHOP, *back(NOW, 28))
    assert list(days) == [str(NOW[0] + timedelta(days=n)) for n in range(28)]
    for day, row in days.items():
        earlier = str(date.fromisoformat(day) - timedelta(days=28))
        is_ads(row, true.get((day,), NOTHING), before.get((earlier,), NOTHING))


async def test_a_day_without_anything_is_a_day_of_zeros(shop: ToolContext) -> None:
    """Today has no figures yet."""
    for provider, metric in (("ga4", "sessions"), ("google-ads", "cost")):
        report = await opened(shop, provider, "overview", range=f"2026-11-18..{TODAY}", compare="none")
        days = rows(report, "days")
        assert list(days) == ["2026-11-18", "2026-11-19", "2026-11-20"]
        assert days["2026-11-20"][metric] == 0
        assert any("today" in warning for warning in report.meta.warnings)


async def test_budgets_stand_beside_the_spend_of_the_period(shop: ToolContext, truth: Truth) -> None:
    report = await opened(shop, "google-ads", "budgets", range="7days")
    found = rows(report, "budgets")
    assert list(found) == sorted(found, key=lambda name: -found[name]["cost"]) and set(found) == set(
        truth.campaigns(SHOP)
    )
    for name, row in found.items():
        assert row["cost"] == round(truth.google_ads(SHOP, *last_days(7), campaign=name).cost, 2)
        assert row["period_budget"] == pytest.approx(7 * row["daily_budget"])
        assert row["budget_used"] == pytest.approx(row["cost"] / row["period_budget"], abs=1e-4)
    assert rows(report, "totals")[None]["cost"] == round(truth.google_ads(SHOP, *last_days(7)).cost, 2)
    assert report.meta.compare is None


@pytest.mark.parametrize(("named", "compare", "now", "before"), PERIODS)
async def test_analytics_totals_are_true_on_every_tab(
    shop: ToolContext, truth: Truth, named: str, compare: str, now: Days, before: Days | None
) -> None:
    for ending, days in (("", now), ("_previous", before)):
        if days is None:
            continue
        true = truth.ga4(SHOP, *days)
        expected = {
            "sessions": true.sessions,
            "engagedSessions": true.engaged_sessions,
            "engagementRate": round(true.engagement_rate, 4),
            "activeUsers": true.active_users,
            "newUsers": true.new_users,
            "screenPageViews": true.views,
            "eventCount": true.events,
            "keyEvents": true.key_events,
            "ecommercePurchases": true.purchases,
            "totalRevenue": round(true.revenue, 2),
        }
        for tab in ("overview", "pages", "sources", "events", "audience"):
            row = rows(await opened(shop, "ga4", tab, range=named, compare=compare), "totals")[None]
            shared = expected.keys() & row.keys()
            assert len(shared) >= 2
            assert {name: row[f"{name}{ending}"] for name in shared} == {name: expected[name] for name in shared}, tab


async def test_analytics_rows_are_true(shop: ToolContext, truth: Truth) -> None:
    overview = await opened(shop, "ga4", "overview")
    sources = await opened(shop, "ga4", "sources")
    for report in (overview, sources):
        channels = {name: row["sessions"] for name, row in rows(report, "channels").items()}
        assert channels == truth.channels(SHOP, *NOW)
    events = {name: Counter(n for n, _ in found) for name, found in truth.events_by("device", SHOP, *NOW).items()}
    devices = rows(overview, "devices")
    assert {n: r["ecommercePurchases"] for n, r in devices.items()} == {n: e["purchase"] for n, e in events.items()}
    countries = truth.events_by("country", SHOP, *NOW)
    for name, row in rows(overview, "countries").items():
        assert row["sessions"] == sum(event == "session_start" for event, _ in countries[name])


async def test_pages_and_landings_are_true(shop: ToolContext, truth: Truth) -> None:
    report = await opened(shop, "ga4", "pages")
    true, before = truth.events_by("page", SHOP, *NOW), truth.events_by("page", SHOP, *back(NOW, 28))
    pages = rows(report, "pages")
    assert pages.keys() == {page for page, found in true.items() if any(name == "page_view" for name, _ in found)}
    for path, row in pages.items():
        assert row["screenPageViews"] == sum(name == "page_view" for name, _ in true[path])
        assert row["screenPageViews_previous"] == sum(name == "page_view" for name, _ in before[path])
        assert row["keyEvents"] == sum(name in KEY for name, _ in true[path])
    for path, row in list(rows(report, "landing_pages").items())[:4]:
        landing = truth.ga4(SHOP, *NOW, landing=path)
        assert row["sessions"] == landing.sessions
        assert row["engagementRate"] == pytest.approx(landing.engagement_rate, abs=5e-5)
        assert row["totalRevenue"] == round(landing.revenue, 2)


async def test_events_are_true(shop: ToolContext, truth: Truth) -> None:
    report = await opened(shop, "ga4", "events")
    true = truth.events_by("name", SHOP, *NOW)
    events = rows(report, "events")
    assert {name: row["eventCount"] for name, row in events.items()} == {n: len(found) for n, found in true.items()}
    assert {n: r["totalUsers"] for n, r in events.items()} == {n: len({u for _, u in f}) for n, f in true.items()}
    key = {name: row["keyEvents"] for name, row in rows(report, "key_events").items()}
    assert key == {name: len(found) for name, found in true.items() if name in KEY}


async def test_days_of_analytics_are_all_there_and_true(shop: ToolContext, truth: Truth) -> None:
    days = rows(await opened(shop, "ga4", "overview", compare="year"), "days")
    assert list(days) == [str(NOW[0] + timedelta(days=n)) for n in range(28)]
    for name in (*list(days)[:3], "2026-11-19"):
        day = date.fromisoformat(name)
        true, before = truth.ga4(SHOP, day, day), truth.ga4(SHOP, *back((day, day), 364))
        assert (days[name]["sessions"], days[name]["sessions_previous"]) == (true.sessions, before.sessions)
        assert days[name]["activeUsers"] == true.active_users
        assert days[name]["totalRevenue_previous"] == round(before.revenue, 2)


def through(events: list[tuple[int, str]]) -> list[int]:
    """How many users reached each step of the funnel, one after another."""
    reached: Counter[int] = Counter()
    for user, name in events:
        if reached[user] < len(STEPS) and name == STEPS[reached[user]]:
            reached[user] += 1
    return [sum(steps > place for steps in reached.values()) for place in range(len(STEPS))]


async def test_the_funnel_is_true_in_both_periods(shop: ToolContext, truth: Truth) -> None:
    report = await opened(shop, "ga4", "funnels")
    now, before = (through(truth.events_of_users(SHOP, *days)) for days in (NOW, back(NOW, 28)))
    steps = rows(report, "funnel")
    assert list(steps) == list(STEPS)
    assert [row["users"] for row in steps.values()] == now
    assert [row["users_previous"] for row in steps.values()] == before
    assert steps["purchase"]["rate_from_first"] == pytest.approx(now[-1] / now[0], abs=5e-5)
    assert steps["purchase"]["rate_from_previous"] == pytest.approx(now[-1] / now[-2], abs=5e-5)
    devices = rows(report, "devices").values()
    assert [sum(row[step] for row in devices) for step in STEPS] == now
    assert [sum(row[f"{step}_previous"] for row in devices) for step in STEPS] == before
    (totals,) = rows(report, "totals").values()
    assert (totals["users"], totals["completed"], totals["users_previous"]) == (now[0], now[-1], before[0])


async def test_the_rows_of_realtime_add_up_to_its_totals(shop: ToolContext) -> None:
    report = await opened(shop, "ga4", "realtime")
    (totals,) = rows(report, "totals").values()
    for section in ("pages", "countries", "devices"):
        assert sum(row["screenPageViews"] for row in rows(report, section).values()) == totals["screenPageViews"]
        assert sum(row["eventCount"] for row in rows(report, section).values()) == totals["eventCount"]
    assert report.meta.range is None and report.meta.compare is None and report.meta.quota is not None


@pytest.mark.parametrize(
    ("client", "currency", "zone"), [(OUTFITTER, "USD", "America/New_York"), (CLINICS, "RON", "Europe/Bucharest")]
)
async def test_another_clients_tab_is_in_its_own_currency_and_days(
    settings: Settings, sqlite_database: Database, scope: Scope, emulator: EmulatorProcess, truth: Truth,
    client: str, currency: str, zone: str,
) -> None:  # fmt: skip
    async with toolbox(settings, sqlite_database, scope, emulator.address, client) as context:
        report = await opened(context, "google-ads", "overview", range="90days", compare="previous")
        assert (report.meta.currency, report.meta.timezone) == (currency, zone)
        days = last_days(90)
        is_ads(rows(report, "totals")[None], truth.google_ads(client, *days), truth.google_ads(client, *back(days, 90)))


async def test_changes_say_who_changed_what_from_what_to_what(shop: ToolContext) -> None:
    report = await opened(shop, "google-ads", "changes")
    section = report.sections[1]
    names = [column.name for column in section.columns]
    found = [dict(zip(names, row, strict=True)) for row in section.rows]
    assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=True)
    budget = next(row for row in found if row["resource"] == "CAMPAIGN_BUDGET")
    assert (budget["at"], budget["by"]) == ("2026-10-30 10:42:07", "agency@camarad.example")
    assert budget["field"] == "amount_micros"
    assert float(budget["after"]) == pytest.approx(1.25 * float(budget["before"]))
    states = [(row["before"], row["after"]) for row in found if row["resource"] == "CAMPAIGN"]
    assert states == [("PAUSED", "ENABLED"), ("ENABLED", "PAUSED")]
    made = next(row for row in found if row["operation"] == "CREATE")
    assert (made["resource"], made["field"], made["before"], made["after"]) == ("CAMPAIGN_CRITERION", None, None, None)
    bids = [row for row in found if row["resource"] == "AD_GROUP_CRITERION"]
    assert bids
    assert all(row["ad_group"] and row["campaign"] and row["by"] for row in bids)
    assert report.sections[0].totals == {"changes": len(found)}
    assert report.meta.compare is None
    assert "30 days" in section.notes[0]


async def test_changes_before_the_last_thirty_days_are_not_asked_for(
    shop: ToolContext, emulator_faults: ControlClient
) -> None:
    long = await opened(shop, "google-ads", "changes", range="90days")
    assert len(long.sections[1].rows) > 2
    old = await opened(shop, "google-ads", "changes", range="2026-01")
    assert old.sections[1].rows == []
    assert len(emulator_faults.calls()) == 1
    assert old.meta.source == "demo"
    assert old.meta.range is not None
    assert str(old.meta.range.start) == "2026-01-01"
