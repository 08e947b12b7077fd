"""Numbers and dates as each language writes them. A figure is a result's number, rounded as shown, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from agents.embedded.answers.view import is_number

LOCALES = {"en": "en_GB", "ro": "ro_RO"}
DASH = "–"


@dataclass(frozen=True, slots=True)
class Figures:
    language: str
    currency: str = ""

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    def show(self, value: Any, kind: str = "number") -> str:
        """One cell; what is not a number is shown as it stands."""
        if not is_number(value):
            return DASH if value in (None, "") else self.day(value) if kind == "date" else str(value)
        try:
            amount = float(value)
            text = self._number(amount, kind, value) if isfinite(amount) else DASH
        except (ArithmeticError, ValueError):
            return str(value)  # beyond what can be written out
        return (
            text.replace("\u202f", "\u00a0").replace("-", "−")
            if text.startswith("-")
            else text.replace("\u202f", "\u00a0")
        )

    def _number(self, amount: float, kind: str, value: int | float) -> str:
        if kind == "money":
            return self._money(amount)
        if kind == "percent":
            digits = "#,##0.0%" if abs(amount) >= 0.001 or amount == 0 else "#,##0.00%"
            return str(format_percent(amount, format=digits, locale=self.locale)).replace("\u00a0", "")
        if kind == "seconds":
            return f"{format_decimal(amount, format='#,##0', locale=self.locale)}\u00a0s"
        if kind != "ratio" and (isinstance(value, int) or kind == "integer" or float(amount).is_integer()):
            return str(format_decimal(amount, format="#,##0.##", locale=self.locale))
        if kind == "ratio":
            return str(format_decimal(amount, format="#,##0.00", locale=self.locale))
        return str(
            format_decimal(amount, format="#,##0.##" if abs(amount) >= 0.01 else "#,##0.##########", locale=self.locale)
        )

    def _money(self, amount: float) -> str:
        if len(self.currency) != 3:
            return str(format_decimal(amount, format="#,##0.00", locale=self.locale))
        try:
            text = str(format_currency(amount, self.currency, locale=self.locale))
        except (ValueError, LookupError):
            text = self.currency
        if self.currency not in text:
            return text
        return f"{format_decimal(amount, format='#,##0.00', locale=self.locale)}\u00a0{self.currency}"

    def restyle(self, text: str) -> str:
        """A tool's sentence written as the rest of the answer is: its amounts, days and quotation marks."""
        told = re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda m: self.day(m[0]), text)
        told = re.sub(r"\(-(?=\d)", "(−", told)
        if self.language == "ro":
            return re.sub(r"“([^“”]*)”", r"„\1”", told)
        sample = self._money(0.0).replace("0.00", "").strip()
        if len(self.currency) != 3 or not sample or sample == self.currency:
            return told
        return re.sub(rf"(\d[\d,]*\.\d\d) {self.currency}\b", rf"{sample}\1", told)

    def change(self, fraction: Any) -> str:
        """A relative change with its sign: `+12.3%`, `−5,0%`; empty when there is none to tell."""
        if not is_number(fraction):
            return ""
        text = str(format_percent(abs(float(fraction)), format="#,##0.0%", locale=self.locale)).replace("\u00a0", "")
        return f"{'−' if fraction < 0 else '+'}{text}"

    def size(self, fraction: float) -> str:
        return self.change(abs(fraction)).lstrip("+")

    def day(self, value: Any) -> str:
        try:
            found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
        except ValueError:
            return str(value)
        return str(format_date(found, "d MMM y", locale=self.locale))

    def period(self, span: tuple[date, date]) -> str:
        start, end = span
        if start == end:
            return self.day(start)
        pattern = (
            "d"
            if (start.year, start.month) == (end.year, end.month)
            else "d MMM"
            if start.year == end.year
            else "d MMM y"
        )
        return f"{format_date(start, pattern, locale=self.locale)} {DASH} {self.day(end)}"

    def moment(self, text: str) -> str:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return text
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return f"{format_datetime(found.astimezone(UTC), 'd MMM y, HH:mm', locale=self.locale)} UTC"


def of_counted(count: Any) -> str:
    """Romanian puts `de` between a number of twenty or more and its noun."""
    if not is_number(count) or not float(count).is_integer():
        return " "
    last = int(abs(count)) % 100
    return " de " if count and (last == 0 or last >= 20) else " "
