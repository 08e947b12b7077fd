"""Raw frames on the chat's socket, against the whole product: what no page sends ends the socket and nothing else."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.chat import HOME, Person, Tab, conversation, signed_in
from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

POLICY, TOO_BIG = 1008, 1009  # RFC 6455, 7.4.1
STOP = '42["stop"]'


@pytest.fixture
def person(product: Product) -> Person:
    return signed_in(product.url, "/api/auth/login", {"email": EMAIL, "password": PASSWORD})


@asynccontextmanager
async def opened(person: Person) -> AsyncIterator[ClientConnection]:
    """A socket whose transport is open, as Engine.IO says it."""
    headers = {"Cookie": f"camarad_session={person.cookies['camarad_session']}"}
    address = f"{person.base.replace('http', 'ws', 1)}{HOME}/ws/socket.io/?EIO=4&transport=websocket"
    async with connect(address, origin=person.base, additional_headers=headers, max_size=None, proxy=None) as socket:  # type: ignore[arg-type]
        assert str(await socket.recv()).startswith("0{")
        yield socket


@asynccontextmanager
async def joined(person: Person) -> AsyncIterator[ClientConnection]:
    """And in which the page said who it is."""
    async with opened(person) as socket:
        await socket.send("40" + json.dumps({"sessionId": str(uuid.uuid4()), "threadId": ""}))
        assert str(await socket.recv()).startswith("40{")
        yield socket


async def code_of_the_end(socket: ClientConnection) -> int:
    """With which the server closed it."""
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            return closed.rcvd.code


@pytest.mark.parametrize(
    "frame",
    [
        '42["edit_message",{"message":{}}]',
        '42["client_message"]',
        '42["stop",{}]',
        '421["stop"]',
        '451-["client_message",{"_placeholder":true,"num":0}]',
        "40/other,{}",
        '40{"sessionId":"../x"}',
        '43["stop"]',
        "42" + "[" * 100_000,
        "not a packet",
        "",
        b"\x00\x01",
    ],
    ids=str,
)
async def test_what_no_page_sends_ends_the_socket(person: Person, frame: str | bytes) -> None:
    async with joined(person) as socket:
        await socket.send(frame)
        assert await code_of_the_end(socket) == POLICY


async def test_nothing_is_taken_before_the_page_said_who_it_is(person: Person) -> None:
    async with opened(person) as socket:
        await socket.send(STOP)
        assert await code_of_the_end(socket) == POLICY


async def test_nothing_is_taken_after_the_page_left(person: Person) -> None:
    async with joined(person) as socket:
        await socket.send("41")
        await socket.send(STOP)
        assert await code_of_the_end(socket) in (1000, 1005, POLICY)


async def test_more_than_a_frame_carries_ends_the_socket(person: Person) -> None:
    async with joined(person) as socket:
        await socket.send('42["client_message",{"message":{"output":"' + "x" * 1_000_000 + '"}}]')
        assert await code_of_the_end(socket) == TOO_BIG


async def test_a_flood_of_them_is_over_with_the_first(person: Person) -> None:
    async with joined(person) as socket:
        with suppress(ConnectionClosed):
            for _ in range(10_000):
                await socket.send('42["audio_chunk",{}]')
        assert await code_of_the_end(socket) == POLICY


async def test_another_tab_goes_on_and_the_log_tells_no_fault(product: Product, person: Person) -> None:
    tab = Tab()
    await conversation(tab, person)
    log = product.data / "logs" / "camarad.jsonl"
    before = log.stat().st_size
    for frame in ("42[]", b"\x00", "9", "461-[]", "40/other,{}"):
        async with joined(person) as socket:
            await socket.send(frame)
            await code_of_the_end(socket)
    await tab.say("What is connected for this client?")
    await tab.until("window_message", camarad="state", state="answered")
    await tab.client.disconnect()
    lines = [json.loads(line) for line in log.read_bytes()[before:].decode().splitlines()]
    assert [line for line in lines if line["level"] in ("warning", "error", "critical")] == []
    assert sum(line["event"] == "chat.frame_refused" for line in lines) == 5
