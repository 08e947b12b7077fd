"""The chat's own door and its sockets count like every other route: a flood through them is told to wait."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from camarad.errors import LimitReached
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import HOME, Browser, Camarad, running
from web.chat import gate, sockets
from web.chat.tab import Tab
from web.chat.visit import ClientView, Visit

LIMITS = {"requests_per_minute_address": 8, "requests_per_minute_user": 12, "requests_per_minute_workspace": 50}


@pytest.fixture
async def api(settings: Settings, sqlite_url: str, model_server: ModelServer) -> AsyncIterator[Camarad]:
    async with running(hosted(settings, model_server, **LIMITS)) as camarad:
        yield camarad


@pytest.fixture
def door(api: Camarad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The gate, in front of something that is not Chainlit: importing that is for the whole product."""
    inside = SimpleNamespace(app=PlainTextResponse("inside"), build_dir=str(tmp_path))
    monkeypatch.setattr(gate, "load_chainlit", lambda _: inside)
    monkeypatch.setattr(gate, "hand_over", lambda app, scope, receive, send, *_: app(scope, receive, send))
    return gate.ChatGate(api.app, api.services)  # type: ignore[arg-type]


async def statuses(door: Any, address: str, path: str, times: int, cookies: dict[str, str]) -> list[int]:
    transport = httpx.ASGITransport(app=door, client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=HOME, cookies=cookies) as http:
        return [(await http.get(path)).status_code for _ in range(times)]


async def with_client(api: Camarad) -> tuple[Browser, str]:
    ana = await api.sign_up()
    return ana, await ana.new_client()


async def test_an_address_that_asks_the_chat_too_often_waits_before_anything_is_looked_up(
    api: Camarad, door: Any
) -> None:
    assert await statuses(door, "203.0.113.9", "/c/none/chat/user", 10, {}) == [401] * 8 + [429] * 2


async def test_a_person_who_asks_the_chat_too_often_waits(api: Camarad, door: Any) -> None:
    ana, client = await with_client(api)
    found = await statuses(door, "127.0.0.1", f"/c/{client}/chat/user", 14, dict(ana.http.cookies))
    assert found[0] == 200 and found[-2:] == [429, 429]


async def test_frames_of_a_socket_are_counted(api: Camarad) -> None:
    view = ClientView("client", "Acme", "EUR", "UTC", demo=False)
    visit = Visit(api.services, Scope("ana", "agency", "client"), "sign-in", "ana@example.com", "en", view)
    tab = Tab(SimpleNamespace(), visit, lambda *_: None)  # type: ignore[arg-type, return-value]
    for _ in range(12):
        tab.count()
    with pytest.raises(LimitReached):
        tab.count()


async def test_pressing_stop_and_sending_count_before_anything_is_looked_up(
    api: Camarad, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = ClientView("client", "Acme", "EUR", "UTC", demo=False)
    visit = Visit(api.services, Scope("ana", "agency", "client"), "sign-in", "ana@example.com", "en", view)
    looked, sent = [], []

    async def post(_: Any, event: str, data: Any) -> None:
        sent.append((event, data))

    async def stands(_: Visit) -> bool:
        looked.append("sign-in")
        return False

    async def cut(*_: Any) -> None:
        looked.append("cut")

    tab = Tab(SimpleNamespace(thread_id=None, has_first_interaction=True), visit, post)  # type: ignore[arg-type]
    monkeypatch.setattr(sockets, "_enter", lambda _: tab)
    monkeypatch.setattr(sockets, "cut", cut)
    monkeypatch.setattr(sockets.identity, "stands", stands)
    for _ in range(20):
        await sockets.stop("socket")
    assert looked == ["sign-in", "cut"] * 12
    looked.clear()
    await sockets.message("socket", {"message": {"id": str(uuid.uuid4()), "output": "How are we?"}})
    assert looked == [] and "More than 12 requests" in str(sent)
