"""Single numbers and yes-or-no arguments: whether a question speaks of one, and what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    if is_id(param):
        return numbered(param, text)
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


_ID = re.compile(r"\b(?:id|number|no|nr|code|ref|reference|sku)$")
_NUMBERED = re.compile(
    r"([a-z]{3,})\s+(?:(?:with|cu|the|id|ids|no|nr|number|numarul|code|codul)\b[ .:]*){0,3}#?(\d{1,15})\b"
)
_LONE = re.compile(r"(?<![\w.,-])#?(\d{4,15})(?![\w,.-]*\d)")


def is_id(param: Param) -> bool:
    """Whether a number names a thing (an order, a ticket) and does not count anything."""
    return param.type == "integer" and bool(_ID.search(spaced(param.name)))


def numbered(param: Param, text: str) -> int | None:
    """The number that names a thing: beside the word for it ("order 991"), else the only long number of the text.

    A number said of something else is never taken: a wrong id would read or change another record.
    """
    entity = _ID.sub("", spaced(param.name)).strip()
    for found in _NUMBERED.finditer(fold(text)):
        if _same_thing(found[1], entity) or (not entity and found[1] in ("id", "number", "numarul")):
            return int(found[2])
    lone = _LONE.findall(fold(text))
    return int(lone[0]) if len(lone) == 1 and not numbers.states_money(text) else None


def _same_thing(word: str, entity: str) -> bool:
    own = {stem(w) for w in words(entity)}
    return stem(word) in own or bool(concepts_in(word) & concepts_in(entity))


def without_ids(params: Sequence[Param], text: str) -> str:
    """The text without the numbers that name things, so that an order's number is not read as an amount."""
    taken = [str(value) for p in params if is_id(p) and (value := numbered(p, text)) is not None]
    return re.sub(rf"(?<!\d)#?(?:{'|'.join(taken)})(?!\d)", " ", text) if taken else text


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
