"""Text that a database cannot store or a parser trips over, and every place of a request where it can be put."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

WEB = Path(__file__).parents[2] / "web"
LONG = 100_000

TEXTS = {
    "NUL": "\0",
    "a high surrogate": "\ud800",
    "a low surrogate": "\udfff",
    "a pair the wrong way round": "\udc00\ud800",
    "other C0 controls": "\x01\x08\x1b\x1f",
    "line ends and form feed": "\r\n\x0b\x0c\x1c",
    "delete and C1 controls": "\x7f\x80\x9f",
    "U+FFFF and U+FFFE": "\uffff\ufffe",
    "the other way round": "\u202egnp.exe\u2066",
    "beyond the first plane": "\U0010ffff",
    "very long": "x" * LONG,
    "very many digits": "9" * 6_000,
    "no finite number": "1e99999",
}
# Percent-encoded; an address is at most 64 KiB, a form may hold more.
BYTES = {
    **{name: quote(text.encode(errors="surrogatepass")) for name, text in TEXTS.items()},
    "no UTF-8": "%FF%FE",
    "a cut character": "a%C3",
    "an overlong slash": "%C0%AF",
    "no hexadecimal": "%zz%",
    "very long": "x" * 20_000,
}


def written(text: str, example: Any) -> list[str]:
    """The text alone, and amid a value that is taken, so that it passes what looks at the form of the whole."""
    return [text, example[:2] + text + example[2:]] if isinstance(example, str) and example else [text]


Place = tuple[str | int, ...]


def places(schema: dict[str, Any], document: dict[str, Any], depth: int = 8) -> Iterator[Place]:
    """Where a JSON body of this schema holds a value, as the keys that lead there."""
    if not depth:
        return
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from places(part, document, depth - 1)
    for name, part in schema.get("properties", {}).items():
        yield (name,)
        yield from ((name, *rest) for rest in places(part, document, depth - 1))
    if isinstance(schema.get("items"), dict):
        yield (0,)
        yield from ((0, *rest) for rest in places(schema["items"], document, depth - 1))


def places_in(body: Any) -> Iterator[Place]:
    """The same for an example of a body, where there is no schema."""
    parts: list[tuple[str | int, Any]] = []
    if isinstance(body, dict):
        parts = list(body.items())
    elif isinstance(body, list):
        parts = list(enumerate(body))
    for key, value in parts:
        yield (key,)
        yield from ((key, *rest) for rest in places_in(value))


def at(body: Any, place: Place) -> Any:
    """What an example has at this place, or None."""
    for key in place:
        fits = (isinstance(body, dict) and key in body) or (isinstance(body, list) and key == 0 and body)
        if not fits:
            return None
        body = body[key]
    return body


def put(body: Any, place: Place, value: Any) -> Any:
    """The body with the value at this place; what leads there is made."""
    if not place:
        return value
    key, rest = place[0], place[1:]
    if isinstance(key, int):
        return [put(body[0] if isinstance(body, list) and body else None, rest, value)]
    return {**(body if isinstance(body, dict) else {}), key: put(at(body, (key,)), rest, value)}


def read_from_queries() -> set[str]:
    """Names that pages read from an address, which no schema declares."""
    call = re.compile(r'query_params\S*\.get(?:list)?\("([\w.]+)"')
    return {name for file in WEB.rglob("*.py") for name in call.findall(file.read_text())}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], set[str]] = {}
        self._form: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = (given.get("method", "get").upper(), given.get("action", "").partition("?")[0])
            self.found.setdefault(self._form, set())
        name = given.get("name")
        if self._form and name and tag in ("input", "select", "textarea", "button"):
            self.found[self._form].add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def forms(html: str) -> dict[tuple[str, str], set[str]]:
    """The fields of a page's forms, by method and address."""
    reader = _Forms()
    reader.feed(html)
    return reader.found
