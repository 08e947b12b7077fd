"""Attacks on the API from a second workspace, with canaries in the first, and requests bent out of shape."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from camarad.models import AuthSession
from tests.support.model_server import ModelServer, text
from tests.support.web import Browser, Camarad, code, events

CANARY = "canary-7f3a"
SAME = {"X_Request_ID": "same"}


@dataclass
class Two:
    """Bob's workspace holds canaries in every text; Ana's is empty and wants them."""

    api: Camarad
    ana: Browser
    bob: Browser
    client: str
    conversation: str
    message: str


@pytest.fixture
async def two(api: Camarad, model_server: ModelServer) -> AsyncIterator[Two]:
    model_server.otherwise = text(f"The answer is {CANARY}")
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    await ana.new_client("Mine")
    client = await bob.new_client(f"Client {CANARY}")
    conversation = await bob.new_conversation()
    assert (await bob.say(conversation, f"Remember {CANARY}")).status_code == 200
    said = (await bob.get(f"/api/conversations/{conversation}/messages")).json()["messages"]
    yield Two(api, ana, bob, client, conversation, said[-1]["id"])


def by_id(two: Two) -> list[tuple[str, str, Any]]:
    """Every by-id call, with `{c}` for the conversation and `{m}` for the message."""
    return [
        ("GET", "/api/conversations/{c}", None),
        ("PATCH", "/api/conversations/{c}", {"title": "mine now"}),
        ("GET", "/api/conversations/{c}/messages", None),
        ("POST", "/api/conversations/{c}/messages", {"text": "hello"}),
        ("GET", "/api/conversations/{c}/export?format=md", None),
        ("GET", "/api/conversations/{c}/export?format=json", None),
        ("GET", "/api/conversations/{c}/events", None),
        ("POST", "/api/conversations/{c}/stop", {}),
        ("PUT", "/api/conversations/{c}/messages/{m}/feedback", {"value": 0}),
        ("GET", "/api/chat/suggestions?conversation_id={c}", None),
        ("DELETE", "/api/conversations/{c}", None),
    ]


def comparable(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)


async def test_another_workspaces_ids_answer_byte_for_byte_like_ids_that_never_were(two: Two) -> None:
    unknown = "0199aaaa-0000-7000-8000-000000000000"
    for method, path, body in by_id(two):
        foreign = await two.ana.call(method, path.format(c=two.conversation, m=two.message), body, **SAME)
        never = await two.ana.call(method, path.format(c=unknown, m=unknown), body, **SAME)
        assert comparable(foreign) == comparable(never), (method, path)
        assert foreign.status_code == 404 and CANARY not in foreign.text, (method, path)
    kept = await two.bob.get(f"/api/conversations/{two.conversation}/messages")
    assert kept.status_code == 200 and len(kept.json()["messages"]) == 2


async def test_a_message_of_another_conversation_takes_no_feedback(two: Two) -> None:
    mine = await two.ana.new_conversation()
    for message in (two.message, "no-such"):
        path = f"/api/conversations/{mine}/messages/{message}/feedback"
        assert (await two.ana.call("PUT", path, {"value": 1})).status_code == 404


async def test_no_list_of_one_workspace_holds_anything_of_another(two: Two) -> None:
    paths = (
        "/api/clients", "/api/conversations", f"/api/conversations?q={CANARY}", "/api/agents/list", "/api/usage",
        "/api/connectors/list", "/api/chat/suggestions", "/api/user/snapshot", "/api/auth/status", "/openapi.json",
        "/app", "/settings", "/settings/billing", "/connectors", "/connectors/ga4",
    )  # fmt: skip
    for path in paths:
        answer = await two.ana.get(path)
        assert answer.status_code == 200 and CANARY not in answer.text, path


FORGED = (
    "X-User-ID", "X-Workspace-ID", "X-Tenant-ID", "X-Auth-User", "X-Forwarded-User", "X-Remote-User", "Remote-User",
    "X-Original-URL", "X-Rewrite-URL", "X-Client", "Client-ID", "X-HTTP-Method-Override", "X-Method-Override",
)  # fmt: skip


async def test_headers_that_claim_an_identity_or_another_address_change_nothing(two: Two) -> None:
    theirs = (await two.bob.get("/api/auth/status")).json()
    values = [theirs["user"]["id"], theirs["workspace"]["id"], two.client, "/api/auth/status", "DELETE"]
    plain = (await two.ana.get("/api/conversations", **SAME)).content
    for name in FORGED:
        for value in values:
            sent = {**SAME, name.replace("-", "_"): value}
            assert (await two.ana.get("/api/conversations", **sent)).content == plain, (name, value)
    stranger = two.api.browser()
    for name in FORGED:
        assert (await stranger.get("/api/conversations", **{name: values[0]})).status_code == 401, name


async def test_a_client_in_the_address_or_body_never_widens_the_scope(two: Two) -> None:
    mine = two.ana.client_id
    for path in (f"/api/conversations?client_id={two.client}", f"/api/agents/list?X-Client-ID={two.client}"):
        assert CANARY not in (await two.ana.get(path)).text
    body = {"client_id": two.client, "workspace_id": "x", "user_id": "x"}
    made = (await two.ana.post("/api/conversations/new", body)).json()["conversation"]["id"]
    assert (await two.bob.get(f"/api/conversations/{made}")).status_code == 404
    assert (await two.ana.get(f"/api/conversations/{made}")).status_code == 200 and two.ana.client_id == mine


async def test_the_other_client_cannot_be_named_by_any_spelling(two: Two) -> None:
    for named in (
        two.client,
        f" {two.client} ",
        two.client.upper(),
        f"{two.client},{two.ana.client_id}",
        "*",
        "%",
        "'--",
    ):
        answer = await two.ana.get("/api/conversations", X_Client_ID=named)
        assert answer.status_code == 404 and CANARY not in answer.text, named


async def test_a_method_in_a_form_field_or_query_is_no_method(two: Two) -> None:
    path = f"/api/clients/{two.bob.client_id}"
    assert (await two.bob.post(f"{path}?_method=DELETE", {"_method": "DELETE"})).status_code == 405
    assert (await two.bob.get(f"{path}?_method=DELETE")).status_code == 200
    assert (await two.bob.get(path)).status_code == 200


async def test_a_key_of_one_workspace_replays_nothing_to_another(two: Two) -> None:
    first = await two.bob.say(two.conversation, "Hello", Idempotency_Key="shared-key")
    mine = await two.ana.new_conversation()
    other = await two.ana.say(mine, "Quite different", Idempotency_Key="shared-key")
    assert first.status_code == other.status_code == 200
    assert first.json()["message"]["id"] != other.json()["message"]["id"]


async def test_a_replay_as_json_and_as_events_is_the_stored_answer_and_charged_once(
    two: Two, model_server: ModelServer
) -> None:
    mine, before = await two.ana.new_conversation(), len(model_server.requests)
    key = {"Idempotency_Key": "once"}
    first = (await two.ana.say(mine, "Hello", **key)).json()
    balance = (await two.ana.get("/api/user/snapshot")).json()["balance_ct"]
    streamed = await two.ana.say(mine, "Hello", Accept="text/event-stream", **key)
    found = events(streamed.text)
    assert found[-1] == ("done", first) and (await two.ana.say(mine, "Hello", **key)).json() == first
    assert len(model_server.requests) == before + 1
    snapshot = (await two.ana.get("/api/user/snapshot")).json()
    assert snapshot["balance_ct"] == balance and snapshot["held_ct"] == 0
    assert len((await two.ana.get("/api/usage")).json()["rows"]) == 1
    for words in ("Other words", "hello", "Hello!"):
        answer = await two.ana.say(mine, words, **key)
        assert answer.status_code == 409 and code(answer) == "idempotency_mismatch"


@pytest.mark.parametrize("key", ["x" * 129, "order 1", "order/1"])
async def test_a_key_that_cannot_be_one_is_refused_before_anything_is_asked(
    two: Two, model_server: ModelServer, key: str
) -> None:
    mine = await two.ana.new_conversation()
    before = len(model_server.requests)
    answer = await two.ana.say(mine, "Hello", Idempotency_Key=key)
    assert answer.status_code == 422 and code(answer) == "bad_idempotency_key"
    assert "128" in answer.json()["error"]["hint"] and len(model_server.requests) == before
    said = await two.ana.say(mine, "Hello", Idempotency_Key="x" * 128)
    assert said.status_code == 200 and said.headers["x-request-id"] == "x" * 128
    paths = (await two.ana.get("/openapi.json")).json()["paths"]
    for path in ("/api/conversations/{conversation_id}/messages", "/v1/chat/completions"):
        assert "idempotency-key" in [each["name"].lower() for each in paths[path]["post"]["parameters"]]


@pytest.mark.parametrize("sent", [["order 1"], [""], ["x" * 129], ["one", "two"], ["a", "a"]])
@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Request-ID"])
async def test_what_makes_a_repeat_free_is_usable_or_refused(
    two: Two, model_server: ModelServer, header: str, sent: list[str]
) -> None:
    """Replaced in silence, a request sent again would be paid for twice."""
    mine, ana, before = await two.ana.new_conversation(), two.ana, len(model_server.requests)
    headers = [("X-CSRF-Token", ana.csrf), ("X-Client-ID", ana.client_id), *((header, each) for each in sent)]
    said = await ana.http.post(f"/api/conversations/{mine}/messages", json={"text": "Hello"}, headers=headers)
    assert (said.status_code, code(said)) == (422, "bad_idempotency_key") and header in said.text
    assert len(model_server.requests) == before


async def test_a_request_id_of_a_proxy_is_no_matter_beside_a_key(two: Two) -> None:
    mine = await two.ana.new_conversation()
    said = await two.ana.say(mine, "Hello", Idempotency_Key="order-1", X_Request_ID="a proxy's, of another shape")
    assert said.status_code == 200 and said.headers["x-request-id"] == "order-1"


@pytest.mark.parametrize("ended", ["signed_out", "expired", "revoked", "garbage", "empty"])
async def test_a_sign_in_that_ended_is_none_everywhere(two: Two, ended: str) -> None:
    jar = two.bob.http.cookies
    if ended == "signed_out":
        stolen = jar["camarad_session"]
        await two.bob.post("/api/auth/logout")
        jar.set("camarad_session", stolen)
    elif ended in ("garbage", "empty"):
        jar.clear()
        jar.set("camarad_session", "x" * 4000 if ended == "garbage" else "")
    else:
        now = two.api.services.clock.now()
        change = {"expires_at": now - timedelta(1)} if ended == "expired" else {"revoked_at": now}
        async with two.api.services.database.write() as session:
            await session.execute(update(AuthSession).values(**change))
    for method, path, body in by_id(two):
        answer = await two.bob.call(method, path.format(c=two.conversation, m=two.message), body)
        assert answer.status_code == 401 and answer.headers["cache-control"] == "no-store", path
        assert "www-authenticate" in answer.headers and CANARY not in answer.text


async def test_private_answers_are_never_kept(two: Two) -> None:
    for path in ("/api/clients", "/api/conversations", f"/api/conversations/{two.conversation}/export", "/app"):
        assert (await two.bob.get(path)).headers["cache-control"] == "no-store", path


async def test_head_and_options_give_nothing_away(two: Two) -> None:
    path = f"/api/conversations/{two.conversation}"
    for method in ("HEAD", "OPTIONS", "TRACE", "PROPFIND"):
        answer = await two.ana.call(method, path)
        assert answer.status_code in (404, 405) and CANARY not in answer.text, method
        stranger = await two.api.browser().call(method, path)
        assert stranger.status_code in (401, 405) and "access-control-allow-origin" not in stranger.headers


async def test_pages_walk_a_list_without_gaps_and_no_page_is_too_large(two: Two) -> None:
    made = {await two.ana.new_conversation() for _ in range(5)}
    seen: list[str] = []
    before: str | None = None
    for _ in range(10):
        query = {"limit": "2"} | ({"before": before} if before else {})
        answer = await two.ana.http.get("/api/conversations", params=query, headers={"X-Client-ID": two.ana.client_id})
        seen += [c["id"] for c in answer.json()["conversations"]]
        before = answer.json()["next"]
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 5 and set(seen) == made
    for bad in ("limit=101", "limit=-1", "limit=1e9", "before=9999-99-99", "before=2026-01-01T00:00:00", "limit=%F0"):
        assert (await two.ana.get(f"/api/conversations?{bad}")).status_code == 422, bad


HEADERS_OF_JSON = {"Content-Type": "application/json"}
BENT: list[tuple[str, bytes, dict[str, str]]] = [
    ("deep arrays", b"[" * 20_000 + b"]" * 20_000, HEADERS_OF_JSON),
    ("deep objects", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, HEADERS_OF_JSON),
    ("a wide object", json.dumps({f"k{n}": n for n in range(20_000)}).encode(), HEADERS_OF_JSON),
    ("a huge number", b'{"text": ' + b"9" * 10_000 + b"}", HEADERS_OF_JSON),
    ("not a number", b'{"text": NaN}', HEADERS_OF_JSON),
    ("a cut string", b'{"text": "abc', HEADERS_OF_JSON),
    ("two documents", b'{"name": "a"} {"name": "b"}', HEADERS_OF_JSON),
    ("half a character", b'{"name": "\xc4"}', HEADERS_OF_JSON),
    ("bytes", bytes(range(256)) * 20, {"Content-Type": "application/octet-stream"}),
    ("a form", b"name=Acme", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("no type", b'{"name": 1}', {}),
    ("a type of nonsense", b"{}", {"Content-Type": ";;;/="}),
    ("multipart without parts", b"--x", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("packed", b"\x1f\x8b\x08\x00", {**HEADERS_OF_JSON, "Content-Encoding": "gzip"}),
]


async def test_bodies_bent_out_of_shape_are_refused_in_the_contracts_form(two: Two) -> None:
    known = {"X-CSRF-Token": two.ana.csrf, "X-Client-ID": two.ana.client_id}
    mine = await two.ana.new_conversation()
    targets = (
        ("POST", "/api/clients"),
        ("PATCH", f"/api/clients/{two.ana.client_id}"),
        ("POST", f"/api/conversations/{mine}/messages"),
        ("PATCH", f"/api/conversations/{mine}"),
        ("POST", "/api/auth/login"),
    )
    for name, body, headers in BENT:
        for method, path in targets:
            answer = await two.ana.http.request(method, path, content=body, headers={**known, **headers})
            assert answer.status_code in (200, 422), (name, method, path, answer.text)  # a change of nothing is fine
            if answer.status_code == 422:
                assert set(answer.json()["error"]) == {"code", "message", "hint", "request_id"}
                assert answer.headers["cache-control"] == "no-store"


async def test_strange_addresses_are_plain_not_found(two: Two) -> None:
    tail = ("../../etc/passwd", "..%2f..%2fetc", "%F0%9F%8E%89", "a" * 3000, "'; DROP TABLE clients;--", "%ff%fe", "{}")
    for strange in tail:
        answer = await two.ana.get(f"/api/conversations/{strange}")
        assert answer.status_code == 404 and "traceback" not in answer.text.lower(), strange
