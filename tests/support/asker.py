"""One person who asks every route of a running product for everything, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.isolation.entries import ENTRIES, FIXED, Entry
from tests.isolation.world import UNKNOWN, Side, World
from tests.support.unstorable import forms

TOKEN = "the operators' token"
CLIENT = "demo-lampadar"


@dataclass
class Asker:
    """One person of the demo workspace at the running product. `fields` are those of pages' forms; what went wrong is
    gathered, so that a run tells all of it."""

    world: World
    side: Side
    document: dict[str, Any]
    visitor: tuple[dict[str, str], str]
    fields: dict[tuple[str, str], set[str]]
    wrong: list[str] = field(default_factory=list)

    def ask(
        self, entry: Entry, what: str, *, values: Mapping[str, str] | None = None, query: str = "", **sent: Any
    ) -> None:
        known = self.known(entry) | dict(values or {})
        address = entry.path.format_map(known)
        own = entry.query.format_map(known) if not query else ""
        headers = self.headers(entry) | sent.pop("headers", {})
        try:
            answer = self.world.send(
                entry.method, f"{address}?{own}{query}".rstrip("?"), self.cookies(entry), headers, **sent
            )
        except httpx.TransportError as error:
            self.wrong.append(f"{entry.method} {entry.path}, {what}: {error!r}")
            return
        if trouble := self.trouble(entry, answer):
            self.wrong.append(f"{entry.method} {entry.path}, {what}: {trouble}")

    def known(self, entry: Entry) -> dict[str, str]:
        return dict.fromkeys(entry.placeholders, UNKNOWN) | FIXED | {"client": CLIENT, "word": "vole"} | self.side.ids

    def access(self, entry: Entry) -> str:
        return str(self.operation(entry).get("x-camarad-access", "chat"))

    def operation(self, entry: Entry) -> dict[str, Any]:
        """As OpenAPI declares it; the chat's routes are not declared."""
        found: dict[str, Any] = self.document["paths"].get(entry.path, {}).get(entry.method.lower(), {})
        return found

    def as_visitor(self, entry: Entry) -> bool:
        return self.access(entry) == "public" and entry.unsafe

    def cookies(self, entry: Entry) -> dict[str, str]:
        return self.visitor[0] if self.as_visitor(entry) else self.side.person.cookies

    def headers(self, entry: Entry) -> dict[str, str]:
        headers = dict(entry.headers)
        if self.access(entry) == "internal":
            return headers | {"X-Internal-Token": TOKEN}
        if entry.path.startswith("/c/"):
            headers["Origin"] = self.world.base
        if self.access(entry) == "client":
            headers["X-Client-ID"] = CLIENT
        return headers if self.as_visitor(entry) else headers | {"X-CSRF-Token": self.side.person.csrf}

    def trouble(self, entry: Entry, answer: httpx.Response) -> str:
        if answer.status_code >= 500:
            return f"{answer.status_code} {answer.text[:300]}"
        declared = self.operation(entry).get("responses")
        if declared is None:
            return ""  # of the chat, whose answers are Chainlit's
        if str(answer.status_code) not in declared:
            return f"{answer.status_code} is not declared"
        return "" if answer.status_code < 400 or explained(entry, answer) else f"not in the shape: {answer.text[:300]}"

    def finish(self) -> None:
        """Nothing went wrong, and they were signed in up to the end."""
        assert not self.wrong, "\n".join(self.wrong)
        assert self.world.send("GET", "/api/clients", self.side.person.cookies, {}).status_code == 200


def explained(entry: Entry, answer: httpx.Response) -> bool:
    """Whether a refusal is the error of programs, or the page of a form with what was wrong."""
    if "json" in answer.headers.get("content-type", ""):
        needed = {"code", "message", "hint", "request_id"}
        error = answer.json().get("error", {})
        return needed <= set(error) and all(error[name] for name in needed)
    return "</html>" in answer.text


def looked_at(world: World, side: Side) -> tuple[tuple[dict[str, str], str], dict[tuple[str, str], set[str]]]:
    """A visitor's cookies and form token, and the fields of all forms on pages, by the route they go to."""
    found: dict[tuple[str, str], set[str]] = {}
    known = FIXED | {"client": CLIENT, "word": "vole"} | side.ids
    for entry in (each for each in ENTRIES if each.method == "GET" and not each.path.startswith(("/api/", "/v1/"))):
        address = f"{entry.path.format_map(known | {'invitation_id': UNKNOWN})}?{entry.query.format_map(known)}"
        html = world.send("GET", address, side.person.cookies, {"Accept": "text/html"}).text
        for form, names in forms(html).items():
            found.setdefault(form, set()).update(names)
    door = world.send("GET", "/login", {}, {"Accept": "text/html"})
    for form, names in (forms(door.text) | forms(world.send("GET", "/signup", {}, {}).text)).items():
        found.setdefault(form, set()).update(names)
    token = re.search(r'name="csrf_token" value="([^"]+)"', door.text)
    assert token is not None
    return (dict(door.cookies), token[1]), found
