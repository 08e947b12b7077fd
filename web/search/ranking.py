"""The one ranking, for the public search and for the scoped one: same entries and same query, same order.

Every word of the query has to be found; the score is the mean of what its words earn, from 0 to 100.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from web.search.entry import Entry, Label, words

WHOLE_TITLE, TITLE_START = 100, 90
WORD, WORD_START, OTHER, OTHER_START, SUBTITLE, SUBTITLE_START = 80, 70, 60, 50, 40, 30
TYPO = 20
SHORTEST_TYPO = 4  # letters; shorter words resemble too much
LIKENESS = 80.0


@dataclass(frozen=True, slots=True)
class Hit:
    entry: Entry
    label: Label
    score: int


def rank(entries: Iterable[Entry], query: str, limit: int) -> list[Hit]:
    """The best entries first; equals stand by weight, then by title and address, so that the order never varies."""
    asked = words(query)
    if not asked:
        return []
    found = [hit for entry in entries if (hit := _best(entry, asked)) is not None]
    found.sort(key=lambda hit: (-hit.score, -hit.entry.weight, hit.label.folded, hit.entry.url))
    return found[:limit]


def _best(entry: Entry, asked: tuple[str, ...]) -> Hit | None:
    """The entry under the language that fits the query best; English when both do."""
    hits = [Hit(entry, label, score) for label in entry.labels if (score := _score(entry, label, asked))]
    return max(hits, key=lambda hit: hit.score, default=None)


def _score(entry: Entry, label: Label, asked: tuple[str, ...]) -> int:
    query = " ".join(asked)
    if query == label.folded:
        return WHOLE_TITLE
    if label.folded.startswith(query):
        return TITLE_START
    earned = [_word(entry, label, word) for word in asked]
    return sum(earned) // len(earned) if all(earned) else 0


def _word(entry: Entry, label: Label, word: str) -> int:
    places = (
        (label.title_words, WORD, WORD_START),
        (entry.other_words, OTHER, OTHER_START),
        (label.subtitle_words, SUBTITLE, SUBTITLE_START),
    )
    best = 0
    for known, whole, start in places:
        if word in known:
            best = max(best, whole)
        elif any(each.startswith(word) for each in known):
            best = max(best, start)
    return best or _typo((*label.title_words, *entry.other_words), word)


def _typo(known: tuple[str, ...], word: str) -> int:
    if len(word) < SHORTEST_TYPO:
        return 0
    return TYPO if any(fuzz.ratio(word, each) >= LIKENESS for each in known if len(each) >= SHORTEST_TYPO) else 0
