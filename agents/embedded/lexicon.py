"""Marketing words of both languages mapped to concepts, so that a Romanian question meets an English schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.embedded.text import tidy

DATA = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def concepts() -> dict[str, re.Pattern[str]]:
    """One pattern a concept. In the data `*` ends a prefix and `-` stands for any space, dash or underscore."""
    raw = json.loads((DATA / "concepts.json").read_text("utf-8"))
    return {name: re.compile(r"\b(?:" + "|".join(map(_pattern, terms.split())) + ")") for name, terms in raw.items()}


def _pattern(term: str) -> str:
    body = r"[\s_-]?".join(map(re.escape, term.removesuffix("*").split("-")))
    return body + (r"\w*" if term.endswith("*") else r"\b")


@lru_cache(maxsize=4096)
def concepts_in(text: str) -> frozenset[str]:
    """Every concept a text names."""
    folded = tidy(text).replace("_", " ")
    found = {name for name, pattern in concepts().items() if pattern.search(folded)}
    return frozenset(found - _implied(found, folded))


def _implied(found: set[str], folded: str) -> set[str]:
    """Concepts that are only part of the name of another: the cost in "cost per click"."""
    ratio = found & {"cpa", "cpc"} and not re.search(r"\b(?:cost|spend|spent|cheltui\w*)\b(?! p)", folded)
    key_events = re.search(r"\b(?:key events?|evenimente(?:le)? cheie|eveniment cheie)\b", folded)
    own_events = key_events and len(re.findall(r"\bevent\w*|\beveniment\w*", folded)) == 1
    return ({"cost"} if ratio else set()) | ({"events"} if own_events else set())


@lru_cache(maxsize=1024)
def in_order(text: str) -> tuple[str, ...]:
    """Concepts in the order they are said, longer names before shorter ones at the same place."""
    folded = tidy(text).replace("_", " ")
    hits = [(m.start(), -len(m.group()), name) for name, p in concepts().items() if (m := p.search(folded))]
    implied = _implied({name for _, _, name in hits}, folded)
    return tuple(name for _, _, name in sorted(hits) if name not in implied)


def shared(text: str, others: Iterable[str]) -> frozenset[str]:
    return concepts_in(text) & frozenset(others)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "words.json").read_text("utf-8"))
    return found


def word_set(name: str) -> frozenset[str]:
    """A list of words kept in data/words.json."""
    return frozenset(_words()[name].split())


def word_table(name: str) -> dict[str, str]:
    """Names with the patterns they are said with, kept in data/words.json."""
    return dict(_words()[name])
