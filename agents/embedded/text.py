"""Text as the planner reads it: lower case, no diacritics, plain dashes and quotes."""

from __future__ import annotations

import re
import unicodedata

_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " "})
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def fold(text: str) -> str:
    """Lower case without diacritics, same length for Latin text, so that spans still point into the original."""
    composed = unicodedata.normalize("NFC", text).translate(_DASHES).lower()
    return "".join(_bare(char) for char in composed)


def _bare(char: str) -> str:
    if char < "\x80":
        return char
    base = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    return base[0] if base else " "


def words(text: str) -> list[str]:
    return WORD.findall(fold(text))


def tidy(text: str) -> str:
    """Folded and with single spaces: what patterns and models are matched against."""
    return re.sub(r"\s+", " ", fold(text)).strip()


def stem(word: str) -> str:
    """A crude common stem for English and Romanian inflection: `campaigns`, `campaniile` and `campanii` meet."""
    word = word.removesuffix("'s")
    for suffix in ("ilor", "elor", "ului", "urile", "uri", "iile", "ile", "ele", "ing", "ies", "ii", "es", "ul", "le"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word.removesuffix(suffix)
    return word[:-1] if len(word) > 4 and word[-1] in "aeisu" else word


def names_in_quotes(text: str) -> list[str]:
    """What the person put in quotes, longest first."""
    found = re.findall(r"[\"“„«]([^\"“”„«»]{2,80})[\"”»]|(?<!\w)'([^']{2,80})'(?!\w)", text)
    return sorted((a or b for a, b in found), key=len, reverse=True)
