"""Two periods out of one Google Ads query."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tools.connectors.ads_periods import DAY, MONTH, WEEK, by_day, by_entity, segment, segmented, span
from tools.connectors.queries import AdsQuery
from tools.ranges import Window
from tools.result import Period

TODAY = date(2026, 11, 20)
QUERY = AdsQuery("campaign", ("campaign.name",), ("cost", "clicks"))


def window(start: str, end: str, before: str | None = None, until: str | None = None) -> Window:
    compare = Period(start=before, end=until) if before else None  # type: ignore[arg-type]
    return Window(Period(start=start, end=end), compare, TODAY)  # type: ignore[arg-type]


WEEKS = window("2026-11-09", "2026-11-15", "2026-11-02", "2026-11-08")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (window("2026-11-01", "2026-11-07"), None),
        (window("2026-11-05", "2026-11-11", "2026-10-29", "2026-11-04"), DAY),
        (WEEKS, WEEK),
        (window("2026-10-01", "2026-10-31", "2026-09-01", "2026-09-30"), MONTH),
        (window("2026-09-01", "2026-10-31", "2026-07-01", "2026-08-31"), MONTH),
        (window("2026-10-01", "2026-10-31", "2025-10-02", "2025-11-01"), DAY),
    ],
)
def test_the_widest_segment_that_keeps_the_periods_apart_is_asked_for(asked: Window, found: str | None) -> None:
    assert segment(asked, daily=False) == found
    assert segment(asked, daily=True) == DAY


def test_both_periods_lie_in_the_span() -> None:
    assert span(WEEKS) == Period(start=date(2026, 11, 2), end=date(2026, 11, 15))
    assert span(window("2026-11-09", "2026-11-15")) == Period(start=date(2026, 11, 9), end=date(2026, 11, 15))
    assert segmented(QUERY, WEEK).fields == ("campaign.name", "segments.week")
    assert segmented(QUERY, None) is QUERY


def test_rows_go_to_their_period_and_the_gap_to_none() -> None:
    asked = window("2026-11-10", "2026-11-11", "2026-11-01", "2026-11-02")
    rows = [
        (("Brand", "2026-11-10"), {"cost": 0.1, "clicks": 1}),
        (("Brand", "2026-11-11"), {"cost": 0.2, "clicks": 2}),
        (("Brand", "2026-11-05"), {"cost": 99.0, "clicks": 99}),
        (("Brand", "2026-11-02"), {"cost": 5.0, "clicks": 4}),
        (("Gone", "2026-11-01"), {"cost": 7.0, "clicks": 8}),
    ]
    report = by_entity(QUERY, asked, rows, DAY)
    assert [(row.key, row.values, row.previous) for row in report.rows] == [
        (("Brand",), {"cost": 0.3, "clicks": 3}, {"cost": 5.0, "clicks": 4}),
        (("Gone",), {"cost": 0, "clicks": 0}, {"cost": 7.0, "clicks": 8}),
    ]
    assert (report.totals, report.previous_totals) == ({"cost": 0.3, "clicks": 3}, {"cost": 12.0, "clicks": 12})


def test_days_of_both_periods_count_for_both() -> None:
    """A range longer than a year overlaps the one 364 days before."""
    asked = window("2025-11-01", "2026-11-15", "2024-11-02", "2025-11-16")
    rows = [(("Brand", "2025-11-10"), {"cost": 1.0, "clicks": 1})]
    report = by_entity(QUERY, asked, rows, DAY)
    assert report.totals == report.previous_totals == {"cost": 1.0, "clicks": 1}


def test_every_day_has_a_row_beside_the_day_at_the_same_place() -> None:
    asked = window("2026-11-10", "2026-11-12", "2026-11-07", "2026-11-09")
    rows = [
        (("Brand", "2026-11-10"), {"cost": 1.0, "clicks": 1}),
        (("Other", "2026-11-10"), {"cost": 2.0, "clicks": 2}),
        (("Brand", "2026-11-09"), {"cost": 4.0, "clicks": 4}),
    ]
    report = by_day(QUERY, asked, rows)
    nothing = {"cost": 0.0, "clicks": 0.0}
    assert [(row.key[0], row.values, row.previous) for row in report.rows] == [
        ("2026-11-10", {"cost": 3.0, "clicks": 3}, nothing),
        ("2026-11-11", nothing, nothing),
        ("2026-11-12", nothing, {"cost": 4.0, "clicks": 4}),
    ]
    assert report.totals == {"cost": 3.0, "clicks": 3} and report.previous_totals == {"cost": 4.0, "clicks": 4}


def test_a_shorter_past_leaves_the_last_days_without_one() -> None:
    asked = window("2026-10-01", "2026-10-31", "2026-09-01", "2026-09-30")
    report = by_day(QUERY, asked, [])
    assert [row.previous is None for row in report.rows] == [False] * 30 + [True]


def test_sums_are_free_of_binary_noise() -> None:
    days = [str(date(2026, 11, 1) + timedelta(days=n)) for n in range(10)]
    rows = [(("Brand", day), {"cost": 0.1, "clicks": 1}) for day in days]
    report = by_entity(QUERY, window("2026-11-01", "2026-11-10"), rows, None)
    assert report.totals["cost"] == 1.0 != sum([0.1] * 10)
