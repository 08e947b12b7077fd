"""Streamed text leaves in batches and loses nothing."""

from __future__ import annotations

import asyncio

from web.chat.flush import Flusher


class Page:
    def __init__(self) -> None:
        self.got: list[str] = []
        self.seen = asyncio.Event()

    async def take(self, text: str) -> None:
        self.got.append(text)
        self.seen.set()


async def test_the_first_piece_is_sent_at_once() -> None:
    page = Page()
    flusher = Flusher(page.take, every=3600)
    await flusher.push("Hello")
    assert page.got == ["Hello"]
    await flusher.close()


async def test_pieces_in_between_leave_together() -> None:
    page = Page()
    flusher = Flusher(page.take, every=0.01)
    for piece in ("a", "b", "c", "d"):
        await flusher.push(piece)
    assert page.got == ["a"]
    page.seen.clear()
    await asyncio.wait_for(page.seen.wait(), 5)
    assert page.got == ["a", "bcd"]
    await flusher.close()


async def test_closing_sends_what_is_left_in_order() -> None:
    page = Page()
    flusher = Flusher(page.take, every=3600)
    for piece in ("one ", "two ", "three"):
        await flusher.push(piece)
    await flusher.close()
    assert "".join(page.got) == "one two three"


async def test_a_piece_that_is_half_sent_while_closing_is_not_lost() -> None:
    got: list[str] = []
    gate = asyncio.Event()

    async def slow(text: str) -> None:
        if text == "two":
            await gate.wait()
        got.append(text)

    flusher = Flusher(slow, every=0.001)
    await flusher.push("one")
    await flusher.push("two")
    closing = asyncio.create_task(flusher.close())
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.wait_for(closing, 5)
    assert got == ["one", "two"]


async def test_text_after_a_pause_is_sent_at_once_again() -> None:
    page = Page()
    flusher = Flusher(page.take, every=0.001)
    await flusher.push("one")
    assert flusher._task is not None
    await flusher._task
    await flusher.push("two")
    assert page.got == ["one", "two"]
    await flusher.close()
