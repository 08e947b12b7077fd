"""Which of the two languages a message is in: py3langid restricted to English and Romanian, behind cheap rules.

A short message ("ok", "CPC?", an emoji) tells nothing, so it keeps the conversation's language.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

Language = Literal["en", "ro"]

ROMANIAN_LETTERS = re.compile(r"[ăâîșțşţ]", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
ROMANIAN = (
    "si sau este sunt care cum cat cate cati cata unde cand de la din pe cu ce pentru nu mai am avem are au fost fi "
    "ne imi iti vreau arata spune zile zilele ultimele ultima luna saptamana anul azi ieri bani banii cheltuit "
    "cheltuieli campanii campaniile reclame reclamele trafic traficul pagini paginile fata buna salut multumesc "
    "te rog acum despre vanzari comparativ conversii irosim mult cea cele cel si-a"
)
ENGLISH = (
    "the and or is are was were which how what where when why who of from on with for not more do does did have has "
    "we our us i me my show tell days last month week year today yesterday money spent spend campaigns ads traffic "
    "pages against hello hi thanks please now about sales compared conversions wasting much to in it this that"
)
ROMANIAN_WORDS = frozenset(ROMANIAN.split())
ENGLISH_WORDS = frozenset(ENGLISH.split())
ENOUGH_LETTERS = 12


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["en", "ro"])
    return identifier


def detect(text: str, fallback: str = "en") -> Language:
    """`en` or `ro`; the fallback when the text does not tell."""
    other: Language = "ro" if fallback == "ro" else "en"
    words = [word.lower() for word in WORD.findall(text)]
    if not words:
        return other
    if ROMANIAN_LETTERS.search(text):
        return "ro"
    romanian = sum(word in ROMANIAN_WORDS for word in words)
    english = sum(word in ENGLISH_WORDS for word in words)
    if romanian != english:
        return "ro" if romanian > english else "en"
    if sum(map(len, words)) < ENOUGH_LETTERS:
        return other
    return "ro" if _identifier().classify(text)[0] == "ro" else "en"
