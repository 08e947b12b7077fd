"""Billing periods: counted from the anchor, by UTC's calendar; a month without the anchor's day ends on its last."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

from tools.emulator.stripe.types import Obj

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def boundary_after(anchor: int, recurring: Obj, after: int) -> int:
    """The first end of a period later than `after`."""
    steps = 0
    while (end := _step(anchor, recurring, steps)) <= after:
        steps += 1
    return end


def _step(anchor: int, recurring: Obj, steps: int) -> int:
    start = datetime.fromtimestamp(anchor, UTC)
    interval, count = recurring["interval"], recurring["interval_count"] * steps
    if interval in _DAYS:
        return int((start + timedelta(days=_DAYS[interval] * count)).timestamp())
    months = start.month - 1 + _MONTHS[interval] * count
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def spoken(instant: int) -> str:
    """As in the lines of an invoice: 23 Nov 2026."""
    at = datetime.fromtimestamp(instant, UTC)
    return f"{at.day} {calendar.month_abbr[at.month]} {at.year}"
