"""Days still to come, for tools that look ahead (calendars, forecasts, bookings).

The grammar reads a day without a year as the latest that was, which is right for reports and wrong for meetings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from re import Match

from agents.embedded.dates.grammar import DateAnswer
from agents.embedded.dates.span import DAY, Span, month, week
from agents.embedded.dates.words import UNIT, UNITS, WEEKDAY, WEEKDAYS, number
from agents.embedded.text import fold

_PATTERNS = (
    re.compile(
        rf"\b(?:next|following|coming|urmatoarele|urmatorii)\s+(?P<n>\d{{1,2}}|[a-z]+)\s+(?:de\s+)?(?P<u>{UNIT})\b"
    ),
    re.compile(r"\b(?:day after tomorrow|poimaine)\b"),
    re.compile(r"\b(?:tomorrow|maine)\b"),
    re.compile(r"\b(?:next week|saptamana (?:viitoare|urmatoare))\b"),
    re.compile(r"\b(?:next month|luna (?:viitoare|urmatoare))\b"),
    re.compile(rf"\b(?:on|next|this|pe)?\s*(?P<d>{WEEKDAY})\b"),
)


def ahead(dates: DateAnswer, text: str, today: date) -> DateAnswer:
    """The same answer with its period moved to where a plan would be; unchanged when nothing is to come."""
    said = fold(text)
    if re.search(
        r"\b(?:last|past|previous|yesterday|ago|trecut\w*|ieri|anterio\w*|did|had|was|were|am avut|a fost)\b", said
    ):
        return dates
    for kind, pattern in enumerate(_PATTERNS):
        if (found := pattern.search(said)) and (span := _span(kind, found, today)):
            return DateAnswer(span, "none", None, found.group())
    period = dates.period
    if period is None or period.end >= today or re.search(r"\d{4}", dates.said):
        return dates
    shifted = _next_year(period)
    near = shifted is not None and shifted.start - today < today - period.end
    return replace(dates, period=shifted) if near else dates


def _span(kind: int, found: Match[str], today: date) -> Span | None:
    if kind == 0:
        try:
            count = number(found["n"])
        except (KeyError, ValueError):
            return None
        days = count * {"days": 1, "week": 7, "month": 30}.get(UNITS[found["u"]], 365)
        return Span(today + DAY, today + DAY * days, "days")
    if kind == 5:
        after = (WEEKDAYS[found["d"]] - today.weekday()) % 7 or 7
        return Span(today + DAY * after, today + DAY * after, "days")
    day = today + DAY * (2 if kind == 1 else 1)
    return (Span(day, day, "days"), Span(day, day, "days"), week(today, 1), month(today, 1))[kind - 1]


def _next_year(period: Span) -> Span | None:
    try:
        return Span(period.start.replace(year=period.start.year + 1), period.end.replace(year=period.end.year + 1))
    except ValueError:
        return None
