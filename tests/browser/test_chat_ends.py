"""A chat that is open ends when what it rests on does, and one person cannot hold open any number of them."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing

import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as Refused

from tests.support.chat import HOME, OTHER, Person, Tab, signed_in
from tests.support.product import EMAIL, PASSWORD, Product
from web.chat.openings import MOST

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def person(product: Product) -> Person:
    return owner_of(product)


def owner_of(product: Product) -> Person:
    return signed_in(product.url, "/api/auth/login", {"email": EMAIL, "password": PASSWORD})


def newcomer(product: Product) -> Person:
    body = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "workspace": "Elsewhere"}
    return signed_in(product.url, "/api/auth/signup", body)


@asynccontextmanager
async def chat(person: Person, prefix: str = HOME) -> AsyncIterator[Tab]:
    tab = Tab()
    await tab.open(person, prefix)
    try:
        await tab.until("window_message", camarad="ready")
        yield tab
    finally:
        await tab.client.disconnect()


def changing(client: httpx.Client) -> dict[str, str]:
    return {"x-csrf-token": client.get("/api/auth/status").json()["csrf_token"]}


def done(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer


async def is_cut_at_once(tab: Tab) -> bool:
    """Sooner than the look that comes every twenty seconds, whatever happens."""
    async with asyncio.timeout(5):
        await tab.until("window_message", camarad="gone")
        await tab.client.wait()
    return not tab.client.connected


async def goes_on(tab: Tab) -> bool:
    await tab.say("What is connected for this client?")
    await tab.until("window_message", camarad="state", state="answered")
    return tab.client.connected


async def test_signing_out_cuts_the_sockets_of_that_sign_in_only(product: Product, person: Person) -> None:
    async with chat(person) as mine, chat(owner_of(product)) as theirs:
        with person.http as client:
            done(client.post(f"{HOME}/logout"))
            assert client.get(f"{HOME}/user").status_code == 401
        assert await is_cut_at_once(mine)
        assert await goes_on(theirs)


async def test_signing_out_in_the_chat_is_on_record_like_any_signing_out(product: Product) -> None:
    person = newcomer(product)
    with person.http as client:
        email = client.get("/api/auth/status").json()["user"]["email"]
        home = done(client.post("/api/clients", json={"name": "Lumen"}, headers=changing(client))).json()["client"][
            "id"
        ]
        done(client.post(f"/c/{home}/chat/logout", headers={"origin": product.url, "x-request-id": "out-1"}))
    with signed_in(product.url, "/api/auth/login", {"email": email, "password": "a long password"}).http as client:
        events = client.get("/api/audit").json()["events"]
    (out,) = [event for event in events if event["act"] == "signed_out"]
    assert out["user"]["email"] == email and out["request_id"] == "out-1" and out["subject"] == ""
    assert out["address"] == "127.0.0.1" and out["detail"] == {}


def joined(product: Product, owner: httpx.Client) -> Person:
    """Somebody new in the owner's workspace."""
    url = done(owner.post("/api/invitations", json={}, headers=changing(owner))).json()["url"]
    token = {"token": url.partition("token=")[2]}
    with newcomer(product).http as client:
        accepted = done(client.post("/api/invitations/accept", json=token, headers=changing(client)))
    return Person(product.url, dict(accepted.cookies))


async def test_a_member_removed_while_the_chat_is_open_is_cut_at_once(product: Product, person: Person) -> None:
    with person.http as client:
        member = joined(product, client)
        members = client.get("/api/members").json()["members"]
        (their_id,) = [each["user_id"] for each in members if not each["me"]]
        async with chat(member) as theirs, chat(person) as mine:
            done(client.delete(f"/api/members/{their_id}", headers=changing(client)))
            assert await is_cut_at_once(theirs)
            assert await goes_on(mine)


async def test_a_client_archived_while_its_chat_is_open_is_cut_at_once(person: Person) -> None:
    with person.http as client:
        made = done(client.post("/api/clients", json={"name": "Passing"}, headers=changing(client)))
        passing = made.json()["client"]["id"]
        async with chat(person, f"/c/{passing}/chat") as tab, chat(person, OTHER) as other:
            done(client.delete(f"/api/clients/{passing}", headers=changing(client)))
            assert await is_cut_at_once(tab)
            assert await goes_on(other)


def end_in_the_database(product: Product, person: Person) -> None:
    """As a server on another host does."""
    token = hashlib.sha256(person.cookies["camarad_session"].encode()).hexdigest()
    with closing(sqlite3.connect(product.data / "camarad.db", timeout=20)) as database, database:
        ended = database.execute("UPDATE auth_sessions SET revoked_at = created_at WHERE token_hash = ?", (token,))
        assert ended.rowcount == 1


@pytest.mark.parametrize("event", ["connection_successful", "stop"])
async def test_a_sign_in_that_ended_elsewhere_is_told_at_the_next_event(
    product: Product, person: Person, event: str
) -> None:
    async with chat(person) as tab:
        end_in_the_database(product, person)
        await tab.client.emit(event)
        assert await is_cut_at_once(tab)


async def test_one_person_holds_open_a_bounded_number_of_chats(product: Product) -> None:
    """And neither is anybody else kept out, nor is that person once a tab is closed."""
    busy = newcomer(product)
    with busy.http as client:
        made = done(client.post("/api/clients", json={"name": "Busy"}, headers=changing(client)))
        home = f"/c/{made.json()['client']['id']}/chat"
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(chat(busy, home)) for _ in range(MOST)]
        one_more = Tab()
        with pytest.raises(Refused):
            await one_more.open(busy, home)
        assert isinstance(one_more.client, socketio.AsyncClient) and one_more.client.eio.http is not None
        await one_more.client.eio.http.close()
        async with chat(owner_of(product)):
            pass
        await held.pop().client.disconnect()
        async with chat(busy, home) as again:
            assert again.client.connected
