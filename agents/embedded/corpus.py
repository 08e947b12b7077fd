"""The training phrases: hand-written lines with alternatives and slots, expanded the same way every time.

`(a|b)` chooses, `{slot}` is filled from data/slots.json, `# label` starts an intent. Each line gives a handful of
phrases; some then lose their diacritics, their punctuation or a letter, and some gain a polite beginning, because that
is how people type. The choices come from a hash of the line, so the corpus is the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.embedded.lexicon import DATA
from agents.embedded.text import fold

PER_LINE = 7
LANGUAGES = ("en", "ro")
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    language: str
    label: str


def phrases() -> list[Phrase]:
    """Every training phrase, without repetitions, in a fixed order."""
    seen: dict[Phrase, None] = {}
    for language in LANGUAGES:
        slots = json.loads((DATA / "slots.json").read_text("utf-8"))[language]
        for label, line in lines(language):
            for text in expand(line, slots):
                seen[Phrase(text, language, label)] = None
    return list(seen)


def lines(language: str) -> Iterator[tuple[str, str]]:
    label = ""
    for line in (DATA / f"phrases.{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            label = line[2:].strip()
        elif line.strip():
            yield label, line.strip()


def expand(line: str, slots: dict[str, list[str]]) -> Iterator[str]:
    """Up to PER_LINE phrases of one line."""
    rng = random.Random(int.from_bytes(hashlib.sha256(line.encode()).digest()[:8], "big"))  # noqa: S311
    found: dict[str, None] = {}
    variety = 1 if not re.search(r"[({]", line) else PER_LINE
    for _ in range(variety * 3):
        if len(found) >= variety:
            break
        found[_one(line, slots, rng)] = None
    for text in found:
        yield text
    for text in list(found)[:2]:
        yield _as_typed(text, slots, rng)


def _one(line: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    while _CHOICE.search(line):
        line = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), line, count=1)
    line = _SLOT.sub(lambda m: rng.choice(slots[m[1]]), line)
    return re.sub(r"\s+", " ", line).strip()


def _as_typed(text: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """The phrase as somebody in a hurry types it."""
    kind = rng.randrange(4)
    if kind == 0:
        return fold(text)
    if kind == 1:
        return fold(_slip(text, rng))
    if kind == 2:
        return rng.choice(slots["please"]) + text
    return f"{text[:1].upper()}{text[1:]}?"


def _slip(text: str, rng: random.Random) -> str:
    """One letter lost, doubled or swapped with its neighbour inside a longer word."""
    long_words = list(re.finditer(r"[^\W\d_]{5,}", text))
    if not long_words:
        return text
    word = rng.choice(long_words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    how = rng.randrange(3)
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def digest() -> str:
    """Names the corpus, so that weights trained on another one are noticed."""
    joined = "\n".join(f"{p.language}\t{p.label}\t{p.text}" for p in phrases())
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
