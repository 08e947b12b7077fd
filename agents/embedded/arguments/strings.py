"""Text arguments: which kind of text one wants, and where a question says it."""

from __future__ import annotations

import re
from typing import Any

from agents.embedded.arguments import names
from agents.embedded.lexicon import concepts_in
from agents.embedded.request import Request
from agents.embedded.schema import Param, spaced
from agents.embedded.text import fold, stem, words

_KINDS: tuple[tuple[str, str], ...] = (
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


def string(param: Param, text: str, request: Request) -> Any:
    kind = _kind_of(param)
    if kind == "email":
        return names.email(text)
    if kind == "url":
        return names.url_or_path(text)
    if kind == "path":
        return names.path(text)
    if kind == "device":
        return names.of_table(text, names.DEVICES)
    if kind == "channel":
        return names.of_table(text, names.CHANNELS)
    if kind == "place":
        return names.place(text)
    if kind == "id":
        return names.identifier(text)
    if kind == "name":
        return _named(param, text, request)
    return _free_text(param, text) if kind == "text" and param.required else None


def _kind_of(param: Param) -> str | None:
    own = spaced(param.name)
    return next((k for pattern, k in _KINDS if re.search(pattern, own)), None)


def _named(param: Param, text: str, request: Request) -> str | None:
    found = names.named_entity(text, request)
    if found is None or (names.path(text) and found.startswith("/")):
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
    if re.search(r"topic|subject|theme|search|keyword", param.about) and (topic := names.topic(text)):
        return topic
    return text.strip()
