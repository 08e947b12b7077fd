"""English or Romanian: diacritics and small words decide, py3langid where they do not, else the conversation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

from agents.embedded.lexicon import word_set
from agents.embedded.request import Request
from agents.embedded.text import words

Language = Literal["en", "ro"]

_RO = word_set("romanian")
_EN = word_set("english")
_SHARED = word_set("shared")


def detect(request: Request) -> Language:
    """The language of the question; for one that has none (an id, emoji, a number) that of the conversation."""
    for text in (request.question, *reversed(request.earlier[-3:])):
        if found := language_of(text):
            return found
    return "ro" if request.facts.language == "ro" else "en"


@lru_cache(maxsize=2048)
def language_of(text: str) -> Language | None:
    if re.search(r"[ăîșțşţ]|\b\w*â\w*\b", text.lower()):
        return "ro"
    tokens = [w for w in words(text[:2000]) if not w.isdigit()]
    if not tokens:
        return None
    romanian = sum(1.0 for w in tokens if w in _RO and w not in _SHARED) + sum(
        0.4 for w in tokens if w in _RO & _SHARED
    )
    english = sum(1.0 for w in tokens if w in _EN and w not in _SHARED) + sum(0.4 for w in tokens if w in _EN & _SHARED)
    if abs(romanian - english) > 0.5:
        return "ro" if romanian > english else "en"
    return _guess(text) if len(" ".join(tokens)) >= 8 else None


def _guess(text: str) -> Language:
    return "ro" if _identifier().classify(text)[0] == "ro" else "en"


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """py3langid's model takes most of a second and tens of megabytes, so it is loaded when first needed."""
    import py3langid

    py3langid.set_languages(["en", "ro"])
    return py3langid
