"""How busy a day is: trend, time of year, weekday, Black Friday; and when incidents happen."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from tools.emulator.worlds.dice import Floats, Ints
from tools.emulator.worlds.shape import Incident, Shape

HISTORY_DAYS = 465  # 90 days, the same 90 a year (364 days) earlier, and some room
_EPOCH = date(1970, 1, 1)
_TREND_ZERO = (date(2026, 1, 1) - _EPOCH).days


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def day_date(number: int) -> date:
    return _EPOCH + timedelta(days=int(number))


def anchor(today: date) -> int:
    """The Monday that incidents are counted from: 7 to 13 days back, so that history moves once a week at most."""
    recent = today - timedelta(days=7)
    return day_number(recent - timedelta(days=recent.weekday()))


def level(shape: Shape, days: Ints) -> Floats:
    """The factor on everything that happens on each day."""
    dates = [day_date(d) for d in days]
    weekday = np.array([shape.weekday[d.weekday()] for d in dates])
    angle = np.array([2.0 * np.pi * (d.timetuple().tm_yday - 12) / 365.25 for d in dates])
    years = (days - _TREND_ZERO) / 365.25
    season = 1.0 + shape.winter * np.cos(angle)
    friday = np.array([shape.black_friday if _black_friday_week(d) else 1.0 for d in dates])
    result: Floats = weekday * season * friday * np.power(1.0 + shape.growth, years)
    return result


def _black_friday_week(day: date) -> bool:
    """Thursday to Monday around the fourth Friday of November."""
    return day.month in (11, 12) and -1 <= (day - _fourth_friday(day.year)).days <= 3


def _fourth_friday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 21)


def window(incident: Incident, today: date) -> tuple[int, int]:
    """First and last day number of an incident."""
    first = anchor(today) + incident.begins
    return first, first + incident.days - 1


def during(incident: Incident, today: date, days: Ints) -> Floats:
    """The incident's factor on its days, 1 on the others."""
    first, last = window(incident, today)
    return np.where((days >= first) & (days <= last), incident.factor, 1.0)
