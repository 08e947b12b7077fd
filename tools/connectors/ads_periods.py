"""Two periods out of one Google Ads query.

The query language has no OR and names no periods, so both are read as one span of days and told apart by a date
segment, the widest whose parts lie in one period each (months for whole months, weeks for whole weeks, else days).
Only what adds up over days is read this way. A segmented query gives no rows where nothing happened; without a
comparison and without days none is needed, and rows of zeros are there as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from tools.connectors.queries import AdsQuery
from tools.connectors.report import Key, Numbers, Report, Row
from tools.ranges import Window, days_of, month_of
from tools.result import Period

DAY, WEEK, MONTH = "segments.date", "segments.week", "segments.month"
FINE = 6  # digits that a sum of Google's numbers can carry; what is behind them is noise of binary fractions
Sums = dict[Key, dict[str, float]]


def span(window: Window) -> Period:
    if window.compare is None:
        return window.current
    return Period(
        start=min(window.current.start, window.compare.start), end=max(window.current.end, window.compare.end)
    )


def segment(window: Window, *, daily: bool) -> str | None:
    """The date segment that a query needs, None when it needs none."""
    if daily:
        return DAY
    if window.compare is None:
        return None
    periods = (window.current, window.compare)
    if all(_whole_months(period) for period in periods):
        return MONTH
    return WEEK if all(_whole_weeks(period) for period in periods) else DAY


def _whole_months(period: Period) -> bool:
    return period.start.day == 1 and period.end == month_of(period.end).end


def _whole_weeks(period: Period) -> bool:
    return period.start.weekday() == 0 and period.end.weekday() == 6


def segmented(query: AdsQuery, by: str | None) -> AdsQuery:
    """The query with its date segment as the last field."""
    if by is None:
        return query
    return AdsQuery(query.resource, (*query.fields, by), query.metrics, query.where, query.order_by, query.most)


def by_entity(query: AdsQuery, window: Window, rows: Iterable[tuple[Key, Numbers]], by: str | None) -> Report:
    """Sums of each entity in both periods, the dearest first. `rows` are those of the segmented query."""
    current, before = _fold(query, window, rows, by)
    if window.compare is None:
        before = {}
    zeros = dict.fromkeys(query.metrics, 0.0)
    keys = sorted(dict.fromkeys([*current, *before]), key=lambda k: _rank(query, k, current, before))
    paired = [Row(k, current.get(k, zeros), before.get(k, zeros) if window.compare else None) for k in keys]
    past = _total(query, before) if window.compare is not None else None
    return Report(query.fields, query.metrics, tuple(paired), _total(query, current), past, len(paired))


def by_day(query: AdsQuery, window: Window, rows: Iterable[tuple[Key, Numbers]]) -> Report:
    """Sums of every day of the period, beside the day at the same place in the other one."""
    days: Sums = {}
    for key, numbers in rows:
        _add(days, key[-1:], numbers)
    _settle(days)
    zeros = dict.fromkeys(query.metrics, 0.0)
    past = [str(day) for day in days_of(window.compare)] if window.compare is not None else []
    found = []
    for place, day in enumerate(days_of(window.current)):
        previous = days.get((past[place],), zeros) if place < len(past) else None
        found.append(Row((str(day),), days.get((str(day),), zeros), previous))
    whole = _within(days, window.current)
    before = _total(query, _within(days, window.compare)) if window.compare is not None else None
    return Report((DAY,), query.metrics, tuple(found), _total(query, whole), before, len(found))


def _within(days: Sums, period: Period) -> Sums:
    return {key: sums for key, sums in days.items() if str(period.start) <= key[0] <= str(period.end)}


def _fold(query: AdsQuery, window: Window, rows: Iterable[tuple[Key, Numbers]], by: str | None) -> tuple[Sums, Sums]:
    current: Sums = {}
    before: Sums = {}
    width = len(query.fields)
    for key, numbers in rows:
        if by is None or _in(window.current, key[-1]):
            _add(current, key[:width], numbers)
        if by is not None and window.compare is not None and _in(window.compare, key[-1]):
            _add(before, key[:width], numbers)
    _settle(current)
    _settle(before)
    return current, before


def _in(period: Period, day: str) -> bool:
    return str(period.start) <= day <= str(period.end)


def _add(sums: Sums, key: Key, numbers: Numbers) -> None:
    known = sums.setdefault(key, dict.fromkeys(numbers, 0.0))
    for name, number in numbers.items():
        known[name] += number


def _settle(sums: Sums) -> None:
    for found in sums.values():
        for name, number in found.items():
            found[name] = round(number, FINE)


def _total(query: AdsQuery, sums: Sums) -> dict[str, float]:
    return {name: round(sum(each[name] for each in sums.values()), FINE) for name in query.metrics}


def _rank(query: AdsQuery, key: Key, current: Sums, before: Sums) -> tuple[float, float, Key]:
    name = query.order_by or query.metrics[0]
    return -current.get(key, {}).get(name, 0.0), -before.get(key, {}).get(name, 0.0), key
