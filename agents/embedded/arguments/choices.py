"""Choosing among the values a schema allows, in either language."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from agents.embedded.lexicon import DATA, concepts_in, in_order, word_set
from agents.embedded.schema import Param, spaced
from agents.embedded.text import stem, tidy, words

# values that are also the smallest words of a language ("de" is German, and Romanian for "of") are meant by a synonym
_FUNCTION_WORDS = word_set("function_words")


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    """What else people call values that schemas allow. Words of up to three letters count only when marked `!`."""
    found: dict[str, str] = json.loads((DATA / "choices.json").read_text("utf-8"))
    return found


def matches(param: Param, text: str) -> list[Any]:
    """The allowed values a text names, in the order it names them: by their own words, else by what they mean."""
    named = _named(tuple(map(str, param.choices)), text)
    return [value for shown in named for value in param.choices if str(value) == shown]


@lru_cache(maxsize=2048)
def _named(choices: tuple[str, ...], text: str) -> tuple[str, ...]:
    folded = tidy(text)
    literal = [(at, value) for value in choices if (at := _said(value, folded)) is not None]
    meant = ((_meant(value, choices, text, folded), value) for value in (() if literal else choices))
    found = literal or [(at, value) for at, value in meant if at is not None]
    return tuple(value for _, value in sorted(found))


def _said(value: str, folded: str) -> int | None:
    """Where a text says a value itself or a synonym of it."""
    plain = tidy(spaced(value))
    if not plain or plain in ("none", "all", "auto", "default"):
        return None
    literal = re.search(rf"\b{re.escape(plain)}(?:s|es)?\b", folded) if plain not in _FUNCTION_WORDS else None
    if literal:
        return literal.start()
    for term in _synonyms().get(value.lower(), "").split():
        if (len(term) > 3 or term[-1] == "!") and (match := re.search(rf"\b{re.escape(term.rstrip('!'))}\b", folded)):
            return match.start()
    return None


def _meant(value: str, choices: tuple[str, ...], text: str, folded: str) -> int | None:
    """Where a text names the concept that this value alone stands for, or nearly spells the value."""
    plain = tidy(spaced(value))
    own = concepts_in(plain) - _shared_by_others(value, choices)
    hits = [at for at, concept in enumerate(in_order(text)) if concept in own or concept == plain.replace(" ", "_")]
    if hits:
        return hits[0]
    if len(plain) > 5 and " " in plain and fuzz.partial_ratio(plain, folded) >= 88:
        return max(folded.find(plain.split()[0]), 0)
    stems = {stem(w) for w in words(plain)}
    said = {stem(w) for w in words(folded)}
    return 0 if len(plain) > 4 and stems and stems <= said else None


def _shared_by_others(value: str, choices: tuple[str, ...]) -> frozenset[str]:
    """Concepts that do not tell this value from the others: `mobile` and `desktop` are both devices."""
    return frozenset().union(*(concepts_in(tidy(spaced(other))) for other in choices if other != value))


def pick(param: Param, text: str) -> Any:
    """One allowed value, or None when the text names none."""
    found = matches(param, text)
    return found[0] if found else None
