"""After which requests open chats are looked at again, and how often."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from web.chat.rechecks import Rechecks


class Looks:
    """Counts; a look ends when it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.going = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        await self.going.wait()
        return 0


async def asked(method: str, path: str, status: int = 200) -> int:
    """How many looks one request made."""
    looks = Looks()
    looks.going.set()
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    await Rechecks(looks).after(PlainTextResponse("", status), scope, receive, send)
    return looks.begun


async def receive() -> dict[str, str]:
    return {"type": "http.request"}


async def send(_: object) -> None:
    pass


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/logout"),
        ("DELETE", "/api/members/someone"),
        ("DELETE", "/api/clients/acme"),
        ("POST", "/logout"),
        ("POST", "/settings/members/someone/remove"),
        ("POST", "/a/route/made/later"),
    ],
)
async def test_a_change_is_followed_by_a_look(method: str, path: str) -> None:
    assert await asked(method, path) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/clients", 200),
        ("HEAD", "/login", 200),
        ("DELETE", "/api/members/someone", 404),
        ("POST", "/api/conversations/one/messages", 200),
        ("POST", "/v1/chat/completions", 200),
        ("POST", "/api/stripe/webhook", 200),
    ],
)
async def test_what_changes_nothing_or_was_refused_is_not(method: str, path: str, status: int) -> None:
    assert await asked(method, path, status) == 0


async def test_a_change_whose_answer_reached_nobody_is_followed_by_one_too() -> None:
    looks = Looks()
    looks.going.set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Rechecks(looks).after(app, {"type": "http", "method": "POST", "path": "/logout"}, receive, send)
    assert looks.begun == 1


async def test_changes_that_come_while_one_looks_share_the_next_look() -> None:
    looks = Looks()
    rechecks = Rechecks(looks)
    first = asyncio.create_task(rechecks.look())
    while not looks.begun:
        await asyncio.sleep(0)
    others = [asyncio.create_task(rechecks.look()) for _ in range(50)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert looks.begun == 1 and not any(each.done() for each in [first, *others])
    looks.going.set()
    await asyncio.gather(first, *others)
    assert looks.begun == 2


async def test_a_caller_who_goes_away_takes_nobody_elses_look_with_them() -> None:
    looks = Looks()
    rechecks = Rechecks(looks)
    one, other = (asyncio.create_task(rechecks.look()) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    looks.going.set()
    await other
    assert looks.begun == 1
