"""The same attacks on the chat: its pages and routes below `/c/<client>/chat/`, and its sockets, frame by frame."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import socketio

from tests.isolation.asking import Ask, leaks
from tests.isolation.entries import OK, Entry
from tests.isolation.matrix import Report, judged
from tests.isolation.situations import NOT_FOUND, REFUSED, Attempt, Dead, claims
from tests.isolation.world import QUESTION, UNKNOWN, Person, Side, World

HOME = "/c/{client}/chat"
THREAD = {"threadId": "{conversation_id}"}
RATING = {"sessionId": "x", "feedback": {"forId": "{run_id}", "value": 1, "threadId": "{conversation_id}"}}
PAGE_SIZE = {"pagination": {"first": 20}, "filter": {}}
AWAY = frozenset({401, 303, 403})
CHAT = (
    Entry("GET", f"{HOME}/"),
    Entry("GET", f"{HOME}/thread/{{conversation_id}}"),
    Entry("GET", f"{HOME}/user"),
    Entry("GET", f"{HOME}/auth/config"),
    Entry("GET", f"{HOME}/project/settings", query="language=en-US"),
    Entry("GET", f"{HOME}/project/translations", query="language=en-US"),
    Entry("POST", f"{HOME}/project/threads", body=PAGE_SIZE),
    Entry("GET", f"{HOME}/project/thread/{{conversation_id}}"),
    Entry("PUT", f"{HOME}/project/thread", body={**THREAD, "name": "Renamed"}),
    Entry("PUT", f"{HOME}/feedback", body=RATING),
    Entry("POST", f"{HOME}/set-session-cookie", body={"session_id": "x"}),
    Entry("DELETE", f"{HOME}/project/thread", body=THREAD),
    Entry("POST", f"{HOME}/logout", body={}, ends_sign_in=True),
)
PAGES = (
    f"{HOME}/",
    f"{HOME}/thread/{{conversation_id}}",
)  # a page that shows whatever thread it is told, then loads it


def run(world: World, report: Report, dead: Dead) -> None:
    for entry in CHAT:
        for me in world.sides:
            for attempt in _attempts(world, entry, me, dead):
                report.note(entry.method, entry.path, attempt.situation)
                report.findings += judged(world, report, entry, "chat", me, attempt)
    asyncio.run(_sockets(world, report, dead))


def _attempts(world: World, entry: Entry, me: Side, dead: Dead) -> Iterator[Attempt]:
    mine = Ask(entry, me.person, me.client_id, me.ids, me.canary.word)
    yield Attempt("not signed in", "", replace(mine, person=None), AWAY)
    yield Attempt("expired sign-in", "", replace(mine, person=dead.expired), AWAY)
    yield Attempt("ended sign-in", "", replace(mine, person=dead.signed_out), AWAY)
    never = replace(mine, client=UNKNOWN)
    yield Attempt("unknown client", "", never, NOT_FOUND)
    if entry.unsafe:
        for origin in ("https://elsewhere.example", "null"):
            elsewhere = replace(mine, headers={"Origin": origin})
            yield Attempt("from another site", origin, elsewhere, REFUSED)
    for other in (side for side in world.sides if side is not me):
        yield from _against(entry, me, other, mine, never)
    yield _own(world, entry, me, mine)


def _against(entry: Entry, me: Side, other: Side, mine: Ask, never: Ask) -> Iterator[Attempt]:
    if other.person.workspace_id != me.person.workspace_id:
        for ids in (me.ids, other.ids):
            theirs = replace(mine, client=other.client_id, ids=ids)
            yield Attempt("their client", other.name, theirs, NOT_FOUND, like=never)
    if entry.placeholders and entry.path not in PAGES:
        unknown = replace(mine, ids=dict.fromkeys(entry.placeholders, UNKNOWN))
        theirs = replace(mine, ids=other.ids)
        yield Attempt("their object", other.name, theirs, NOT_FOUND, like=unknown)
    elif not entry.ends_sign_in:
        claimed = replace(mine, headers=claims(other), ids=other.ids)
        yield Attempt("claimed identity, signed in", other.name, claimed, entry.ok, reader=me, client=me.client_id)


def _own(world: World, entry: Entry, me: Side, mine: Ask) -> Attempt:
    """A conversation of its own is made for what deletes one."""
    ids = dict(me.ids)
    if entry.method == "DELETE":
        made = world.call(me.person, "POST", "/api/conversations/new", me.client_id, json={}).json()
        ids["conversation_id"] = made["conversation"]["id"]
    person = world.again(me.person) if entry.ends_sign_in else me.person
    return Attempt("own", "", replace(mine, ids=ids, person=person), OK, reader=me, client=me.client_id)


# sockets


@dataclass
class Tab:
    """A page's socket without the page, with every frame it was sent."""

    frames: list[str] = field(default_factory=list)
    client: socketio.AsyncClient = field(default_factory=lambda: socketio.AsyncClient(reconnection=False))
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, base: str, person: Person | None, client: str, thread: str = "", origin: str = "") -> bool:
        """Whether it was let in."""
        self.client.on("*", self._hear)
        cookies = "; ".join(f"{name}={value}" for name, value in (person.cookies if person else {}).items())
        auth = {"sessionId": str(uuid.uuid4()), "threadId": thread, "userEnv": "{}", "clientType": "webapp"}
        try:
            await self.client.connect(
                base,
                headers={"Cookie": cookies, "Origin": origin or base},
                auth=auth,
                transports=["websocket"],
                socketio_path=f"/c/{client}/chat/ws/socket.io",
            )
        except socketio.exceptions.ConnectionError:
            return False
        await self.client.emit("connection_successful")
        return True

    async def _hear(self, event: str, *data: Any) -> None:
        self.frames.append(json.dumps([event, *data], ensure_ascii=False, default=str))
        facts = data[0] if data and isinstance(data[0], dict) else {}
        if event == "resume_thread_error" or facts.get("state") == "answered":
            self.answered.set()

    async def ask(self, words: str) -> None:
        await self.client.emit("client_message", {"message": {"id": str(uuid.uuid4()), "output": words}})

    async def close(self) -> None:
        await self.client.disconnect()
        if self.client.eio.http is not None:
            await self.client.eio.http.close()


