"""Days from one to another, both included, and the calendar arithmetic on them."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """`unit` remembers how it was said (`days`, `week`, `month`, `quarter`, `year`, `dates`), `days` how many."""

    start: date
    end: date
    unit: str = "dates"

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError("a period starts before it ends")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def iso(self) -> str:
        return f"{self.start}..{self.end}"


def last_days(count: int, today: date) -> Span:
    """The last so many full days: they end yesterday, as Analytics and Ads count them."""
    if not 1 <= count <= 1100:
        raise ValueError("too many days")
    return Span(today - DAY * count, today - DAY, "days")


def month_start(day: date, shift: int = 0) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + shift, 12)
    return date(year, month + 1, 1)


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month(day: date, shift: int = 0) -> Span:
    first = month_start(day, shift)
    return Span(first, month_end(first), "month")


def week(day: date, shift: int = 0) -> Span:
    monday = day - DAY * day.weekday() + DAY * 7 * shift
    return Span(monday, monday + DAY * 6, "week")


def quarter(year: int, number: int) -> Span:
    first = date(year, 3 * number - 2, 1)
    return Span(first, month_end(month_start(first, 2)), "quarter")


def quarter_of(day: date, shift: int = 0) -> Span:
    first = month_start(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), 3 * shift)
    return Span(first, month_end(month_start(first, 2)), "quarter")


def year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31), "year")


def until(span: Span, last: date) -> Span:
    """The part of a running period that has happened."""
    return Span(span.start, min(span.end, last), span.unit)


def months_back(day: date, count: int) -> date:
    first = month_start(day, -count)
    return first.replace(day=min(day.day, month_end(first).day))


def before(span: Span, today: date) -> Span:
    """The period before, as people mean it: the calendar neighbour of a calendar period, else as many days."""
    if span.unit == "week":
        return week(span.start, -1)
    if span.unit == "month":
        return month(span.start, -1)
    if span.unit == "quarter":
        return quarter_of(span.start, -1)
    if span.unit == "year":
        return year(span.start.year - 1)
    return Span(span.start - DAY * span.days, span.start - DAY, span.unit)


def year_before(span: Span) -> Span:
    return Span(_last_year(span.start), _last_year(span.end), span.unit)


def _last_year(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def running(past: Span, today: date) -> Span | None:
    """The running period that a past one of its kind is held against: this month against last month."""
    kinds = {"week": week(today), "month": month(today), "quarter": quarter_of(today), "year": year(today.year)}
    found = kinds.get(past.unit)
    return until(found, today) if found is not None and past.end < found.start else None
