"""The rules of the grammar: a pattern over folded text and what period it means. Earlier rules win overlaps.

Conventions: "last N days" ends yesterday; weeks start on Monday; "last month" is the calendar month; a month, day or
quarter without a year is the latest that has begun; a running period ends today.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from re import Match

from agents.embedded.dates import readings as read
from agents.embedded.dates.span import DAY, Span, last_days, month, quarter_of, until, week, year
from agents.embedded.dates.words import COUNT, DASH_TO, DAY_OF_MONTH, MONTH, ORDINALS, UNIT, WEEKDAY, YEAR, one_of

Reading = Callable[[Match[str], date], Span]
_TH = r"(?:st|nd|rd|th)?"
_ISO = r"20\d\d-\d{1,2}-\d{1,2}"
_EURO = r"\d{1,2}[./]\d{1,2}[./](?:20)?\d\d"
_OPEN = r"(?:since|from|starting(?: from| on)?|incepand (?:cu|din|de la|de pe)|de la|din|de pe|as of)"
_CURRENT_EN, _CURRENT_RO = r"(?:this|current|the current)", r"(?:asta|aceasta|acesta|curenta|curent|in curs)"
_LAST_EN = r"(?:last|previous|prior|past|preceding)"
_LAST_RO = r"(?:trecuta|trecut|anterioara|anterior|precedenta|precedent|care a trecut)"
_Y = rf"(?:,?\s*(?:of\s+|din\s+)?(?P<y>{YEAR}))?"
_FROM = r"(?:(?:from|between|de la|intre|din|de pe|in perioada)\s+)?(?:the\s+)?"


def _rule(pattern: str, reading: Reading) -> tuple[re.Pattern[str], Reading]:
    return re.compile(pattern), reading


RULES: tuple[tuple[re.Pattern[str], Reading], ...] = (
    _rule(rf"{_FROM}(?P<a>{_ISO}|{_EURO})\s*{DASH_TO}\s*(?P<b>{_ISO}|{_EURO})", read.written_range),
    _rule(rf"\b{_OPEN}\s+(?P<a>{_ISO}|{_EURO})", read.written_since),
    _rule(rf"\b(?P<a>{_ISO}|{_EURO})\b", read.written_day),
    _rule(
        rf"\b{_FROM}(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m1>{MONTH})\s*{DASH_TO}\s*(?:the\s+)?"
        rf"(?P<b>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m2>{MONTH}){_Y}",
        read.day_month_to_day_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m1>{MONTH})\s*(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?P<m2>{MONTH})\s*"
        rf"(?P<b>{DAY_OF_MONTH})\b{_TH}{_Y}",
        read.day_month_to_day_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?:the\s+)?(?P<b>{DAY_OF_MONTH})\s*{_TH}\s*(?:of\s+)?"
        rf"(?P<m>{MONTH}){_Y}",
        read.days_of_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m>{MONTH})\s*(?P<a>{DAY_OF_MONTH})\s*{_TH}\s*{DASH_TO}\s*(?:the\s+)?(?P"
        rf"<b>{DAY_OF_MONTH})\b{_TH}{_Y}",
        read.days_of_month,
    ),
    _rule(
        rf"\b{_FROM}(?P<m1>{MONTH})\s*(?:-|to|through|until|pana in|pana la|la|and|si)\s*(?P<m2>{MONTH}){_Y}",
        read.month_to_month,
    ),
    _rule(
        rf"\b(?P<half>first half of|second half of|prima jumatate a lunii|prima jumatate din|a doua jumatate a lunii|"
        rf"a doua jumatate din)\s+(?P<m>{MONTH}){_Y}",
        read.part_of_month,
    ),
    _rule(
        rf"\b{_OPEN}\s+(?:the\s+|data de\s+)?(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m>{MONTH}){_Y}",
        read.since_day,
    ),
    _rule(rf"\b{_OPEN}\s+(?P<m>{MONTH})\s+(?:the\s+)?(?P<a>{DAY_OF_MONTH})\b{_TH}{_Y}", read.since_day),
    _rule(
        rf"\b(?:since|from) the (?P<a>{DAY_OF_MONTH})(?:st|nd|rd|th)\b(?!\s+(?:of|{MONTH}))|"
        rf"\b(?:de la|din|de pe)\s+(?:data de\s+)?(?:(?P<first>intai)|(?P<b>{DAY_OF_MONTH}))\s+"
        r"(?:incoace|pana azi|pana acum)",
        read.since_day_of_month,
    ),
    _rule(
        rf"\b(?:since|starting(?: from| in)?|incepand (?:cu|din))\s+(?P<a>)(?:luna\s+)?(?P<m>{MONTH}){_Y}",
        read.since_day,
    ),
    _rule(
        rf"\b(?:din|de la|from)\s+(?P<a>)(?P<m>{MONTH}){_Y}\s*(?:incoace|onwards?|until now|to "
        rf"now|pana acum|pana azi|pana astazi|to date)",
        read.since_day,
    ),
    _rule(
        rf"\b(?:the\s+)?(?:last|past|previous|trailing|recent|ultimele|ultimii|precedentele|"
        rf"trecutele)\s+(?P<n>{COUNT})\s*"
        rf"(?:full|complete|complet[ei]?|calendaristice|intregi)\s*(?P<u>{UNIT})",
        read.full_units,
    ),
    _rule(
        rf"\b(?:the\s+)?(?:last|past|previous|trailing|recent|most recent|ultimele|ultimii|"
        rf"precedentele|anterioarele|cele mai recente)"
        rf"(?:\s+(?:the|cele|of))?\s+(?P<n>{COUNT})[\s-]*(?:de\s+)?(?P<u>{UNIT})",
        read.last_units,
    ),
    _rule(
        rf"\b(?:in|over|for|pe|pentru|within)\s+(?:the\s+)?(?P<n>\d{{1,3}})\s*(?:de\s+)?(?P<u>{UNIT}"
        rf")(?!\s*(?:ago|before|dinainte|in urma))",
        read.last_units,
    ),
    _rule(rf"\b(?P<n>{COUNT})\s*(?:de\s+)?(?P<u>{UNIT})\s+(?:ago|in urma)\b", read.ago),
    _rule(rf"\bacum\s+(?P<n>{COUNT})\s*(?:de\s+)?(?P<u>{UNIT})", read.ago),
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
    _rule(r"\b(?:the\s+past month|ultimul an|the\s+past year|the last year)\b", read.past_one),
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
        read.quarter_named,
    ),
    _rule(
        rf"\b(?P<q>{one_of(ORDINALS)})\s+(?:quarter|trimestru)(?:\s*(?:of|din)?\s*(?P<y>{YEAR}))?", read.quarter_named
    ),
    _rule(rf"\btrimestrul al (?P<q>{one_of(ORDINALS)})(?:-lea)?(?:\s*(?:din)?\s*(?P<y>{YEAR}))?", read.quarter_named),
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
        read.weekend,
    ),
    _rule(rf"\b(?:since|de|incepand de)\s+(?P<d>{WEEKDAY}|luni\b)(?:\s+(?:incoace|trecuta))?", read.since_weekday),
    _rule(rf"\b(?:last|on|this past|pe)?\s*(?P<d>{WEEKDAY})(?:\s+(?:trecuta|trecut|asta))?", read.weekday),
    _rule(
        rf"\b(?:the\s+)?(?:week (?:of|starting|from)|saptamana (?:din|de pe|lui|care incepe (?:pe|la|cu|din)))"
        rf"\s+(?:the\s+)?(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m>{MONTH}){_Y}",
        lambda m, today: until(week(read.one_day(m, today).start), today),
    ),
    _rule(rf"\b(?P<a>{DAY_OF_MONTH})\s*{_TH}\s+(?:of\s+)?(?P<m>{MONTH}){_Y}", read.one_day),
    _rule(rf"\b(?:on\s+)?(?P<m>{MONTH})\s+(?:the\s+)?(?P<a>{DAY_OF_MONTH})\b{_TH}{_Y}", read.one_day),
    _rule(
        rf"\b(?:(?:in|for|pe|pentru|during|din|luna|of|vs\.?|versus|against|with|to|fata de|cu|"
        rf"than|decat|since|month of|al lunii|lunii|all of|toata "
        rf"luna)\s+)(?:luna\s+)?(?P<m>{MONTH}){_Y}",
        read.whole_month,
    ),
    _rule(rf"\b(?P<m>{MONTH})\s+(?P<y>{YEAR})", read.whole_month),
    _rule(
        rf"\b(?P<m>january|ianuarie|february|februarie|april|aprilie|june|iunie|july|iulie|"
        rf"august|september|septembrie|october|octombrie|november|noiembrie|december|decembrie|"
        rf"martie){_Y}\b",
        read.whole_month,
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
