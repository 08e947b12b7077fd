"""Which of the two languages a text is in: small words decide, py3langid restricted to English and Romanian where they
do not.

A short message ("ok", "CPC?", an emoji) tells nothing, so it keeps the language of its conversation. What stands in
quotes and capitalised names tell little: an English question may well be about the campaign "Căutare – Cozonaci".
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, Literal

Language = Literal["en", "ro"]

ROMANIAN_LETTERS = re.compile(r"[ăâîșțşţ]", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
QUOTED = re.compile(r"[\"“„«][^\"“”„«»]*[\"”»]")
_RO = (
    "aceasta aceste acum ai ajuta ajutor al ale am anul arata arati asta ati avem aveti azi bani banii buna bune "
    "campania campanie campanii campaniile cand care cat cata cate cati ce cea cei cel cele cheie cheltuieli "
    "cheltuit cine clienti comparativ conversii costul cu cum cuvinte daca dar de decat despre din dintre este "
    "esti fa fara fata fi fost ieri imi intre irosim iti la lui luna mai mea mele merg merge mers mersi meu mi "
    "mult multumesc ne noastre nostru nu o pagina pagini paginile pe pentru poate pot poti prin putem reclame "
    "reclamele rog sa salut saptamana sau scrie si sunt spune te trafic traficul trebuie trecut trecuta ultima "
    "ultimele un unde vanzari venituri vreau zi zile zilele"
)
_EN = (
    "about against an and are ask before best between by campaign campaigns can compare compared conversions "
    "could days did do does for from give had has have hello hey hi how i in is it its last me money month more "
    "much my not now of on or our pages please sales should show spend spent tell than thank thanks that the "
    "these this to today top traffic us was wasting we week were what when where which who why with worst would "
    "year yesterday you your"
)
_BOTH = "a am an am are care de do i in la me o or pe sa us"
ROMANIAN, ENGLISH, SHARED = (frozenset(words.split()) for words in (_RO, _EN, _BOTH))
LETTERS_TO_GUESS = 12


def detect(text: str, fallback: str = "en") -> Language:
    """`en` or `ro`; the fallback when the text does not tell."""
    return language_of(text) or ("ro" if fallback == "ro" else "en")


@lru_cache(maxsize=2048)
def language_of(text: str) -> Language | None:
    """The language a text shows, or None."""
    said = WORD.findall(unicodedata.normalize("NFC", QUOTED.sub(" ", text[:4000])))
    if not said:
        return None
    romanian = sum(_romanian(word) for word in said)
    english = sum(_weight(word.lower(), ENGLISH) for word in said)
    if abs(romanian - english) > 0.5:
        return "ro" if romanian > english else "en"
    if sum(map(len, said)) < LETTERS_TO_GUESS:
        return None
    return "ro" if _identifier().classify(text)[0] == "ro" else "en"


def _romanian(word: str) -> float:
    if ROMANIAN_LETTERS.search(word):
        return 0.6 if word[0].isupper() else 1.0
    return _weight(word.lower(), ROMANIAN)


def _weight(word: str, words: frozenset[str]) -> float:
    if word not in words:
        return 0.0
    return 0.4 if word in SHARED else 1.0


@cache
def _identifier() -> Any:
    """py3langid's model takes most of a second and tens of megabytes: one for the process, when first needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["en", "ro"])
    return identifier
