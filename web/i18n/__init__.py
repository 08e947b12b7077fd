"""The words of the pages in English and Romanian, and which of the two a reader gets."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal

LANGUAGES = {"en": "English", "ro": "Română"}
DEFAULT = "en"
LOCALES = {"en": "en_GB", "ro": "ro_RO"}


@cache
def catalog(language: str) -> dict[str, str]:
    """All words of a language; a key stands in one file of its folder only."""
    words: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.json")):
        more: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        if twice := words.keys() & more.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(twice))}")
        words |= more
    return words


def has(language: str, key: str) -> bool:
    return key in catalog(language)


def translate(language: str, key: str, **values: Any) -> str:
    """The words for a key with values put in. A key that is nowhere is a defect and raises KeyError."""
    words = catalog(language)[key]
    return words.format(**values) if values else words


def preferred(accept_language: str) -> str:
    """The language of an Accept-Language header that we speak and the reader likes best (RFC 9110, section 12.5.4)."""
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        tag, _, parameters = part.strip().partition(";")
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            liked.append((-_weight(parameters), place, language))
    return min(liked)[2] if liked else DEFAULT


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def number(language: str, value: int | Decimal) -> str:
    return format_decimal(value, locale=LOCALES[language])


def money(language: str, cents: int, currency: str) -> str:
    pattern = None if cents % 100 else "¤#,##0" if language == "en" else "#,##0 ¤"
    return format_currency(
        Decimal(cents) / 100, currency, format=pattern, locale=LOCALES[language], currency_digits=cents % 100 != 0
    )


def moment(language: str, at: datetime) -> str:
    """A time to the minute, as it stands (UTC throughout the product)."""
    return format_datetime(at, "d MMM y, HH:mm", locale=LOCALES[language])
