"""Text arguments: which kind of text one wants, and where a question says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from agents.embedded.arguments import names, tables, wording
from agents.embedded.lexicon import concepts_in
from agents.embedded.request import Request
from agents.embedded.schema import Param, spaced
from agents.embedded.text import fold, names_in_quotes, stem, words

_KINDS: tuple[tuple[str, str], ...] = (
    (r"^(?:contain\w*|including|substring|text contains|term contains|query contains|name contains)$", "contains"),
    (r"^event(?: name)?$", "event"),
    (r"e-?mail|recipient", "email"),
    (r"\burl\b|link|address of the page", "url"),
    (r"path|page(?! size)|landing", "path"),
    (r"^(?:to|cc|bcc)$", "email"),
    (r"city|country|region|location|geo|market|place", "place"),
    (r"device", "device"),
    (r"channel", "channel"),
    (r"\bid\b|number|code|reference|sku", "id"),
    (
        r"campaign|ad group|adgroup|name|account|product|client|customer|title|event|item|"
        r"brand|label|keyword|term|entity|team|person|user|project|category",
        "name",
    ),
    (
        r"query|question|text|prompt|message|search|topic|subject|content|note|body|"
        r"description|request|instruction|input|theme",
        "text",
    ),
)


_READERS: dict[str, Callable[[str], str | None]] = {
    "email": names.email,
    "url": names.url_or_path,
    "path": names.path,
    "device": lambda text: tables.of_table(text, tables.DEVICES),
    "channel": lambda text: tables.of_table(text, tables.CHANNELS),
    "place": names.place,
    "id": names.identifier,
    "contains": wording.contained,
}


def string(param: Param, text: str, request: Request) -> Any:
    if param.pattern and (shaped := wording.shaped(param.pattern, text)):
        return shaped
    kind = kind_of(param)
    if kind == "channel" and not param.required and _of_several(text):
        return None  # a filter would leave out what it is a share of, or held against
    if reader := _READERS.get(kind or ""):
        return reader(text)
    if kind == "event":
        return wording.event(text) or _named(param, text, request)
    if kind == "name":
        return _named(param, text, request)
    return _free_text(param, text) if kind == "text" and param.required else None


def _of_several(text: str) -> bool:
    return wording.asks_share(text) or len(tables.all_of_table(text, tables.CHANNELS)) > 1


def identified(param: Param, text: str) -> str | None:
    """The code or identifier a text says for an argument that wants one; None for any other argument."""
    if param.pattern:
        return wording.shaped(param.pattern, text)
    return names.identifier(text) if kind_of(param) == "id" else None


def kind_of(param: Param) -> str | None:
    own = spaced(param.name)
    return next((k for pattern, k in _KINDS if re.search(pattern, own)), None)


def _named(param: Param, text: str, request: Request) -> str | None:
    found = names.named_entity(text, request)
    if found is None or found == wording.contained(text) or (names.path(text) and found.startswith("/")):
        return None
    if wording.asks_share(text) and not param.required:
        return None
    about = spaced(param.name)
    if re.search(r"campaign", about):
        return (
            None
            if re.search(r"\b(?:page|pagina|event|evenimentul|keyword)\s", fold(text)) and "campa" not in fold(text)
            else found
        )
    if (
        param.required
        or concepts_in(about) & concepts_in(text)
        or {stem(w) for w in words(about)} & {stem(w) for w in words(text)}
    ):
        return found if param.required or _said_beside(about, found, text) else None
    return None


def _said_beside(about: str, found: str, text: str) -> bool:
    """Whether the name stands next to the word of this argument, so that a campaign's name does not fill `event`."""
    at = fold(text).find(fold(found))
    around = fold(text)[max(0, at - 25) : at + len(found) + 15]
    return bool({stem(w) for w in words(about)} & {stem(w) for w in words(around)}) or bool(
        concepts_in(about) & concepts_in(around)
    )


def _free_text(param: Param, text: str) -> str:
    if quoted := names_in_quotes(text):
        return quoted[0]
    if re.search(r"topic|subject|theme|search|keyword", param.about) and (topic := names.topic(text)):
        return topic
    return text.strip()
