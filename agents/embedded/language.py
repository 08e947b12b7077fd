"""English or Romanian: diacritics and small words decide, py3langid where they do not, the conversation when all is silent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

from agents.embedded.request import Request
from agents.embedded.text import words

Language = Literal["en", "ro"]

_RO = frozenset(
    "si sau cu ce cum cat cate cati cata care pe din ai avem aveti sunt esti este fa arata arati vreau te rog salut buna un "
    "pentru luna saptamana ieri azi ultimele zile zi nu cine unde cand daca despre mai acum spune scrie cheltuit costul "
    "de ale al ale lui noastre nostru mea meu mele banii bani reclame reclamele campanie campanii campania campaniile fata "
    "trecuta trecut asta aceasta trafic traficul pagini pagina paginile cuvinte cheie vanzari venituri clienti iti imi mi ne "
    "la o dar sa fi fost ati am pot poti putem poate trebuie merge mers merg multumesc mersi ajuta ajutor cel cea cele".split()
)
_EN = frozenset(
    "the and what how which who where when why is are was were did do does our we us my me you your show give tell of for "
    "in on to with last this that these from month week days yesterday today spend spent money please can could would should "
    "hi hello hey thanks thank compare against before best worst top it its than have has had campaign campaigns an by".split()
)
_SHARED = frozenset("in pe la o a an de am care are us sa do me".split())


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
    romanian = sum(1.0 for w in tokens if w in _RO and w not in _SHARED) + sum(0.4 for w in tokens if w in _RO & _SHARED)
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
