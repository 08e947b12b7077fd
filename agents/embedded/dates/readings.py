"""What a matched phrase means as days. Each reading takes the match of its rule and today, and gives a period.

A reading raises ValueError for what is no date (31 June), and the rule then does not count.
"""

from __future__ import annotations

import re
from datetime import date
from re import Match

from agents.embedded.dates.span import (
    DAY,
    Span,
    last_days,
    month,
    month_end,
    months_back,
    quarter,
    until,
    week,
    year,
)
from agents.embedded.dates.words import ORDINALS, ROMAN, UNITS, WEEKDAYS, month_number, number


def year_for(month_: int, day: int, today: date, given: str | None) -> int:
    if given:
        return int(given)
    return today.year if (month_, day) <= (today.month, today.day) else today.year - 1


def written(text: str) -> date:
    parts = [int(p) for p in re.split(r"[-./]", text)]
    if parts[0] > 1000:
        return date(parts[0], parts[1], parts[2])
    return date(parts[2] + (2000 if parts[2] < 100 else 0), parts[1], parts[0])


def written_range(m: Match[str], today: date) -> Span:
    return Span(written(m["a"]), written(m["b"]))


def written_day(m: Match[str], today: date) -> Span:
    return Span(written(m["a"]), written(m["a"]), "days")


def written_since(m: Match[str], today: date) -> Span:
    return Span(written(m["a"]), today)


def days_of_month(m: Match[str], today: date) -> Span:
    number_, last = month_number(m["m"]), int(m["b"])
    in_year = year_for(number_, int(m["a"]), today, m["y"])
    return Span(date(in_year, number_, int(m["a"])), date(in_year, number_, last))


def day_month_to_day_month(m: Match[str], today: date) -> Span:
    first, last = (month_number(m["m1"]), int(m["a"])), (month_number(m["m2"]), int(m["b"]))
    end_year = int(m["y"]) if m["y"] else year_for(*first, today, None)
    if not m["y"] and first > last:
        end_year += 1
    start_year = end_year if first <= last else end_year - 1
    return Span(date(start_year, *first), date(end_year, *last))


def month_to_month(m: Match[str], today: date) -> Span:
    first, last = month_number(m["m1"]), month_number(m["m2"])
    start_year = int(m["y"]) if m["y"] else year_for(first, 1, today, None)
    if m["y"] and first > last:
        start_year -= 1
    end_year = start_year if first <= last else start_year + 1
    return until(Span(date(start_year, first, 1), month_end(date(end_year, last, 1))), today)


def since_day(m: Match[str], today: date) -> Span:
    number_, day = month_number(m["m"]), int(m["a"] or 1)
    return Span(date(year_for(number_, day, today, m["y"]), number_, day), today)


def since_day_of_month(m: Match[str], today: date) -> Span:
    """ "Since the 5th": of this month, or of the last one when this month's is still to come."""
    day = 1 if m["first"] else int(m["a"] or m["b"])
    this = month(today).start
    start = this if day <= today.day else month(today, -1).start
    return Span(start.replace(day=day), today)


def one_day(m: Match[str], today: date) -> Span:
    number_, day = month_number(m["m"]), int(m["a"])
    found = date(year_for(number_, day, today, m["y"]), number_, day)
    return Span(found, found, "days")


def whole_month(m: Match[str], today: date) -> Span:
    number_ = month_number(m["m"])
    return until(month(date(year_for(number_, 1, today, m["y"]), number_, 1)), today)


def part_of_month(m: Match[str], today: date) -> Span:
    number_ = month_number(m["m"])
    whole = month(date(year_for(number_, 1, today, m["y"]), number_, 1))
    middle = whole.start.replace(day=15)
    first_half = m["half"].startswith(("first", "prim"))
    return until(Span(whole.start, middle) if first_half else Span(middle + DAY, whole.end), today)


def last_units(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    yesterday = today - DAY
    if unit == "days":
        return last_days(count, today)
    if unit == "week":
        return last_days(7 * count, today)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Span(months_back(today, months), yesterday)


def past_one(m: Match[str], today: date) -> Span:
    return Span(months_back(today, 1 if "month" in m.group() else 12), today - DAY)


def full_units(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    if unit == "week":
        return Span(week(today, -count).start, week(today, -1).end)
    if unit == "month":
        return Span(month(today, -count).start, month(today, -1).end)
    return last_days(count, today)


def ago(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    if unit == "days":
        return Span(today - DAY * count, today - DAY * count, "days")
    if unit == "week":
        return week(today, -count)
    if unit == "month":
        return month(today, -count)
    return year(today.year - count)


def quarter_named(m: Match[str], today: date) -> Span:
    which = m["q"]
    number_ = ROMAN.get(which) or ORDINALS.get(which) or int(which)
    in_year = int(m["y"]) if m["y"] else today.year
    found = quarter(in_year, number_)
    if not m["y"] and found.start > today:
        found = quarter(in_year - 1, number_)
    return until(found, today)


def weekday(m: Match[str], today: date) -> Span:
    back = (today.weekday() - WEEKDAYS[m["d"]]) % 7 or 7
    return Span(today - DAY * back, today - DAY * back, "days")


def since_weekday(m: Match[str], today: date) -> Span:
    back = (today.weekday() - (0 if m["d"] == "luni" else WEEKDAYS[m["d"]])) % 7 or 7
    return Span(today - DAY * back, today)


def weekend(m: Match[str], today: date) -> Span:
    monday = week(today).start
    saturday = monday - DAY * 2 if today.weekday() < 6 else monday + DAY * 5
    return Span(saturday, min(saturday + DAY, today), "days")
