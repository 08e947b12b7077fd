"""The id of a live session, stolen: whoever is not its owner gets nothing by it; its owner is not disturbed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
import socketio

from tests.support.chat import HOME, OTHER, QUESTION, Person, Tab, signed_in
from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

Thief = Callable[[Product, Person], tuple[Person, str]]


def another_tab_of_the_person(_: Product, person: Person) -> tuple[Person, str]:
    """The same sign-in, at another client of the workspace."""
    return person, OTHER


def a_stranger(product: Product, _: Person) -> tuple[Person, str]:
    """Somebody with a workspace and a client of their own."""
    body = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "workspace": "Elsewhere"}
    stranger = signed_in(product.url, "/api/auth/signup", body)
    with stranger.http as client:
        csrf = client.get("/api/auth/status").json()["csrf_token"]
        made = client.post("/api/clients", json={"name": "Mine"}, headers={"x-csrf-token": csrf})
    return stranger, f"/c/{made.json()['client']['id']}/chat"


THIEVES = pytest.mark.parametrize("thief", [another_tab_of_the_person, a_stranger])


@pytest.fixture
def person(product: Product) -> Person:
    return signed_in(product.url, "/api/auth/login", {"email": EMAIL, "password": PASSWORD})


@pytest.fixture
async def victim(person: Person) -> AsyncIterator[Tab]:
    tab = Tab()
    yield tab
    await tab.client.disconnect()


async def steals(product: Product, person: Person, thief: Thief, session: str) -> list[str]:
    """What somebody hears who opens a socket with that id."""
    who, prefix = thief(product, person)
    tab = Tab()
    try:
        with pytest.raises(socketio.exceptions.ConnectionError):
            await tab.open(who, prefix, session=session)
    finally:
        await tab.client.disconnect()
        if tab.client.eio.http is not None:
            await tab.client.eio.http.close()
    return [name for name, _ in tab.heard._queue]  # type: ignore[attr-defined]


async def asks(tab: Tab) -> None:
    await tab.say(QUESTION)
    await tab.until("window_message", camarad="state", state="answered")


@THIEVES
async def test_a_session_in_use_cannot_be_taken_over(
    product: Product, person: Person, victim: Tab, thief: Thief
) -> None:
    session = str(uuid.uuid4())
    await victim.open(person, HOME, session=session)
    await asks(victim)
    assert await steals(product, person, thief, session) == []
    await asks(victim)


@THIEVES
async def test_a_session_that_waits_for_its_page_cannot_be_taken_over(
    product: Product, person: Person, victim: Tab, thief: Thief
) -> None:
    session, before = str(uuid.uuid4()), Tab()
    await before.open(person, HOME, session=session)
    await asks(before)
    await before.client.disconnect()
    assert await steals(product, person, thief, session) == []
    await victim.open(person, HOME, session=session)
    await asks(victim)


async def test_an_answer_under_way_is_told_to_its_owner_alone(product: Product, person: Person, victim: Tab) -> None:
    session = str(uuid.uuid4())
    await victim.open(person, HOME, session=session)
    await victim.say(QUESTION)
    heard = await asyncio.gather(*(steals(product, person, thief, session) for thief in (a_stranger,) * 5))
    assert heard == [[]] * 5
    await victim.until("window_message", camarad="state", state="answered")
