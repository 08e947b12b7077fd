"""What DURING and its date literals mean on a given day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tools.emulator.ads.failure import query_error


def _days(today: date, count: int) -> tuple[date, date]:
    """The last `count` days, up to yesterday."""
    return today - timedelta(days=count), today - timedelta(days=1)


def _week(today: date, weeks: int, first: int, length: int = 7) -> tuple[date, date]:
    """The week `weeks` back that starts on weekday `first` (Monday is 0)."""
    start = today - timedelta(days=(today.weekday() - first) % 7 + 7 * weeks)
    return start, start + timedelta(days=length - 1)


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


_LITERALS: dict[str, Callable[[date], tuple[date, date]]] = {
    "TODAY": lambda t: (t, t),
    "YESTERDAY": lambda t: _days(t, 1),
    "LAST_7_DAYS": lambda t: _days(t, 7),
    "LAST_14_DAYS": lambda t: _days(t, 14),
    "LAST_30_DAYS": lambda t: _days(t, 30),
    "LAST_BUSINESS_WEEK": lambda t: _week(t, 1, 0, 5),
    "LAST_WEEK_SUN_SAT": lambda t: _week(t, 1, 6),
    "LAST_WEEK_MON_SUN": lambda t: _week(t, 1, 0),
    "THIS_WEEK_SUN_TODAY": lambda t: (_week(t, 0, 6)[0], t),
    "THIS_WEEK_MON_TODAY": lambda t: (_week(t, 0, 0)[0], t),
    "THIS_MONTH": lambda t: (t.replace(day=1), t),
    "LAST_MONTH": _last_month,
}


def days_of(literal: str, today: date) -> tuple[date, date]:
    """First and last day of a date literal."""
    if literal.upper() not in _LITERALS:
        raise query_error(
            "INVALID_VALUE_WITH_DURING_OPERATOR",
            f"Invalid value with DURING operator: '{literal}'. Use one of {', '.join(_LITERALS)}.",
        )
    return _LITERALS[literal.upper()](today)
