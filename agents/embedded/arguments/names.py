"""Names in a question: quoted, after a word such as "campaign", known from earlier results, addresses, places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from agents.embedded.arguments.bare import bare_names as bare_names
from agents.embedded.arguments.tables import PLACES, of_table
from agents.embedded.lexicon import word_set
from agents.embedded.request import Request
from agents.embedded.text import fold, names_in_quotes, tidy, words

GENERIC = word_set("generic_names")
_URL = re.compile(
    r"https?://[^\s\"'<>,]+|\b(?:[a-z0-9-]+\.)+(?:com|ro|eu|net|org|io|co|example|shop|"
    r"store|uk|de)(?:/[^\s\"'<>,?!]*)?",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<![\w:/.])/[\w\-./%]+", re.IGNORECASE)
_BLOG = re.compile(r"\b(?:of|on|in|for|pe|din|al|de pe|in) (?:the |our |a )?blog(?:ul|ului)?\b|\bblogului\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_ID = re.compile(r"\b(?:[A-Z]{1,6}[-_]\d+|[A-Z]{2,}\d+|\d{3}-\d{3}-\d{4}|#\d+|\d{6,})\b")
_AFTER = re.compile(
    r"\b(?:campaign|campania|campaniei|campanie|ad group|grupul(?: de anunturi)?|keyword|"
    r"cuvantul cheie|event|evenimentul|page|pagina|product|produsul|client|clientul|order|"
    r"comanda|city|orasul|country|tara)\s+"
    r"(?:named |called |numita |numit |cu numele )?([^\s,;:?!()·\"]+(?:\s+[^\s,;:?!()·\"]+){0,5})"
)
_BEFORE = re.compile(
    r"([A-Z0-9ĂÂÎȘȚ][\w&+'|-]*(?:\s+(?:[A-Z0-9ĂÂÎȘȚ&|+-][\w&+'|-]*|de|of|the|and|si|"
    r"și))*)\s+(?:campaign|ad group|campania)\b"
)
_STOP = re.compile(
    r"\s+(?:in|on|for|last|this|over|during|since|from|vs|versus|against|compared|and|or|"
    r"is|was|are|were|do|did|doing|performing|perform\w*|had|have|has|cost|spend|spent|"
    r"luna|saptamana|ultim\w*|fata|pe|din|de la|"
    r"si|sau|a|are|au|ai|merge|merg|mers|cat|ieri|azi|yesterday|today|within|by|per|"
    r"between|intre|trecuta?|asta|what|how|why|with|cu|pentru|la|performeaz\w*|cheltui\w*|"
    r"vs\.|get|gets|got|bring|brings|brought|use|uses|make|makes|made|look|looks|that|which|care|aduc\w*|adus\w*|primit\w*|"
    r"primest\w*|obtin\w*|obtinut\w*|stat|sta|s-a|ce|cum)\b.*$"
)
_NOT_NAMES = word_set("not_names")


@lru_cache(maxsize=256)
def known_names(bodies: tuple[str, ...]) -> tuple[str, ...]:
    """Text cells of tool results: the names of this client's campaigns, pages and the like."""
    found: dict[str, None] = {}
    for body in bodies:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            continue
        for cell in _strings(data.get("rows", data) if isinstance(data, dict) else data):
            if 2 < len(cell) <= 80 and tidy(cell) not in GENERIC and not re.fullmatch(r"[\d\s:.T+-]+", cell):
                found[cell] = None
    return tuple(found)


def _strings(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict) and depth < 5:
        for value in data.values():
            yield from _strings(value, depth + 1)
    elif isinstance(data, list) and depth < 5:
        for value in data[:200]:
            yield from _strings(value, depth + 1)


def mentioned(text: str, names: tuple[str, ...]) -> str | None:
    """The known name a text speaks of, allowing small misspellings, longest first."""
    folded = tidy(text)
    exact = [n for n in names if len(n) > 3 and re.search(rf"(?<!\w){re.escape(tidy(n))}(?!\w)", folded)]
    if exact:
        return max(exact, key=len)
    spoken = " ".join(words(text))
    near = [(fuzz.partial_ratio(" ".join(words(n)), spoken), n) for n in names if len(words(n)) > 1 and len(n) > 7]
    best = max(near, default=(0.0, ""))
    return best[1] if best[0] >= 90 else None


def named_entity(text: str, request: Request) -> str | None:
    """The one thing the person names: in quotes, from results they saw, beside a word such as "campaign", or bare.

    Two names are compared, and none of them narrows what is read.
    """
    alone = bare_names(text, request.facts.client)
    if len(alone) > 1:
        return None
    if quoted := names_in_quotes(text):
        return quoted[0]
    if seen := mentioned(text, known_names(tuple(r.body for r in request.past[-6:]))):
        return seen
    return _after(text) or _before(text) or (alone[0] if alone else None)


def announced(text: str) -> bool:
    """Whether a name stands beside a word such as "campaign"."""
    return bool(_after(text) or _before(text))


def _after(text: str) -> str | None:
    folded = fold(text)
    for match in _AFTER.finditer(folded):
        start = match.start(1)
        name = _STOP.sub("", f"{text[start : match.end(1)]}")
        plain = _STOP.sub("", f"{match[1]} ").strip(" .?!,")
        name = text[start : start + len(plain)].strip(" .?!,;:")
        if plain and plain.split()[0] not in _NOT_NAMES and name.lower() not in GENERIC:
            return name
    return None


def _before(text: str) -> str | None:
    found = _BEFORE.search(text)
    if not found:
        return None
    name = re.sub(
        r"^(?:How|What|Why|Which|Is|Are|Does|Did|Our|The|Show|Compare|Cum|Ce|Care|Google|Ads|"
        r"In|On)\b\s*(?:the|our|is|did|does|are|has)?\s*",
        "",
        found[1],
    ).strip()
    return name if name and name.lower() not in GENERIC | {"ads", "google ads", "ppc"} else None


def url_or_path(text: str) -> str | None:
    found = _URL.search(text) or _PATH.search(text)
    return found[0].rstrip(".,;:!?)") if found else None


def path(text: str) -> str | None:
    if url := _URL.search(text):
        return "/" + url[0].split("://")[-1].partition("/")[2].rstrip(".,?!")
    if found := _PATH.search(text):
        return found[0].rstrip(".,?!")
    return "/blog" if _BLOG.search(fold(text)) else None


def email(text: str) -> str | None:
    found = _EMAIL.search(text)
    return found[0].rstrip(".") if found else None


def identifier(text: str) -> str | None:
    found = _ID.search(text)
    return found[0].lstrip("#") if found else None


def topic(text: str) -> str | None:
    """What follows "about", "on", "for" / "despre", "pentru"."""
    found = re.search(
        r"\b(?:about|on the topic of|regarding|despre|legat de|referitor la|pe tema)\s+(.{2,120}?)\s*[?.!]*$",
        text,
        re.IGNORECASE,
    )
    found = found or re.search(r"\b(?:for|on|pentru|of|around)\s+(.{2,120}?)\s*[?.!]*$", text, re.IGNORECASE)
    return found[1] if found else None


def place(text: str) -> str | None:
    """A known country, else the capitalised name after "in", "for" / "în", "din", "la"."""
    found = re.search(r"\b(?:in|for|near|în|din|la|pentru)\s+([A-ZĂÂÎȘȚ][\w'-]+(?:\s+[A-ZĂÂÎȘȚ][\w'-]+){0,2})", text)
    return of_table(text, PLACES) or (found[1] if found else None)
