"""Choosing among the values a schema allows, in either language."""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz

from agents.embedded.lexicon import concepts_in, in_order
from agents.embedded.schema import Param, spaced
from agents.embedded.text import stem, tidy, words

_SYNONYMS = {
    "asc": "ascending lowest smallest worst crescator cele mai mici cele mai slabe",
    "desc": "descending highest largest best top descrescator cele mai mari cele mai bune",
    "day": "daily per day by day day by day zilnic pe zile pe zi zi de zi",
    "date": "daily per day by day day by day zilnic pe zile pe zi zi de zi",
    "week": "weekly per week by week saptamanal pe saptamani",
    "month": "monthly per month by month lunar pe luni",
    "hour": "hourly by hour per hour pe ore orar",
    "enabled": "active running enabled active activ active",
    "paused": "paused pe pauza oprite",
    "high": "urgent important critical prioritar inalta mare",
    "low": "minor mica scazuta",
    "new_or_returning": "new vs returning new and returning returning noi si recurenti noi versus recurenti",
    "source_medium": "source medium sources sursa mediu surse utm",
    "operating_system": "operating system android ios windows sistem de operare",
    "age": "age ages how old varsta varste",
    "gender": "gender sex men women barbati femei gen",
    "browser": "browser browsers chrome safari",
    "ro": "romanian romana",
    "en": "english engleza",
    "eur": "euro euros",
    "usd": "dollars dolari",
    "ron": "lei",
    "open": "deschise deschis neplatite",
    "unpaid": "neplatite neplatit restante overdue",
    "paid": "platite platit achitate",
}


def matches(param: Param, text: str) -> list[Any]:
    """The allowed values a text names, in the order it names them."""
    found = [(at, value) for value in param.choices if (at := _place(str(value), text)) is not None]
    return [value for _, value in sorted(found, key=lambda pair: pair[0])]


def _place(value: str, text: str) -> int | None:
    """Where a text names a value: by itself, by a synonym, by the concept it stands for, or nearly spelled so."""
    folded, plain = tidy(text), tidy(spaced(value))
    if not plain or plain in ("none", "all", "auto", "default"):
        return None
    if match := re.search(rf"\b{re.escape(plain)}(?:s|es)?\b", folded):
        return match.start()
    for term in _SYNONYMS.get(value.lower(), "").split():
        if len(term) > 3 and (match := re.search(rf"\b{re.escape(term)}\b", folded)):
            return match.start()
    return _by_concept(plain, text, folded)


def _by_concept(plain: str, text: str, folded: str) -> int | None:
    named = concepts_in(plain)
    said = in_order(text)
    hit = [c for c in said if c in named or c == plain.replace(" ", "_")]
    if named and len(hit) == len(named):
        return said.index(hit[0])
    if len(plain) > 5 and " " in plain and fuzz.partial_ratio(plain, folded) >= 88:
        return folded.find(plain.split()[0])
    stems = {stem(w) for w in words(plain)}
    if len(plain) > 4 and stems and stems <= {stem(w) for w in words(text)}:
        return folded.find(plain[:4])
    return None


def pick(param: Param, text: str) -> Any:
    """One allowed value, or None when the text names none."""
    found = matches(param, text)
    return found[0] if found else None
