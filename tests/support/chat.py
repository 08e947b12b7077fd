"""Somebody signed in, and a tab's socket without a browser, against the whole product."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio

HOME = "/c/demo-lampadar/chat"
OTHER = "/c/demo-zambet/chat"
QUESTION = "What is connected for this client?"


@dataclass
class Person:
    """Signed in by the API; `base` is the product's address."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, cookies=self.cookies, headers={"origin": self.base})


def signed_in(base: str, path: str, body: dict[str, str]) -> Person:
    with httpx.Client(base_url=base) as client:
        answer = client.post(path, json=body)
        assert answer.is_success, answer.text
        return Person(base, dict(client.cookies))


class Tab:
    """A browser tab's socket, without the browser."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.client.on("*", self._hear)

    async def _hear(self, event: str, *data: Any) -> None:
        await self.heard.put((event, data[0] if data else None))

    async def open(
        self, person: Person, prefix: str, *, session: str = "", thread: str = "", origin: str | None = None
    ) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        auth = {
            "sessionId": session or str(uuid.uuid4()),
            "threadId": thread,
            "userEnv": "{}",
            "clientType": "webapp",
            "chatProfile": "",
        }
        await self.client.connect(
            person.base,
            headers={"Cookie": cookie, "Origin": person.base if origin is None else origin},
            auth=auth,
            transports=["websocket"],
            socketio_path=f"{prefix}/ws/socket.io",
        )
        await self.client.emit("connection_successful")

    async def until(self, event: str, **facts: Any) -> Any:
        async with asyncio.timeout(30):
            while True:
                name, data = await self.heard.get()
                if name == event and all(data.get(key) == value for key, value in facts.items()):
                    return data

    async def say(self, text: str, under: str = "") -> None:
        await self.client.emit("client_message", {"message": {"id": under or str(uuid.uuid4()), "output": text}})


async def conversation(tab: Tab, person: Person, prefix: str = HOME, under: str = "") -> str:
    await tab.open(person, prefix)
    await tab.say(QUESTION, under)
    thread: str = (await tab.until("first_interaction"))["thread_id"]
    await tab.until("window_message", camarad="state", state="answered")
    return thread
