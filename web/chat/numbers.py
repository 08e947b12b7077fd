"""Numbers, money, dates and periods as people read them, in the page's language, by Unicode's locale data."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from tools.blocks import Cell, Kind
from web.chat.visit import Language

LOCALES = {"en": "en_GB", "ro": "ro_RO"}
NOTHING = "–"
UNSIGNED = re.compile(r"^(-?[A-Z]{3})(?=\d)")  # a currency without a sign of its own stands apart from its number


def cell(value: Cell, kind: Kind, language: Language, currency: str | None = None) -> str:
    """One cell; text stays as it is, and what cannot be read as its kind is shown as it came."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return _text(value, kind, language)
    locale = LOCALES[language]
    if kind == "money":
        return _money(value, currency, locale)
    if kind == "percent":
        return str(format_percent(value, format="#,##0.0%" if language == "en" else "#,##0.0 %", locale=locale))
    if kind == "seconds":
        return _seconds(value)
    if kind == "integer" or float(value).is_integer():
        return str(format_decimal(round(value), locale=locale))
    return str(format_decimal(value, format="#,##0.##", locale=locale))


def _text(value: str, kind: Kind, language: Language) -> str:
    if kind != "date":
        return value
    try:
        return day(date.fromisoformat(value), language)
    except ValueError:
        return value


def _money(value: float, currency: str | None, locale: str) -> str:
    if currency is None:
        return str(format_decimal(value, format="#,##0.00", locale=locale))
    try:
        return UNSIGNED.sub("\\1\xa0", str(format_currency(value, currency, locale=locale)))
    except UnknownLocaleError:
        return f"{value:,.2f} {currency}"


def _seconds(value: float) -> str:
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}:{seconds:02d}" if minutes else f"{seconds} s"


def day(value: date, language: Language) -> str:
    return str(format_date(value, format="d MMM y", locale=LOCALES[language]))


def days(start: date, end: date, language: Language) -> tuple[str, str]:
    """Both ends of a period; the first one drops the year it shares with the last."""
    pattern = "d MMM" if start.year == end.year else "d MMM y"
    return str(format_date(start, format=pattern, locale=LOCALES[language])), day(end, language)


def moment(value: datetime, timezone: str, language: Language) -> str:
    local = value.astimezone(ZoneInfo(timezone))
    return str(format_datetime(local, format="d MMM, HH:mm", locale=LOCALES[language]))


def change(now: Cell, before: Cell, language: Language) -> tuple[str, int] | None:
    """The relative change as text and its sign; None when it cannot be said."""
    if not isinstance(now, (int, float)) or not isinstance(before, (int, float)) or not before:
        return None
    return moved_by((now - before) / abs(before), language)


def moved_by(share: float | None, language: Language) -> tuple[str, int] | None:
    """A relative change as text without its sign, and the sign; 0 when the text would be 0."""
    if share is None:
        return None
    return cell(abs(share), "percent", language), (share > 0.0005) - (share < -0.0005)
