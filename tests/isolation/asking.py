"""One request of the matrix: made from a record, sent, and its answer searched for what should not be in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from camarad.ids import new_id
from tests.isolation.entries import FIXED, Entry
from tests.isolation.world import UNKNOWN, Person, Side, World

PLAIN = ("date", "x-request-id", "content-length", "server", "set-cookie")
SAME_ID = "the-same-request"


@dataclass(frozen=True)
class Ask:
    """`client` goes where the route takes it from; a tuple is sent as several headers, None not at all. With keys there
    is no cookie."""

    entry: Entry
    person: Person | None
    client: str | tuple[str, ...] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    word: str = "vole"
    cookies: Mapping[str, str] | None = None
    csrf: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """All that can be read of it; an archive is opened."""
        bodies = [self.body]
        if self.headers.get("content-type") == "application/zip":
            with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
                bodies = [archive.read(name) for name in archive.namelist()]
        return "\n".join((*self.headers.values(), *(body.decode("utf-8", "replace") for body in bodies)))

    def alike(self, ids: set[str]) -> tuple[int, dict[str, str], bytes]:
        """What has to be the same for a foreign id and for one that never was, whichever id was asked for."""
        headers = {k: _without(v, ids) for k, v in self.headers.items() if k not in PLAIN}
        return self.status, headers, _without(self.body.decode("utf-8", "replace"), ids).encode()


def _without(text: str, ids: set[str]) -> str:
    for each in sorted(ids, key=len, reverse=True):
        text = text.replace(each, "<id>")
    return text


def send(world: World, ask: Ask, access: str, request_id: str | None = None) -> Answer:
    """Under a request id of its own, which for messages is the key that they are repeated under, or a given one."""
    entry, person = ask.entry, ask.person
    by_cookie = person if not ask.keys else None
    cookies = dict(by_cookie.cookies if by_cookie and ask.cookies is None else ask.cookies or {})
    headers: dict[str, Any] = {**entry.headers, "X-Request-ID": request_id or new_id(), **ask.headers}
    if ask.keys:
        headers["Authorization"] = tuple(f"Bearer {key}" for key in ask.keys)
    csrf = ask.csrf if ask.csrf is not None else by_cookie.csrf if by_cookie else ""
    if csrf:
        headers["X-CSRF-Token"] = csrf
    if access == "client" and ask.client:
        headers["X-Client-ID"] = ask.client
    named = {"client": ask.client if isinstance(ask.client, str) else "", "word": ask.word}
    values = dict.fromkeys(entry.placeholders, UNKNOWN) | FIXED | named | dict(ask.ids)
    query = "&".join(filter(None, (entry.query.format_map(values), ask.query)))
    address = entry.path.format_map(values) + (f"?{query}" if query else "")
    more: dict[str, Any] = {}
    if entry.form is not None:
        more["data"] = {k: v.format_map(values) for k, v in entry.form.items()} | dict(ask.body)
    elif entry.body is not None:
        more["json"] = {**_filled(entry.body, values), **ask.body}
    if entry.path.startswith("/c/") and "Origin" not in headers:
        headers["Origin"] = world.base
    method = ask.method or entry.method
    found: httpx.Response = world.send(method, address, cookies, headers, **(more if entry.unsafe else {}))
    return Answer(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.content)


def _filled(body: Any, values: Mapping[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, values) for name, value in body.items()}
    return body.format_map(values) if isinstance(body, str) else body


def leaks(world: World, text: str, reader: Side | None, client: str | None, *, whole: bool = False) -> list[str]:
    """The sides whose words or data are in a text that this reader got for this client, or for a `whole` workspace."""
    found = []
    for side in world.sides:
        if whole and reader is not None and side.person.workspace_id == reader.person.workspace_id:
            continue
        own = reader is not None and side.client_id == client
        same_person = reader is not None and side.person.user_id == reader.person.user_id
        if side.canary.words_pattern.search(text) and not (own and same_person):
            found.append(f"words of {side.name}")
        data = side.canary.data_pattern
        if data and not own and data.search(text):
            found.append(f"data of {side.name}")
    return found
