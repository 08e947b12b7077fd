"""Figures as a page shows them: in the reader's language and the account's currency, never rounded away from the data.

The numbers are those of the report; only the writing is decided here. What is missing is a dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_percent

from tools.blocks import Cell, Column, Kind
from tools.labels import label as romanian
from tools.metrics import LOWER_IS_BETTER
from tools.result import Period
from web import i18n
from web.chat import numbers
from web.chat.visit import Language

NUMERIC: frozenset[Kind] = frozenset({"integer", "number", "percent", "money", "seconds"})
ENUMS = frozenset({"status", "type", "match_type", "device", "resource", "operation"})  # columns of Google's own names
ENUM = re.compile(r"[A-Z][A-Z0-9_]{2,}")
WRITTEN = 8192  # figures kept as text: locale rules take 50 µs each, and a tab that is sorted or reread repeats them
HOUR = 3600
COMPACT_FROM = 10_000  # above it an axis says 15K

Tone = Literal["good", "bad", "even"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change against the compared period: `arrow` and `tone` are for the eye, `said` for everyone."""

    text: str
    arrow: str
    tone: Tone
    said: str


@dataclass(frozen=True, slots=True)
class Figures:
    language: Language
    currency: str | None = None

    @classmethod
    def of(cls, language: str, currency: str | None) -> Figures:
        return cls("ro" if language == "ro" else "en", currency)

    def say(self, key: str, **values: object) -> str:
        return i18n.translate(self.language, key, **values)

    def label(self, english: str) -> str:
        return romanian(english) if self.language == "ro" else english

    def cell(self, value: Cell, column: Column) -> str:
        """A cell of a table. Google's own names of states and types are shown as words."""
        if isinstance(value, str) and column.kind == "text":
            return self._word(value) if column.name in ENUMS else value
        return self.text(value, column.kind)

    def text(self, value: Cell, kind: Kind) -> str:
        return _written(value, kind, self.language, self.currency)

    def tick(self, value: float, kind: Kind) -> str:
        """A short form for an axis: no currency, no more digits than the step needs."""
        if kind == "percent":
            return str(format_percent(value, format="#,##0.#%", locale=i18n.LOCALES[self.language]))
        if kind == "seconds":
            return self.text(value, kind)
        if abs(value) >= COMPACT_FROM:
            return str(format_compact_decimal(value, locale=i18n.LOCALES[self.language], fraction_digits=1))
        return numbers.cell(value, "number", self.language)

    def change(self, share: Cell, name: str) -> Change | None:
        """The change of a metric; None when there is nothing to compare with."""
        if not isinstance(share, (int, float)):
            return None
        text, sign = _moved(float(share), self.language)
        if sign == 0:
            return Change(text, "=", "even", self.say("tabs.change.even"))
        good = (sign > 0) != (name in LOWER_IS_BETTER)
        word = self.say("tabs.change.up" if sign > 0 else "tabs.change.down", text=text)
        verdict = self.say("tabs.change.good" if good else "tabs.change.bad")
        return Change(text, "▲" if sign > 0 else "▼", "good" if good else "bad", f"{word}, {verdict}")

    def day(self, value: date, *, short: bool = False) -> str:
        if short:
            return str(format_date(value, format="d MMM", locale=i18n.LOCALES[self.language]))
        return numbers.day(value, self.language)

    def period(self, period: Period) -> str:
        """`23 Oct – 19 Nov 2026`, or one day."""
        if period.start == period.end:
            return self.day(period.end)
        start, end = numbers.days(period.start, period.end, self.language)
        return f"{start} – {end}"

    def moment(self, at: datetime, timezone: str | None) -> str:
        return numbers.moment(at, timezone or "UTC", self.language)

    def _word(self, value: str) -> str:
        key = f"value.{value}"
        if i18n.has(self.language, key):
            return i18n.translate(self.language, key)
        return value.replace("_", " ").capitalize() if ENUM.fullmatch(value) and "_" in value else value


@lru_cache(maxsize=WRITTEN)
def _written(value: Cell, kind: Kind, language: Language, currency: str | None) -> str:
    if kind == "seconds" and isinstance(value, (int, float)) and value >= HOUR:
        hours, minutes = divmod(round(value / 60), 60)
        return f"{numbers.cell(hours, 'integer', language)}\xa0h {minutes:02d}\xa0min"
    return numbers.cell(value, kind, language, currency)


@lru_cache(maxsize=WRITTEN)
def _moved(share: float, language: Language) -> tuple[str, int]:
    moved = numbers.moved_by(share, language)
    assert moved is not None
    return moved
