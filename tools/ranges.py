"""Date ranges as people and models write them, turned into calendar days of the account's own time zone.

Rules: `<n>days` ends yesterday, because today is not complete. `previous` is the equally long period just before; for
calendar months it is the month before (up to the same day for `this_month`). `year` goes back 364 days, so that
weekdays line up.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from camarad.errors import BadInput
from tools.result import Period

Compare = Literal["previous", "year", "none"]

MAX_DAYS = 400
MAX_SPAN = 800  # days of an explicit range
EARLIEST = date(2000, 1, 1)  # before both products
ALLOWED = (
    "Use 7days, 28days, 30days, 90days or any <n>days up to 400 (they end yesterday), today, yesterday, this_month, "
    "last_month, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD; compare is previous, year or none."
)

DAYS = re.compile(r"(?:last[_ -]?)?(\d{1,4})[_ -]?d(?:ays?)?")
MONTH = re.compile(r"(\d{4})-(\d{2})")
SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|to|/)\s*(\d{4}-\d{2}-\d{2}))?")


@dataclass(frozen=True, slots=True)
class Window:
    """What is read, and what it is compared with. `today` is the account's date at the time of asking."""

    current: Period
    compare: Period | None
    today: date

    @property
    def includes_today(self) -> bool:
        return self.current.end >= self.today


def parse_window(text: str, compare: str, today: date) -> Window:
    """Both periods of a request. Raises BadInput that says what is allowed."""
    name = text.strip().lower()
    current = _named(name, today) or _days(name, today) or _month(name, today) or _span(name)
    if current is None:
        raise BadInput(f"{text[:60]!r} is not a date range.", hint=ALLOWED)
    _check(current, today)
    return Window(current, _compared(name, current, compare), today)


def days_of(period: Period) -> list[date]:
    return [period.start + timedelta(days=n) for n in range(period.days)]


def month_of(day: date) -> Period:
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(start=day.replace(day=1), end=day.replace(day=last))


def _named(name: str, today: date) -> Period | None:
    yesterday = today - timedelta(days=1)
    if name == "today":
        return Period(start=today, end=today)
    if name == "yesterday":
        return Period(start=yesterday, end=yesterday)
    if name == "this_month":
        return Period(start=today.replace(day=1), end=today)
    if name == "last_month":
        return month_of(today.replace(day=1) - timedelta(days=1))
    return None


def _days(name: str, today: date) -> Period | None:
    found = DAYS.fullmatch(name)
    if found is None:
        return None
    count = int(found[1])
    if not 1 <= count <= MAX_DAYS:
        raise BadInput(f"A range has 1 to {MAX_DAYS} days, not {count}.", hint=ALLOWED)
    return Period(start=today - timedelta(days=count), end=today - timedelta(days=1))


def _month(name: str, today: date) -> Period | None:
    found = MONTH.fullmatch(name)
    if found is None:
        return None
    whole = month_of(_date(f"{name}-01"))
    return Period(start=whole.start, end=max(whole.start, min(whole.end, today)))


def _span(name: str) -> Period | None:
    found = SPAN.fullmatch(name)
    if found is None:
        return None
    return Period(start=_date(found[1]), end=_date(found[2] or found[1]))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text} is not a calendar date.", hint=ALLOWED) from error


def _check(period: Period, today: date) -> None:
    if period.end < period.start:
        raise BadInput(f"The range ends ({period.end}) before it starts ({period.start}).", hint=ALLOWED)
    if period.end > today:
        raise BadInput(f"The range ends on {period.end}, in the future; today is {today}.", hint=ALLOWED)
    if period.start < EARLIEST:
        raise BadInput(f"The range starts on {period.start}; there is nothing to read before {EARLIEST}.", hint=ALLOWED)
    if period.days > MAX_SPAN:
        raise BadInput(f"The range has {period.days} days; at most {MAX_SPAN} can be read at once.", hint=ALLOWED)


def _compared(name: str, current: Period, compare: str) -> Period | None:
    if compare == "none":
        return None
    if compare == "year":
        step = timedelta(days=364)
        return Period(start=current.start - step, end=current.end - step)
    if compare != "previous":
        raise BadInput(f"{compare[:60]!r} is not a comparison.", hint=ALLOWED)
    if name in ("this_month", "last_month") or MONTH.fullmatch(name):
        return _month_before(current)
    return Period(start=current.start - timedelta(days=current.days), end=current.start - timedelta(days=1))


def _month_before(current: Period) -> Period:
    before = month_of(current.start - timedelta(days=1))
    if current == month_of(current.start):
        return before
    return Period(start=before.start, end=min(before.end, before.start + timedelta(days=current.days - 1)))
