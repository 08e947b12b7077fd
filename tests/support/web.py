"""The whole HTTP application for tests: its real edge, routes and services, without the chat page in front.

async with running(settings) as camarad:
    ana = await camarad.sign_up("ana@example.com")
    answer = await ana.post("/api/clients", {"name": "Acme"})
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from camarad.clock import Clock
from camarad.settings import Settings
from web.app import build_app
from web.edge import Edge
from web.services import Services, build_services

HOME = "http://127.0.0.1"
PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """One cookie jar. `csrf` and `client_id` go with every call once they are known."""

    http: httpx.AsyncClient
    csrf: str = ""
    client_id: str = ""

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"X-CSRF-Token": self.csrf} if self.csrf else {}
        if self.client_id:
            sent["X-Client-ID"] = self.client_id
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, json=body, headers={k: v for k, v in sent.items() if v})

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("POST", path, {} if body is None else body, **headers)

    async def form(self, path: str, **fields: str) -> httpx.Response:
        return await self.http.post(path, data=fields, headers={"Accept": "text/html"})

    async def page(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={"Accept": "text/html", **headers})

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        answer = await self.http.post("/api/auth/login", json={"email": email, "password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf_token"]
        return answer

    async def new_client(self, name: str = "Acme", **fields: str) -> str:
        """Make a client and use it from here on."""
        answer = await self.post("/api/clients", {"name": name, **fields})
        assert answer.status_code == 201, answer.text
        self.client_id = answer.json()["client"]["id"]
        return self.client_id

    async def new_conversation(self) -> str:
        answer = await self.post("/api/conversations/new")
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["conversation"]["id"]
        return found

    async def say(self, conversation_id: str, text: str, **headers: str) -> httpx.Response:
        return await self.post(f"/api/conversations/{conversation_id}/messages", {"text": text}, **headers)


@dataclass
class Camarad:
    services: Services
    app: ASGIApp

    def browser(self, address: str = "127.0.0.1") -> Browser:
        transport = httpx.ASGITransport(app=self.app, client=(address, 50_000))
        return Browser(httpx.AsyncClient(transport=transport, base_url=HOME, timeout=30))

    async def sign_up(self, email: str = "ana@example.com", password: str = PASSWORD) -> Browser:
        browser = self.browser()
        answer = await browser.http.post("/api/auth/signup", json={"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        browser.csrf = answer.json()["csrf_token"]
        return browser


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Camarad]:
    services = build_services(settings, clock=clock)
    app = build_app(services)
    async with app.router.lifespan_context(app):
        yield Camarad(services, Edge(app, settings, services.metrics))


def events(body: str) -> list[tuple[str, Any]]:
    """Server-sent events as (name, data)."""
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["error"]["code"]
    return found
