"""Single numbers and yes-or-no arguments: whether a question speaks of one, and what it says."""

from __future__ import annotations

import re
from typing import Any

from agents.embedded.arguments import numbers
from agents.embedded.dates import DateAnswer
from agents.embedded.lexicon import concepts_in
from agents.embedded.schema import Param, spaced
from agents.embedded.text import fold, stem, tidy, words


def number(param: Param, text: str, dates: DateAnswer) -> Any:
    if numbers.is_limit(param):
        value = numbers.limit(text)
        return None if value is None else numbers.fit(param, value)
    if not (param.required or _speaks_of(param, text)):
        return None
    clean = _without(text, dates.said)
    found = numbers.amount(clean)
    return None if found is None else numbers.fit(param, found)


def _without(text: str, said: str) -> str:
    return re.sub(re.escape(said), " ", fold(text)) if said else text


_BOUNDS = (
    (r"below|under|max|less|fewer|upper", r"under|below|less than|fewer than|at most|sub|mai putin de|cel mult|maxim"),
    (r"above|over|min|more|least|threshold|lower", r"over|above|more than|at least|peste|mai mult de|cel putin|minim"),
)


def _speaks_of(param: Param, text: str) -> bool:
    """Whether a question says a number for this argument: by its name, its concept, or as a bound."""
    name, folded = spaced(param.name), tidy(text)
    if any(re.search(own, name) and re.search(rf"\b(?:{said})\b", folded) for own, said in _BOUNDS):
        return True
    own = concepts_in(spaced(param.name)) & concepts_in(text)
    stems = {stem(w) for w in words(spaced(param.name)) if len(w) > 3}
    return bool(own) or bool(stems & {stem(w) for w in words(text)})


def boolean(param: Param, text: str) -> bool | None:
    about = {
        stem(w)
        for w in words(spaced(param.name))
        if w not in ("is", "include", "with", "only", "show", "has", "get", "use")
    }
    said = {stem(w) for w in words(text)}
    concepts = concepts_in(spaced(param.name).replace("include ", ""))
    if not (about & said or concepts & concepts_in(text)):
        return None
    return not re.search(
        r"\b(?:without|exclud\w*|no|not|don't|fara|nu|exclude)\s+(?:\w+\s+){0,2}?(?:"
        + "|".join(map(re.escape, about or {"x"}))
        + ")",
        tidy(text),
    )
