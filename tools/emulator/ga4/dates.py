"""Date ranges as the Data API writes them, and the days they mean."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from tools.emulator.ga4 import errors
from tools.emulator.ga4.sql import Span

_MOST_RANGES = 4
_AGO = re.compile(r"(\d{1,5})daysAgo")


def spans(ranges: Any, today: date) -> list[Span]:
    """The spans of a request's date ranges, in order. Refuses none, too many, and ones that end before they start."""
    if not ranges:
        raise errors.invalid("A dateRange is required for this report.")
    if len(ranges) > _MOST_RANGES:
        raise errors.invalid(f"Requests are limited to {_MOST_RANGES} dateRanges. This request has {len(ranges)}.")
    made = [_span(one, index, today) for index, one in enumerate(ranges)]
    if len({span.name for span in made}) < len(made):
        raise errors.invalid("The names of date ranges must be unique within a request.")
    return made


def _span(one: Any, index: int, today: date) -> Span:
    if one.name.startswith(("date_range_", "RESERVED_")):
        raise errors.invalid(f"The date range name {one.name} must not begin with date_range_ or RESERVED_.")
    start, end = _day(one.start_date, today), _day(one.end_date, today)
    if start > end:
        raise errors.invalid(
            f"Invalid dateRange. The start_date {one.start_date} must not be after the end_date {one.end_date}."
        )
    return Span(start, end, one.name or f"date_range_{index}")


def _day(text: str, today: date) -> date:
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    if ago := _AGO.fullmatch(text):
        return today - timedelta(days=int(ago[1]))
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else _bad(text)
    except ValueError:
        return _bad(text)


def _bad(text: str) -> date:
    raise errors.invalid(
        f"Invalid date: {text!r}. Dates must be in the format YYYY-MM-DD, NdaysAgo, yesterday or today."
    )
