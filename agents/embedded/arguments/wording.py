"""Pieces of a question with a shape of their own: a word that rows must contain, an event's name, a patterned code."""

from __future__ import annotations

import re

from agents.embedded.text import fold

_CONTAINED = re.compile(
    r"(?:\bcontain(?:s|ing)?|\binclud(?:e|es|ing)|\b(?:with|cu)(?=\s[\"'“„«])|\bcontin(?:e|and)?|\binclud|\bcare au)\s+"
    r"(?:the )?(?:word |words |term |text |cuvantul |cuvintele |termenul |textul )?[\"'“„«]?([^\s,.;?!\"'“”„«»]+)"
    r"|\b(?:with|cu) (?:the word|cuvantul|textul)\s+[\"'“„«]?([^\s,.;?!\"'“”„«»]+)"
)
_SHARE = re.compile(
    r"\b(?:share|percent\w*|proportion|(?:what|which) part of|how much of|pondere\w*|procent\w*|la suta|cota|"
    r"parte din|cat din)\b"
)
_EVENT = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_EVENT_NAMED = re.compile(
    r"\b(purchase|login|scroll|click|search|share|sign_up|refund)\s+events?\b|"
    r"\b(?:evenimente(?:le)?|evenimentul(?:ui)?|events?)\s+(?:de\s+)?(purchase|login|scroll|click|search|share|refund)\b"
)


def contained(text: str) -> str | None:
    """The word that rows must contain, as it was typed."""
    found = _CONTAINED.search(fold(text))
    if not found:
        return None
    group = 1 if found[1] else 2
    return text[found.start(group) : found.end(group)]


def event(text: str) -> str | None:
    """An event by its technical name; several of them name none."""
    named = list(dict.fromkeys(_EVENT.findall(text)))
    if named:
        return named[0] if len(named) == 1 else None
    found = _EVENT_NAMED.search(fold(text))
    return (found[1] or found[2]) if found else None


def shaped(pattern: str, text: str) -> str | None:
    """The word of a text that has the shape a schema asks for."""
    try:
        shape = re.compile(pattern)
    except re.error:
        return None
    tokens = [t.strip(".,;:?!\"'“”„()") for t in text[:2000].split()]
    return next((t for t in tokens if 2 < len(t) <= 64 and re.search(r"\d", t) and shape.fullmatch(t)), None)


def asks_share(text: str) -> bool:
    """Whether a question is about a part of a whole."""
    return bool(_SHARE.search(fold(text)))
