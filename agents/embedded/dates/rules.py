"""The rules of the grammar: a pattern over folded text and what period it means. Earlier rules win overlaps.

Conventions: "last N days" ends yesterday; weeks start on Monday; "last month" is the calendar month; a month, day or
quarter without a year is the latest that has begun; a running period ends today.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
    quarter_of,
    until,
    week,
    year,
)
from agents.embedded.dates.words import (
    COUNT,
    DASH_TO,
    DAY_OF_MONTH,
    MONTH,
    ORDINALS,
    ROMAN,
    UNIT,
    UNITS,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    month_number,
    number,
    one_of,
)

Reading = Callable[[Match[str], date], Span]
_TH = r"(?:st|nd|rd|th)?"
_ISO = r"20\d\d-\d{1,2}-\d{1,2}"
_EURO = r"\d{1,2}[./]\d{1,2}[./](?:20)?\d\d"
_OPEN = r"(?:since|from|starting(?: from| on)?|incepand (?:cu|din|de la|de pe)|de la|din|de pe|as of)"
_CURRENT_EN, _CURRENT_RO = r"(?:this|current|the current)", r"(?:asta|aceasta|acesta|curenta|curent|in curs)"
_LAST_EN = r"(?:last|previous|prior|past|preceding)"
_LAST_RO = r"(?:trecuta|trecut|anterioara|anterior|precedenta|precedent|care a trecut)"


def _year_for(month_: int, day: int, today: date, given: str | None) -> int:
    if given:
        return int(given)
    return today.year if (month_, day) <= (today.month, today.day) else today.year - 1


def _written(text: str) -> date:
    parts = [int(p) for p in re.split(r"[-./]", text)]
    if parts[0] > 1000:
        return date(parts[0], parts[1], parts[2])
    return date(parts[2] + (2000 if parts[2] < 100 else 0), parts[1], parts[0])


def _written_range(m: Match[str], today: date) -> Span:
    return Span(_written(m["a"]), _written(m["b"]))


def _written_day(m: Match[str], today: date) -> Span:
    return Span(_written(m["a"]), _written(m["a"]), "days")


def _written_since(m: Match[str], today: date) -> Span:
    return Span(_written(m["a"]), today)


def _days_of_month(m: Match[str], today: date) -> Span:
    number_, last = month_number(m["m"]), int(m["b"])
    in_year = _year_for(number_, int(m["a"]), today, m["y"])
    return Span(date(in_year, number_, int(m["a"])), date(in_year, number_, last))


def _day_month_to_day_month(m: Match[str], today: date) -> Span:
    first, last = (month_number(m["m1"]), int(m["a"])), (month_number(m["m2"]), int(m["b"]))
    end_year = int(m["y"]) if m["y"] else _year_for(*first, today, None)
    if not m["y"] and first > last:
        end_year += 1
    start_year = end_year if first <= last else end_year - 1
    return Span(date(start_year, *first), date(end_year, *last))


def _month_to_month(m: Match[str], today: date) -> Span:
    first, last = month_number(m["m1"]), month_number(m["m2"])
    start_year = int(m["y"]) if m["y"] else _year_for(first, 1, today, None)
    if m["y"] and first > last:
        start_year -= 1
    end_year = start_year if first <= last else start_year + 1
    return until(Span(date(start_year, first, 1), month_end(date(end_year, last, 1))), today)


def _since_day(m: Match[str], today: date) -> Span:
    number_, day = month_number(m["m"]), int(m["a"] or 1)
    return Span(date(_year_for(number_, day, today, m["y"]), number_, day), today)


def _one_day(m: Match[str], today: date) -> Span:
    number_, day = month_number(m["m"]), int(m["a"])
    found = date(_year_for(number_, day, today, m["y"]), number_, day)
    return Span(found, found, "days")


def _whole_month(m: Match[str], today: date) -> Span:
    number_ = month_number(m["m"])
    return until(month(date(_year_for(number_, 1, today, m["y"]), number_, 1)), today)


def _part_of_month(m: Match[str], today: date) -> Span:
    number_ = month_number(m["m"])
    whole = month(date(_year_for(number_, 1, today, m["y"]), number_, 1))
    middle = whole.start.replace(day=15)
    first_half = m["half"].startswith(("first", "prim"))
    return until(Span(whole.start, middle) if first_half else Span(middle + DAY, whole.end), today)


def _last_units(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    yesterday = today - DAY
    if unit == "days":
        return last_days(count, today)
    if unit == "week":
        return last_days(7 * count, today)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Span(months_back(today, months), yesterday)


def _past_one(m: Match[str], today: date) -> Span:
    return Span(months_back(today, 1 if "month" in m.group() else 12), today - DAY)


def _full_units(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    if unit == "week":
        return Span(week(today, -count).start, week(today, -1).end)
    if unit == "month":
        return Span(month(today, -count).start, month(today, -1).end)
    return last_days(count, today)


def _ago(m: Match[str], today: date) -> Span:
    count, unit = number(m["n"]), UNITS[m["u"]]
    if unit == "days":
        return Span(today - DAY * count, today - DAY * count, "days")
    if unit == "week":
        return week(today, -count)
    if unit == "month":
        return month(today, -count)
    return year(today.year - count)


def _quarter(m: Match[str], today: date) -> Span:
    which = m["q"]
    number_ = ROMAN.get(which) or ORDINALS.get(which) or int(which)
    in_year = int(m["y"]) if m["y"] else today.year
    found = quarter(in_year, number_)
    if not m["y"] and found.start > today:
        found = quarter(in_year - 1, number_)
    return until(found, today)


def _weekday(m: Match[str], today: date) -> Span:
    back = (today.weekday() - WEEKDAYS[m["d"]]) % 7 or 7
    return Span(today - DAY * back, today - DAY * back, "days")


def _since_weekday(m: Match[str], today: date) -> Span:
    back = (today.weekday() - (0 if m["d"] == "luni" else WEEKDAYS[m["d"]])) % 7 or 7
    return Span(today - DAY * back, today)


def _weekend(m: Match[str], today: date) -> Span:
    monday = week(today).start
    saturday = monday - DAY * 2 if today.weekday() < 6 else monday + DAY * 5
    return Span(saturday, min(saturday + DAY, today), "days")


def _rule(pattern: str, reading: Reading) -> tuple[re.Pattern[str], Reading]:
    return re.compile(pattern), reading


_Y = rf"(?:,?\s*(?:of\s+|din\s+)?(?P<y>{YEAR}))?"
_FROM = r"(?:(?:from|between|de la|intre|din|de pe|in perioada)\s+)?(?:the\s+)?"
RULES: tuple[tuple[re.Pattern[str], Reading], ...] = (
    _rule(rf"{_FROM}(?P<a>{_ISO}|{_EURO})\s*{DASH_TO}\s*(?P<b>{_ISO}|{_EURO})", _written_range),
    _rule(rf"\b{_OPEN}\s+(?P<a>{_ISO}|{_EURO})", _written_since),
    _rule(rf"\b(?P<a>{_ISO}|{_EURO})\b", _written_day),
    _rule(
        rf"\b{_FROM}(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m1>{MONTH})\s*{DASH_TO}\s*(?:the\s+)?"
        rf"(?P<b>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m2>{MONTH}){_Y}",
        _day_month_to_day_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m1>{MONTH})\s*(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?P<m2>{MONTH})\s*"
        rf"(?P<b>{DAY_OF_MONTH})\b{_TH}{_Y}",
        _day_month_to_day_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?:the\s+)?(?P<b>{DAY_OF_MONTH})\s*{_TH}\s*(?:of\s+)?"
        rf"(?P<m>{MONTH}){_Y}",
        _days_of_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m>{MONTH})\s*(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?:the\s+)?(?P"
        rf"<b>{DAY_OF_MONTH})\b{_TH}{_Y}",
        _days_of_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m1>{MONTH})\s*(?:-|to|through|until|pana in|pana la|la|and|si)\s*(?P<m2>{MONTH}){_Y}",
        _month_to_month,
    ),
    _rule(
        rf"\b(?P<half>first half of|second half of|prima jumatate a lunii|prima jumatate din|a doua jumatate a lunii|"
        rf"a doua jumatate din)\s+(?P<m>{MONTH}){_Y}",
        _part_of_month,
    ),
    _rule(
        rf"\b{_OPEN}\s+(?:the\s+|data de\s+)?(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m>{MONTH}){_Y}", _since_day
    ),
    _rule(rf"\b{_OPEN}\s+(?P<m>{MONTH})\s+(?:the\s+)?(?P<a>{DAY_OF_MONTH})\b{_TH}{_Y}", _since_day),
    _rule(
        rf"\b(?:since|starting(?: from| in)?|incepand (?:cu|din))\s+(?P<a>)(?:luna\s+)?(?P<m>{MONTH}){_Y}", _since_day
    ),
    _rule(
        rf"\b(?:din|de la|from)\s+(?P<a>)(?P<m>{MONTH}){_Y}\s*(?:incoace|onwards?|until now|to "
        rf"now|pana acum|pana azi|pana astazi|to date)",
        _since_day,
    ),
    _rule(
        rf"\b(?:the\s+)?(?:last|past|previous|trailing|recent|ultimele|ultimii|precedentele|"
        rf"trecutele)\s+(?P<n>{COUNT})\s*"
        rf"(?:full|complete|complet[ei]?|calendaristice|intregi)\s*(?P<u>{UNIT})",
        _full_units,
    ),
    _rule(
        rf"\b(?:the\s+)?(?:last|past|previous|trailing|recent|most recent|ultimele|ultimii|"
        rf"precedentele|anterioarele|cele mai recente)"
        rf"(?:\s+(?:the|cele|of))?\s+(?P<n>{COUNT})[\s-]*(?:de\s+)?(?P<u>{UNIT})",
        _last_units,
    ),
    _rule(
        rf"\b(?:in|over|for|pe|pentru|within)\s+(?:the\s+)?(?P<n>\d{{1,3}})\s*(?:de\s+)?(?P<u>{UNIT}"
        rf")(?!\s*(?:ago|before|dinainte|in urma))",
        _last_units,
    ),
    _rule(rf"\b(?P<n>{COUNT})\s*(?:de\s+)?(?P<u>{UNIT})\s+(?:ago|in urma)\b", _ago),
    _rule(rf"\bacum\s+(?P<n>{COUNT})\s*(?:de\s+)?(?P<u>{UNIT})", _ago),
    _rule(r"\b(?:past|last)\s+fortnight\b|\bultimele doua saptamani\b", lambda m, today: last_days(14, today)),
    _rule(
        r"\b(?:alaltaieri|the day before yesterday|day before yesterday)\b",
        lambda m, today: Span(today - DAY * 2, today - DAY * 2, "days"),
    ),
    _rule(r"\b(?:yesterday|ieri|ziua de ieri)\b", lambda m, today: Span(today - DAY, today - DAY, "days")),
    _rule(
        r"\b(?:today|astazi|azi|so far today|ziua de azi|in aceasta zi)\b", lambda m, today: Span(today, today, "days")
    ),
    _rule(
        rf"\b(?:{_CURRENT_EN}\s+week|week to date|wtd|saptamana\s+{_CURRENT_RO}|(?:in\s+)?aceasta saptamana)\b",
        lambda m, today: until(week(today), today),
    ),
    _rule(r"\b(?:the\s+week\s+before\s+last|acum doua saptamani)\b", lambda m, today: week(today, -2)),
    _rule(r"\b(?:(?:the|over|in)\s+past week|ultima saptamana|ultima sapt)\b", lambda m, today: last_days(7, today)),
    _rule(r"\b(?:the\s+past month|ultimul an|the\s+past year|the last year)\b", _past_one),
    _rule(rf"\b(?:{_LAST_EN}\s+week|(?:in\s+)?saptamana\s+{_LAST_RO})\b", lambda m, today: week(today, -1)),
    _rule(
        rf"\b(?:{_CURRENT_EN}\s+month|month to date|mtd|luna\s+{_CURRENT_RO}|(?:in\s+)?aceasta "
        rf"luna|de la inceputul lunii)\b",
        lambda m, today: until(month(today), today),
    ),
    _rule(r"\b(?:the\s+month\s+before\s+last)\b", lambda m, today: month(today, -2)),
    _rule(
        rf"\b(?:{_LAST_EN}\s+(?:calendar\s+)?month|luna\s+{_LAST_RO}|ultima luna(?: calendaristica)?)\b",
        lambda m, today: month(today, -1),
    ),
    _rule(
        rf"\b(?:{_CURRENT_EN}\s+quarter|quarter to date|qtd|trimestrul\s+{_CURRENT_RO}|(?:in\s+)?acest trimestru)\b",
        lambda m, today: until(quarter_of(today), today),
    ),
    _rule(
        rf"\b(?:{_LAST_EN}\s+quarter|trimestrul\s+{_LAST_RO}|ultimul trimestru)\b",
        lambda m, today: quarter_of(today, -1),
    ),
    _rule(
        rf"\b(?:q|t|trimestrul\s+(?:al\s+)?|trim\.?\s+|quarter\s+)(?P<q>[1-4]|iii|ii|iv|"
        rf"i)\b(?:-lea)?(?:\s*(?:al lui|al|of|din|,)?\s*(?P<y>{YEAR}))?",
        _quarter,
    ),
    _rule(rf"\b(?P<q>{one_of(ORDINALS)})\s+(?:quarter|trimestru)(?:\s*(?:of|din)?\s*(?P<y>{YEAR}))?", _quarter),
    _rule(rf"\btrimestrul al (?P<q>{one_of(ORDINALS)})(?:-lea)?(?:\s*(?:din)?\s*(?P<y>{YEAR}))?", _quarter),
    _rule(
        rf"\b(?:year to date|ytd|{_CURRENT_EN}\s+year|de la inceputul anului|"
        rf"anul\s+{_CURRENT_RO}|(?:in\s+)?acest an|since the (?:start|beginning) of the year)\b",
        lambda m, today: until(year(today.year), today),
    ),
    _rule(rf"\b(?:{_LAST_EN}\s+(?:calendar\s+)?year|anul\s+{_LAST_RO})\b", lambda m, today: year(today.year - 1)),
    _rule(
        r"\bh1\b(?:\s*(?P<y>20\d\d))?",
        lambda m, today: until(
            Span(date(int(m["y"] or today.year), 1, 1), date(int(m["y"] or today.year), 6, 30)), today
        ),
    ),
    _rule(
        r"\b(?:(?:last|past|over the|this past|in|at the)?\s*weekend|"
        r"weekend-?ul(?:\s+trecut)?|in weekend|sfarsitul de saptamana(?: trecut)?)\b",
        _weekend,
    ),
    _rule(rf"\b(?:since|de|incepand de)\s+(?P<d>{WEEKDAY}|luni\b)(?:\s+(?:incoace|trecuta))?", _since_weekday),
    _rule(rf"\b(?:last|on|this past|pe)?\s*(?P<d>{WEEKDAY})(?:\s+(?:trecuta|trecut|asta))?", _weekday),
    _rule(rf"\b(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m>{MONTH}){_Y}", _one_day),
    _rule(rf"\b(?:on\s+)?(?P<m>{MONTH})\s+(?:the\s+)?(?P<a>{DAY_OF_MONTH})\b{_TH}{_Y}", _one_day),
    _rule(
        rf"\b(?:(?:in|for|pe|pentru|during|din|luna|of|vs\.?|versus|against|with|to|fata de|cu|"
        rf"than|decat|since|month of|al lunii|lunii|all of|toata "
        rf"luna)\s+)(?:luna\s+)?(?P<m>{MONTH}){_Y}",
        _whole_month,
    ),
    _rule(rf"\b(?P<m>{MONTH})\s+(?P<y>{YEAR})", _whole_month),
    _rule(
        rf"\b(?P<m>january|ianuarie|february|februarie|april|aprilie|june|iunie|july|iulie|"
        rf"august|september|septembrie|october|octombrie|november|noiembrie|december|decembrie|"
        rf"martie){_Y}\b",
        _whole_month,
    ),
    _rule(
        rf"\b(?:in|for|din|during|pe|anul|of|pentru)\s+(?:anul\s+)?(?P<y>{YEAR})\b",
        lambda m, today: until(year(int(m["y"])), today),
    ),
    _rule(rf"\b(?:{_LAST_EN}|ultima)\s+(?:day|zi)\b", lambda m, today: last_days(1, today)),
    _rule(
        r"\b(?P<n>\d{1,3})\s*(?:-\s*)?(?:d|zile|days|day)\b(?!\s*(?:before|dinainte|anterioare|prior|earlier))",
        lambda m, today: last_days(int(m["n"]), today),
    ),
)
