"""Told to stop while pages are open and an answer is being written, the server ends soon and loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio

from tests.support.model_server import ModelServer, quiet, text
from tests.support.product import Product
from tests.support.serving import Caller, address, launch, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHAT = "/c/demo-lampadar/chat/ws/socket.io"
MOST_SECONDS = 20.0  # to end, on a machine with other work; a quiet one takes 3 to 4


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    server.start()
    yield server
    server.stop()


def settings(model: ModelServer) -> dict[str, str]:
    return {
        "CAMARAD_MODEL": "openai/scripted",
        "CAMARAD_MODEL_BASES": json.dumps({"openai": model.base}),
        "CAMARAD_MODEL_KEYS": json.dumps({"openai": "sk-loopback"}),
        "CAMARAD_MODEL_PRICES": json.dumps({"openai/scripted": {"input": 100_000, "output": 400_000}}),
    }


class Page:
    """A page's socket that knows its conversation and the words it was shown."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.thread, self.words = "", ""
        self.shown, self.ready, self.begun = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.client.on("*", self._hear)

    async def _hear(self, event: str, data: Any = None) -> None:
        if event == "first_interaction":
            self.thread = data["thread_id"]
            self.begun.set()
        elif event == "window_message" and data["camarad"] == "ready":
            self.ready.set()
        elif event in ("stream_start", "stream_token"):
            self.words += data.get("output") or data.get("token") or ""
            self.shown.set()

    async def open(self, caller: Caller, base: str) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in caller.http.cookies.items())
        await self.client.connect(
            base,
            headers={"Cookie": cookie, "Origin": base},
            auth={"sessionId": str(uuid.uuid4()), "threadId": ""},
            transports=["websocket"],
            socketio_path=CHAT,
        )
        await self.client.emit("connection_successful")
        await asyncio.wait_for(self.ready.wait(), 60)

    async def say(self, words: str) -> None:
        """To a specialist, whose words are shown as they come."""
        await self.client.emit("window_message", {"camaradAgent": "seo-strategist"})
        await self.client.emit("client_message", {"message": {"id": str(uuid.uuid4()), "output": words}})


async def stopped_amid(base: str, process: Any, awaited: str) -> tuple[Page, float]:
    """Three open pages, an answer under way in one of them, then SIGTERM. Gives that page and the seconds it took."""
    caller = Caller(Product(base, process, Path()))
    pages = [Page() for _ in range(3)]
    for page in pages:
        await page.open(caller, base)
    await pages[0].say("Tell me a long story")
    await asyncio.wait_for(getattr(pages[0], awaited).wait(), 60)
    began = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 60)
    took = time.perf_counter() - began
    for page in pages:
        await page.client.disconnect()
    caller.http.close()
    return pages[0], took


@pytest.mark.parametrize("awaited", ["shown", "begun"], ids=["while words come", "before the first word"])
async def test_open_pages_and_a_running_answer_do_not_hold_the_server(
    tmp_path: Path, model: ModelServer, awaited: str
) -> None:
    model.reset()
    model.otherwise = text("word " * 4000, piece_delay=0.02) if awaited == "shown" else quiet(60)
    process = launch(tmp_path, **settings(model))
    try:
        base = address(await asyncio.to_thread(until, process, "READY "))
        page, took = await stopped_amid(base, process, awaited)
    finally:
        process.kill()
        said, error = process.communicate(timeout=10)
    assert took < MOST_SECONDS
    assert (process.returncode, error) == (0, "") and said.endswith("Stopping …\nStopped.\n")
    (asked, _), (answer, status) = stored(tmp_path, page.thread)
    assert (asked, status) == ("Tell me a long story", "stopped")
    assert answer.startswith(page.words.strip())  # what was shown is kept


def stored(data: Path, thread: str) -> list[tuple[str, str]]:
    """The texts of a conversation with their states, as the ended server left them."""
    with sqlite3.connect(data / "camarad.db") as database:
        asked = "SELECT text, status FROM messages WHERE conversation_id = ? ORDER BY seq"
        return database.execute(asked, (thread,)).fetchall()
