from datetime import date

import pytest

from camarad.errors import BadInput
from tools.ranges import days_of, parse_window
from tools.result import Period

TODAY = date(2026, 11, 20)


def period(start: str, end: str) -> Period:
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("7days", "2026-11-13", "2026-11-19"),
        ("28days", "2026-10-23", "2026-11-19"),
        ("90days", "2026-08-22", "2026-11-19"),
        ("1days", "2026-11-19", "2026-11-19"),
        ("last_14_days", "2026-11-06", "2026-11-19"),
        ("30d", "2026-10-21", "2026-11-19"),
        ("today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("this_month", "2026-11-01", "2026-11-20"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-11", "2026-11-01", "2026-11-20"),
        ("2026-11-05", "2026-11-05", "2026-11-05"),
        ("2026-11-01..2026-11-10", "2026-11-01", "2026-11-10"),
        ("2026-11-01 to 2026-11-10", "2026-11-01", "2026-11-10"),
        (" YESTERDAY ", "2026-11-19", "2026-11-19"),
    ],
)
def test_a_range_is_read_as_calendar_days(text: str, start: str, end: str) -> None:
    assert parse_window(text, "none", TODAY).current == period(start, end)


@pytest.mark.parametrize(
    ("text", "compare", "start", "end"),
    [
        ("28days", "previous", "2026-09-25", "2026-10-22"),
        ("28days", "year", "2025-10-24", "2025-11-20"),
        ("yesterday", "previous", "2026-11-18", "2026-11-18"),
        ("last_month", "previous", "2026-09-01", "2026-09-30"),
        ("this_month", "previous", "2026-10-01", "2026-10-20"),
        ("2026-03", "previous", "2026-02-01", "2026-02-28"),
        ("2026-11-01..2026-11-10", "previous", "2026-10-22", "2026-10-31"),
    ],
)
def test_a_comparison_is_the_period_before_or_a_year_of_weeks_before(
    text: str, compare: str, start: str, end: str
) -> None:
    assert parse_window(text, compare, TODAY).compare == period(start, end)


def test_the_month_before_a_longer_one_is_not_overrun() -> None:
    window = parse_window("this_month", "previous", date(2026, 3, 31))
    assert window.compare == period("2026-02-01", "2026-02-28")


def test_a_year_back_keeps_the_weekday() -> None:
    window = parse_window("yesterday", "year", TODAY)
    assert window.compare is not None
    assert window.compare.start.weekday() == window.current.start.weekday()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("last week", "not a date range"),
        ("", "not a date range"),
        ("0days", "1 to 400"),
        ("401days", "1 to 400"),
        ("2026-02-30", "not a calendar date"),
        ("2026-13", "not a calendar date"),
        ("2026-11-10..2026-11-01", "before it starts"),
        ("2026-11-01..2026-12-01", "in the future"),
        ("2020-01-01..2026-11-01", "at most 800"),
        ("0001-01-01..0001-01-05", "nothing to read before 2000-01-01"),
    ],
)
def test_a_bad_range_says_what_is_wrong_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        parse_window(text, "none", TODAY)
    assert "28days" in caught.value.hint


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises(BadInput, match="not a comparison"):
        parse_window("7days", "last_year", TODAY)


def test_the_days_of_a_period_are_listed_in_order() -> None:
    assert [str(d) for d in days_of(period("2026-02-27", "2026-03-01"))] == ["2026-02-27", "2026-02-28", "2026-03-01"]
