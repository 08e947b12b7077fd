"""Four sides in one running product: two clients of one person, a colleague at the first of them, and a stranger with
a workspace of their own. Each has a conversation with its words, and the ids of everything that can be asked for."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.isolation.books import Books
from tests.isolation.canaries import AMBER, BIRCH, CEDAR, COLLEAGUE, Canary
from tests.support.product import EMAIL, PASSWORD

UNKNOWN = "0199aaaa-0000-7000-8000-00000000dead"
QUESTION = "How did our Google Ads do from 2026-10-21 to 2026-11-19?"
NOTED = ("last_used_at",)  # when a key was tried, which is its owner's to know, whoever did it
UNLIMITED = {  # the matrix asks more in a minute than anybody may
    f"REQUESTS_PER_MINUTE_{who}": "1000000" for who in ("ADDRESS", "USER", "WORKSPACE", "KEY")
}


@dataclass
class Person:
    """One sign-in. `cookies` and `csrf` go with each call made in its name."""

    user_id: str
    workspace_id: str
    email: str
    cookies: dict[str, str]
    csrf: str
    role: str
    client_cookie: str = ""  # as a page of their chat sets it, signed for them

    @property
    def token(self) -> str:
        return self.cookies["camarad_session"]


@dataclass
class Side:
    """A scope with what it owns: `ids` by the names of placeholders in paths, and an API key for its client alone."""

    name: str
    person: Person
    client_id: str
    canary: Canary
    ids: dict[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def scope(self) -> tuple[str, str, str]:
        return self.person.user_id, self.person.workspace_id, self.client_id


class World:
    """The product at `base` with its data folder at `data`, and its database where that is not a file in there."""

    def __init__(self, base: str, data: Path, internal_token: str, books: Books | None = None) -> None:
        self.internal_token = internal_token
        self.http = httpx.Client(base_url=base, timeout=60, trust_env=False)
        self.base, self.data = base, data
        self.books = books or Books.of_file(data / "camarad.db")
        self.sides: list[Side] = []

    def build(self) -> None:
        ana, bob = self.sign_in(EMAIL), self.sign_up("bob@isolation.example")
        colleague = self.sign_up("carol@isolation.example")
        cedar = self.call(bob, "POST", "/api/clients", json={"name": "Cedar"}).json()["client"]["id"]
        self.books.change(
            "UPDATE memberships SET workspace_id = :workspace, role = 'member' WHERE user_id = :person",
            workspace=ana.workspace_id,
            person=colleague.user_id,
        )
        colleague = self.sign_in(colleague.email)
        self.sides = [
            Side("amber", ana, "iso-amber", AMBER),
            Side("birch", ana, "iso-birch", BIRCH),
            Side("cedar", bob, cedar, CEDAR),
            Side("colleague", colleague, "iso-amber", COLLEAGUE),
        ]
        for side in self.sides:
            page = self.send("GET", f"/c/{side.client_id}/chat/", side.person.cookies, {"Accept": "text/html"})
            side.person.client_cookie = page.cookies["camarad_client"]
            for maker in OBJECTS.values():
                side.ids |= maker(self, side)

    def sign_up(self, email: str) -> Person:
        return self._person(self._post("/api/auth/signup", {"email": email, "password": PASSWORD, "workspace": email}))

    def sign_in(self, email: str) -> Person:
        return self._person(self._post("/api/auth/login", {"email": email, "password": PASSWORD}))

    def again(self, person: Person) -> Person:
        """Another sign-in of the same person, to be used up."""
        return self.sign_in(person.email)

    def call(self, person: Person, method: str, path: str, client: str | None = None, **more: Any) -> httpx.Response:
        """A call that has to succeed: what the world is made with."""
        headers = {"X-CSRF-Token": person.csrf} | ({"X-Client-ID": client} if client else {}) | more.pop("headers", {})
        answer = self.send(method, path, person.cookies, headers, **more)
        assert answer.is_success or answer.is_redirect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def send(
        self, method: str, path: str, cookies: Mapping[str, str], headers: Mapping[str, Any], **more: Any
    ) -> httpx.Response:
        """One request with exactly these cookies, whatever earlier answers set. Headers may be lists of values."""
        self.http.cookies.clear()
        sent = [
            (name, each) for name, value in headers.items() for each in ([value] if isinstance(value, str) else value)
        ]
        if cookies:
            sent.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
        return self.http.request(method, path, headers=sent, **more)

    def expire(self, person: Person) -> None:
        hashed = hashlib.sha256(person.token.encode()).hexdigest()
        long_ago = "2020-01-01 00:00:00"
        self.books.change(f"UPDATE auth_sessions SET expires_at = '{long_ago}' WHERE token_hash = :hash", hash=hashed)

    def rows(self, side: Side) -> dict[str, str]:
        """A fingerprint of every stored row of the side's client, by table: what nobody else may change."""
        found = {}
        for table in self.books.tables("client_id"):
            rows = self.books.all(f"SELECT * FROM {table} WHERE client_id = :client ORDER BY 1", client=side.client_id)
            kept = [{name: value for name, value in row.items() if name not in NOTED} for row in rows]
            found[table] = hashlib.sha256(repr(kept).encode()).hexdigest()
        return found

    def _post(self, path: str, body: dict[str, str]) -> httpx.Response:
        self.http.cookies.clear()
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer

    def _person(self, answer: httpx.Response) -> Person:
        body = answer.json()
        cookies = dict(answer.cookies)
        workspace = body["workspace"]
        email = body["user"]["email"]
        return Person(body["user"]["id"], workspace["id"], email, cookies, body["csrf_token"], workspace["role"])