async def _sockets(world: World, report: Report, dead: Dead) -> None:
    for me in world.sides:
        strangers = [side for side in world.sides if side.person.workspace_id != me.person.workspace_id]
        closed: list[tuple[str, Person | None, str, str]] = [
            ("not signed in", None, me.client_id, ""),
            ("expired sign-in", dead.expired, me.client_id, ""),
            ("ended sign-in", dead.signed_out, me.client_id, ""),
            ("unknown client", me.person, UNKNOWN, ""),
            ("from another site", me.person, me.client_id, "https://elsewhere.example"),
            *(("their client", me.person, side.client_id, "") for side in strangers),
        ]
        for situation, person, client, origin in closed:
            report.note("SOCKET", f"{HOME}/ws/socket.io", situation)
            tab = Tab()
            if await tab.open(world.base, person, client, origin=origin):
                report.findings.append(f"a socket of {me.name} was let in: {situation}")
            await tab.close()
        for side in (side for side in world.sides if side is not me):
            await _their_thread(world, report, me, side)
    await _at_once(world, report)


async def _their_thread(world: World, report: Report, me: Side, side: Side) -> None:
    report.note("SOCKET", f"{HOME}/ws/socket.io", "their conversation resumed")
    tab = Tab()
    await tab.open(world.base, me.person, me.client_id, thread=side.ids["conversation_id"])
    await asyncio.wait_for(tab.answered.wait(), 30)
    found = leaks(world, "\n".join(tab.frames), me, me.client_id)
    report.findings += [f"frames of {me.name} resuming {side.name}'s conversation: {leak}" for leak in found]
    await tab.close()


async def _at_once(world: World, report: Report) -> None:
    """All sides ask in the same moment, each on its own socket."""
    tabs = [Tab() for _ in world.sides]
    for tab, side in zip(tabs, world.sides, strict=True):
        report.note("SOCKET", f"{HOME}/ws/socket.io", "own, all at once")
        if not await tab.open(world.base, side.person, side.client_id):
            report.findings.append(f"the socket of {side.name} was refused")
    await asyncio.gather(*(tab.ask(QUESTION) for tab in tabs))
    await asyncio.gather(*(asyncio.wait_for(tab.answered.wait(), 60) for tab in tabs))
    for tab, side in zip(tabs, world.sides, strict=True):
        found = leaks(world, "\n".join(tab.frames), side, side.client_id)
        report.findings += [f"frames of {side.name}: {leak}" for leak in found]
        await tab.close()
