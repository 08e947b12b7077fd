"""Integers and amounts a question states, apart from those of its dates and names."""

from __future__ import annotations

import re

from agents.embedded.dates.words import NUMBERS
from agents.embedded.schema import Param, spaced
from agents.embedded.text import fold

_SPOKEN = "|".join(sorted((w for w in NUMBERS if len(w) > 2 and " " not in w), key=len, reverse=True))
_TOP = re.compile(
    rf"\b(?:top|first|best|worst|biggest|largest|only|primele|primii|cele mai \w+|"
    rf"limit(?:a|ed)?(?: to| la)?|maxim(?:um)?|max)\s+(?:the\s+)?(\d{{1,3}}|"
    rf"{_SPOKEN})\b(?!\s*(?:%|days|zile|weeks|saptamani|months|luni|de zile))"
)
_THE = re.compile(r"\b(?:the|cele|cei)\s+(\d{1,3})\s+(?:with|having|that|which|most|least|cu|care)\b")
_COUNTED = re.compile(
    rf"\b(\d{{1,3}}|{_SPOKEN})\s+(?:(?:best|worst|biggest|largest|top|most \w+|de|least "
    rf"\w+|highest \w+)\s+)*(?:\w+\s+){{0,2}}?(?:campaigns?|keywords?|pages?|rows?|"
    rf"results?|items?|queries|terms?|"
    r"sources?|channels?|countries|cities|products?|records?|invoices?|entries|campanii|"
    r"cuvinte|pagini|randuri|rezultate|termeni|surse|canale|tari|orase|produse|facturi)\b"
)
_MONEY = re.compile(
    r"(?:(?:€|\$|£|eur|ron|usd|lei)\s*(\d+(?:[.,]\d+)*))|(?:(\d+(?:[.,]\d+)*)\s*(?:€|\$|£|"
    r"eur(?:o|os)?\b|ron\b|usd\b|lei\b|dollars\b|dolari\b|pounds\b))"
)
_TO = re.compile(
    r"\b(?:to|at|la|over|above|under|below|exceeds?|peste|sub|than|de|minim|minimum|least|putin)\s+(\d+(?:[.,]\d+)*)\b"
)
_ANY = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d+)*)(?![\w-])")


def limit(text: str) -> int | None:
    """How many rows are asked for: `top 5`, `the 3 worst campaigns`, `primele 10`."""
    folded = fold(text)
    found = _TOP.search(folded) or _THE.search(folded) or _COUNTED.search(folded)
    if found is None:
        return None
    value = found[1]
    return int(value) if value.isdigit() else NUMBERS.get(value)


def amount(text: str) -> float | None:
    """A sum of money or another stated quantity."""
    folded = fold(re.sub(r"[\"“„][^\"”]*[\"”]", " ", text))
    for pattern in (_MONEY, _TO, _ANY):
        if found := pattern.search(folded):
            return parse(next(g for g in found.groups() if g))
    return None


def states_money(text: str) -> bool:
    return bool(_MONEY.search(fold(text)))


def parse(text: str) -> float:
    """`1,234.50`, `1.234,50` and `1234.5` alike; a lone separator before three digits groups thousands."""
    cleaned = text
    if "," in cleaned and "." in cleaned:
        cleaned = cleaned.replace("," if cleaned.rfind(".") > cleaned.rfind(",") else ".", "")
    elif re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", cleaned):
        cleaned = re.sub(r"[.,]", "", cleaned)
    return float(cleaned.replace(",", "."))


def is_limit(param: Param) -> bool:
    name = spaced(param.name)
    return bool(
        re.fullmatch(
            r"(?:limit|top|top n|n|count|max rows|max results|max items|num(?:ber)?(?: of)?(?: "
            r"results| rows| items)?|page size|size|row limit|how many|rows|first|k|top k)",
            name,
        )
    )


def fit(param: Param, value: float) -> int | float:
    """Within the schema's bounds and of its type."""
    if param.minimum is not None:
        value = max(value, param.minimum)
    if param.maximum is not None:
        value = min(value, param.maximum)
    return round(value) if param.type == "integer" else value
