"""Attacks on the chat's gate, over plain HTTP and real sockets, against the whole product."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import socketio

from tests.support.chat import HOME, OTHER, QUESTION, Person, Tab, conversation, signed_in
from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def person(product: Product) -> Person:
    return signed_in(product.url, "/api/auth/login", {"email": EMAIL, "password": PASSWORD})


@pytest.fixture
def stranger(product: Product) -> Person:
    """Somebody with a workspace of their own."""
    body = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "workspace": "Elsewhere"}
    return signed_in(product.url, "/api/auth/signup", body)


async def refused(person: Person, prefix: str = HOME, **asked: str) -> None:
    """The handshake is turned down."""
    tab = Tab()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await tab.open(person, prefix, **asked)
    if tab.client.eio.http is not None:
        await tab.client.eio.http.close()


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    made = Tab()
    yield made
    await made.client.disconnect()


@pytest.fixture
def nobody(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.url, headers={"origin": product.url}) as client:
        yield client


def test_a_visitor_is_led_to_sign_in(nobody: httpx.Client) -> None:
    assert nobody.get("/chat").headers["location"] == "/login?next=/chat"
    page = nobody.get(f"{HOME}/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/login?next={HOME}/")
    assert nobody.get(f"{HOME}/user").status_code == 401


def test_a_visitor_who_wants_the_demo_is_not_sent_to_sign_in(nobody: httpx.Client) -> None:
    assert nobody.get("/chat?demo=1").headers["location"] == "/chat-demo"


def test_chat_leads_to_the_client_opened_last(person: Person) -> None:
    with person.http as client:
        client.get(f"{OTHER}/")
        assert client.get("/chat").headers["location"] == f"{OTHER}/"


def test_a_foreign_client_answers_like_one_that_never_existed(stranger: Person) -> None:
    with stranger.http as client:
        foreign, unknown = client.get(f"{HOME}/"), client.get("/c/no-such-client/chat/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["error"]["message"] == unknown.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/login"),
        ("POST", "/auth/jwt"),
        ("POST", "/auth/header"),
        ("GET", "/auth/oauth/google"),
        ("POST", "/mcp"),
        ("DELETE", "/mcp"),
        ("PUT", "/project/thread/share"),
        ("GET", "/project/share/01a2057e-9f8c-74d1-8fc4-17124837e320"),
        ("POST", "/project/file"),
        ("PUT", "/project/element"),
        ("DELETE", "/project/element"),
        ("POST", "/project/action"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/copilot/index.js"),
        ("GET", "/health"),
        ("GET", "/ws/socket.io/?EIO=4&transport=polling"),
        ("GET", "/project/thread/..%2f..%2fetc"),
        ("GET", "/public/../gate.py"),
        ("GET", "/public/%2e%2e/gate.py"),
    ],
)
def test_what_the_page_does_not_need_does_not_exist(person: Person, method: str, path: str) -> None:
    with person.http as client:
        assert client.request(method, HOME + path, json={}).status_code == 404


def test_the_bare_mount_of_chainlit_is_not_there(person: Person) -> None:
    with person.http as client:
        assert client.get("/chat/user").status_code == 404
        assert client.get("/chat/project/settings").status_code == 404


def test_source_maps_are_not_served(person: Person) -> None:
    with person.http as client:
        script = client.get(f"{HOME}/").text.split('src="/chat/assets/')[1].split('"')[0]
        assert client.get(f"/chat/assets/{script}").status_code == 200
        assert client.get(f"/chat/assets/{script}.map").status_code == 404


def test_the_bundle_is_compressed_and_immutable(person: Person) -> None:
    with person.http as client:
        script = client.get(f"{HOME}/").text.split('src="/chat/assets/')[1].split('"')[0]
        answer = client.get(f"/chat/assets/{script}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) < 2_000_000


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_change_from_another_site_is_refused(person: Person, origin: str) -> None:
    with person.http as client:
        answer = client.post(f"{HOME}/project/threads", json={}, headers={"origin": origin})
    assert answer.status_code == 403


def test_the_page_names_no_other_host_and_says_so_in_its_policy(person: Person) -> None:
    with person.http as client:
        answer = client.get(f"{HOME}/")
    assert "https://" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_chainlit_sets_no_cookie_of_its_own(person: Person) -> None:
    with person.http as client:
        for path in ("/user", "/project/settings?language=en-US", "/auth/config"):
            assert "set-cookie" not in client.get(HOME + path).headers
        assert "set-cookie" not in client.post(f"{HOME}/set-session-cookie", json={"session_id": "x"}).headers


async def test_a_session_id_that_is_a_path_is_refused_and_touches_nothing(person: Person, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    for session in (str(tmp_path), "../../x", "x" * 36, "not-a-uuid"):
        await refused(person, session=session)
    assert (tmp_path / "kept").exists()


async def test_a_thread_id_that_is_no_uuid_is_refused(person: Person) -> None:
    await refused(person, thread="z') OR 1=1 --")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_a_socket_of_another_site_is_refused(person: Person, origin: str) -> None:
    await refused(person, origin=origin)


async def test_a_socket_without_sign_in_or_to_a_foreign_client_is_refused(product: Product, stranger: Person) -> None:
    for who in (Person(product.url), stranger):
        await refused(who)


async def test_another_clients_conversation_cannot_be_read_resumed_or_changed(tab: Tab, person: Person) -> None:
    thread = await conversation(tab, person)
    with person.http as client:
        assert client.get(f"{HOME}/project/thread/{thread}").status_code == 200
        assert client.get(f"{OTHER}/project/thread/{thread}").status_code == 404
        changed = client.put(f"{OTHER}/project/thread", json={"threadId": thread, "name": "mine"})
        removed = client.request("DELETE", f"{OTHER}/project/thread", json={"threadId": thread})
        assert (changed.status_code, removed.status_code) == (404, 404)
        listed = client.post(f"{OTHER}/project/threads", json={"pagination": {"first": 20}, "filter": {}}).json()
        assert thread not in [row["id"] for row in listed["data"]]
    other = Tab()
    await other.open(person, OTHER, thread=thread)
    assert "not here" in await _error(other)
    await other.client.disconnect()


async def _error(tab: Tab) -> str:
    async with asyncio.timeout(30):
        while True:
            name, data = await tab.heard.get()
            if name == "resume_thread_error":
                return str(data)


async def test_feedback_on_a_foreign_answer_is_refused(tab: Tab, person: Person, stranger: Person) -> None:
    thread = await conversation(tab, person)
    with person.http as client:
        steps = client.get(f"{HOME}/project/thread/{thread}").json()["steps"]
        run = next(step["id"] for step in steps if step["type"] == "run")
        feedback = {"feedback": {"forId": run, "value": 1, "threadId": thread}, "sessionId": "x"}
        assert client.put(f"{OTHER}/feedback", json=feedback).status_code == 404
        assert client.put(f"{HOME}/feedback", json=feedback).status_code == 200
    with stranger.http as client:
        clients = client.post(
            "/api/clients",
            json={"name": "Mine"},
            headers={"x-csrf-token": client.get("/api/auth/status").json()["csrf_token"]},
        )
        own = clients.json()["client"]["id"]
        assert client.put(f"/c/{own}/chat/feedback", json=feedback).status_code == 404


async def test_an_id_another_message_was_sent_under_is_answered_like_any_other(tab: Tab, person: Person) -> None:
    """And neither conversation, nor what is thought of its answer, knows of the other."""
    chosen, other = str(uuid.uuid4()), Tab()
    threads = [(HOME, await conversation(tab, person, HOME, chosen))]
    threads.append((OTHER, await conversation(other, person, OTHER, chosen)))
    await other.client.disconnect()
    with person.http as client:
        feedback = {"feedback": {"forId": f"run-{chosen}", "value": 1}, "sessionId": "x"}
        kept = [client.put(f"{prefix}/feedback", json=feedback).json()["feedbackId"] for prefix, _ in threads]
        read = [client.get(f"{prefix}/project/thread/{thread}").json()["steps"] for prefix, thread in threads]
    ids = [{step["id"] for step in steps} for steps in read]
    assert not ids[0] & ids[1] and not any(chosen in step for step in ids[0] | ids[1])
    assert len(set(kept)) == 2
    assert [[step["feedback"]["id"] for step in steps if step.get("feedback")] for steps in read] == [[k] for k in kept]


@pytest.mark.parametrize("event", ["edit_message", "message_favorite", "chat_settings_change", "audio_start"])
async def test_an_event_the_page_does_not_use_changes_nothing(tab: Tab, person: Person, event: str) -> None:
    thread = await conversation(tab, person)
    await tab.client.emit(event, {"message": {"id": str(uuid.uuid4()), "output": "changed"}})
    await tab.client.wait()
    with person.http as client:
        steps = client.get(f"{HOME}/project/thread/{thread}").json()["steps"]
    assert [step["output"] for step in steps if step["type"] == "user_message"] == [QUESTION]


async def test_a_message_no_page_makes_is_not_heard(tab: Tab, person: Person) -> None:
    thread = await conversation(tab, person)
    await tab.client.emit("client_message", {"message": {"id": "../x", "output": "x"}})
    await tab.client.emit("client_message", "nonsense")
    await tab.say("And now?")
    await tab.until("window_message", camarad="state", state="answered")
    with person.http as client:
        steps = client.get(f"{HOME}/project/thread/{thread}").json()["steps"]
    assert [step["output"] for step in steps if step["type"] == "user_message"] == [QUESTION, "And now?"]


async def test_the_same_message_sent_twice_is_answered_once(tab: Tab, person: Person) -> None:
    await tab.open(person, HOME)
    sent = {"message": {"id": str(uuid.uuid4()), "output": "What is connected for this client?"}}
    await tab.client.emit("client_message", sent)
    thread = (await tab.until("first_interaction"))["thread_id"]
    await tab.until("window_message", camarad="state", state="answered")
    await tab.client.emit("client_message", sent)
    await tab.until("window_message", camarad="state", state="answered")
    with person.http as client:
        steps = client.get(f"{HOME}/project/thread/{thread}").json()["steps"]
    assert len([step for step in steps if step["type"] == "user_message"]) == 1


async def test_a_new_password_cuts_every_socket_of_the_person(product: Product, stranger: Person) -> None:
    with stranger.http as client:
        me = client.get("/api/auth/status").json()
        csrf, email = me["csrf_token"], me["user"]["email"]
        made = client.post("/api/clients", json={"name": "Acme"}, headers={"X-CSRF-Token": csrf}).json()["client"]["id"]
    elsewhere = signed_in(product.url, "/api/auth/login", {"email": email, "password": "a long password"})
    tabs = [Tab(), Tab()]
    for tab, who in zip(tabs, (stranger, elsewhere), strict=True):
        await tab.open(who, f"/c/{made}/chat")
        await tab.until("window_message", camarad="ready")
    body = {"current": "a long password", "password": "another long password"}
    with stranger.http as client:
        changed = client.post("/api/auth/password", json=body, headers={"X-CSRF-Token": csrf})
        assert changed.status_code == 200 and changed.cookies["camarad_session"] != stranger.cookies["camarad_session"]
    for tab in tabs:
        await tab.until("window_message", camarad="gone")
    again = Person(product.url, {"camarad_session": changed.cookies["camarad_session"]})
    await refused(elsewhere, f"/c/{made}/chat")
    await tabs[0].client.disconnect()
    await tabs[1].client.disconnect()
    back = Tab()
    await back.open(again, f"/c/{made}/chat")
    await back.until("window_message", camarad="ready")
    await back.client.disconnect()