# What can be asked for by its id. A new kind of object is one function here, named by its placeholder.


def _conversation(world: World, side: Side) -> dict[str, str]:
    person, client = side.person, side.client_id
    made = world.call(person, "POST", "/api/conversations/new", client, json={}).json()["conversation"]["id"]
    path = f"/api/conversations/{made}"
    words = f"{side.canary.word} {side.canary.secret}. {QUESTION}"
    said = world.call(person, "POST", f"{path}/messages", client, json={"text": words}).json()
    world.call(person, "PATCH", path, client, json={"title": f"{side.canary.word} {side.canary.secret}"})
    message = said["message"]["id"]
    world.call(person, "PUT", f"{path}/messages/{message}/feedback", client, json={"value": 1})
    steps = world.call(person, "GET", f"/c/{client}/chat/project/thread/{made}").json()["steps"]
    run = next(step["id"] for step in steps if step["type"] == "run")
    return {"conversation_id": made, "message_id": message, "run_id": run}


def _client(world: World, side: Side) -> dict[str, str]:
    """One of the workspace's own besides those in use, so that it can be used up."""
    return {"client_id": side.client_id}


def _session(world: World, side: Side) -> dict[str, str]:
    hashed = hashlib.sha256(world.again(side.person).token.encode()).hexdigest()
    found = world.books.all("SELECT id FROM auth_sessions WHERE token_hash = :hash", hash=hashed)
    return {"session_id": found[0]["id"]}


def api_key(world: World, side: Side, client: str | None = None) -> tuple[str, str]:
    """A key's id and secret; with a client, for that one alone."""
    made = world.call(side.person, "POST", "/api/keys", json={"name": "Matrix", "client_id": client}).json()
    return made["key"]["id"], made["secret"]


def _key(world: World, side: Side) -> dict[str, str]:
    _, side.key = api_key(world, side, side.client_id)
    return {"key_id": api_key(world, side)[0]}


def _nothing_linked(world: World, side: Side) -> dict[str, str]:
    return {"identity_id": UNKNOWN}


def _no_invitation(world: World, side: Side) -> dict[str, str]:
    """The smallest plan has no place for one; those of others are tried in tests/integration/test_members.py."""
    return {"invitation_id": UNKNOWN}


def _user(world: World, side: Side) -> dict[str, str]:
    return {"user_id": side.person.user_id}


OBJECTS: dict[str, Callable[[World, Side], dict[str, str]]] = {
    "conversation_id": _conversation,
    "client_id": _client,
    "session_id": _session,
    "key_id": _key,
    "identity_id": _nothing_linked,
    "invitation_id": _no_invitation,
    "user_id": _user,
}


def spare_client(world: World, side: Side) -> dict[str, str]:
    """A client to be renamed or put away. What is left of earlier ones goes first: plans hold only so many."""
    for each in world.call(side.person, "GET", "/api/clients").json()["clients"]:
        if each["name"].startswith(("Spare", "Renamed")):
            world.call(side.person, "DELETE", f"/api/clients/{each['id']}")
    name = f"Spare {time.monotonic_ns()}"
    made = world.call(side.person, "POST", "/api/clients", json={"name": name}).json()["client"]["id"]
    return {"client_id": made}
