"""Conversations and turns over HTTP: shapes, both forms of an answer, isolation, bad input, faults."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.model_server import ModelServer, calls, failure, quiet, text
from tests.support.web import Browser, Camarad, code, events


async def ready(api: Camarad, email: str = "ana@example.com") -> tuple[Browser, str]:
    ana = await api.sign_up(email)
    await ana.new_client()
    return ana, await ana.new_conversation()


async def test_a_turn_as_json_has_the_whole_document(api_both: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api_both)
    model_server.script(text("Nothing is connected yet."))
    answer = await ana.say(conversation, "What is connected?")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert set(document) >= {
        "message", "route", "tool_calls", "approvals", "grounding", "usage", "suggestions", "trace_id",
    }  # fmt: skip
    assert document["message"]["text"].strip() == "Nothing is connected yet."
    assert document["route"] == ["personal-assistant"]
    assert document["usage"]["requests"] == 1 and document["usage"]["ct_actual"] > 0
    balance = (await ana.get("/api/user/snapshot")).json()["balance_ct"]
    assert balance == api_both.services.settings.ct_welcome_grant - document["usage"]["ct_actual"]
    usage = (await ana.get("/api/usage?window=24")).json()
    assert usage["totals"]["ct_actual"] == document["usage"]["ct_actual"] == usage["rows"][0]["ct_actual"]


async def test_the_same_turn_as_events_ends_with_the_document(api: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api)
    model_server.script(text("Nothing is connected yet."))
    answer = await ana.say(conversation, "What is connected?", Accept="text/event-stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert found[0][0] == "agent" and found[-1][0] == "done"
    said = "".join(data["text"] for name, data in found if name == "token")
    assert said.strip() == found[-1][1]["message"]["text"].strip() == "Nothing is connected yet."
    assert {name for name, _ in found} >= {"agent", "token", "usage", "suggestions", "done"}


async def test_a_repeated_request_answers_the_same_turn_and_costs_nothing(
    api_both: Camarad, model_server: ModelServer
) -> None:
    ana, conversation = await ready(api_both)
    first = await ana.say(conversation, "Hello", Idempotency_Key="order-1")
    again = await ana.say(conversation, "Hello", Idempotency_Key="order-1")
    assert first.headers["x-request-id"] == "order-1" and again.json() == first.json()
    assert len(model_server.requests) == 1
    other = await ana.say(conversation, "Something else", Idempotency_Key="order-1")
    assert other.status_code == 409 and code(other) == "idempotency_mismatch"


async def test_conversations_are_listed_a_page_at_a_time(api: Camarad) -> None:
    ana, _ = await ready(api)
    made = [await ana.new_conversation() for _ in range(4)]
    first = (await ana.get("/api/conversations?limit=3")).json()
    rest = (await ana.get(f"/api/conversations?limit=3&before={first['next'].replace('+', '%2B')}")).json()
    listed = [c["id"] for c in first["conversations"] + rest["conversations"]]
    assert len(listed) == 5 == len(set(listed)) and set(made) < set(listed) and rest["next"] is None


async def test_a_conversation_is_renamed_read_exported_and_deleted(api: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api)
    await ana.say(conversation, "Hello there")
    path = f"/api/conversations/{conversation}"
    renamed = await ana.call("PATCH", path, {"title": "First steps"})
    assert renamed.json()["conversation"]["title"] == "First steps"
    said = (await ana.get(f"{path}/messages")).json()["messages"]
    assert [m["role"] for m in said] == ["user", "assistant"] and said[0]["document"] is None
    exported = await ana.get(f"{path}/export?format=md")
    assert exported.text.startswith("# First steps") and "attachment" in exported.headers["content-disposition"]
    assert (await ana.get(f"{path}/export?format=json")).json()["format"] == "camarad.conversation/1"
    feedback = f"{path}/messages/{said[1]['id']}/feedback"
    assert (await ana.call("PUT", feedback, {"value": 1, "comment": "good"})).status_code == 204
    assert (await ana.call("PUT", feedback, {"value": 0})).status_code == 204
    on_question = f"{path}/messages/{said[0]['id']}/feedback"
    assert (await ana.call("PUT", on_question, {"value": 1})).status_code == 404
    assert (await ana.call("DELETE", path)).status_code == 204
    assert (await ana.get(path)).status_code == 404


async def test_a_specialist_can_be_opened_directly_and_an_unknown_agent_cannot(api: Camarad) -> None:
    ana, _ = await ready(api)
    made = await ana.post("/api/conversations/new", {"agent": "ppc-specialist"})
    assert made.status_code == 201 and made.json()["conversation"]["agent"] == "ppc-specialist"
    assert (await ana.post("/api/conversations/new", {"agent": "flow-composer"})).status_code == 404
    assert (await ana.post("/api/conversations/new", {"agent": "nobody"})).status_code == 404


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("GET", "/messages", None),
        ("POST", "/messages", {"text": "hello"}),
        ("GET", "/export", None),
        ("GET", "/events", None),
        ("POST", "/stop", None),
        ("PUT", "/messages/m/feedback", {"value": 1}),
    ],
)
async def test_another_clients_conversation_answers_like_one_that_never_was(
    api: Camarad, method: str, tail: str, body: object
) -> None:
    ana, conversation = await ready(api)
    await ana.new_client("Another client")
    same = {"X_Request_ID": "same"}
    foreign = await ana.call(method, f"/api/conversations/{conversation}{tail}", body, **same)
    unknown = await ana.call(method, f"/api/conversations/no-such{tail}", body, **same)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content and code(foreign) == "not_found"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "message_empty"),
        (" \n\t ", "message_empty"),
        ("\u200b\u2060", "message_empty"),
        ("\x00\x01\x02", "message_empty"),
        ("x" * 200_000, "message_too_long"),
    ],
)
async def test_messages_that_say_nothing_or_too_much_are_refused(api: Camarad, words: str, expected: str) -> None:
    ana, conversation = await ready(api)
    answer = await ana.say(conversation, words)
    assert answer.status_code == 422 and code(answer) == expected
    assert (await ana.get(f"/api/conversations/{conversation}/messages")).json() == {"messages": []}


@pytest.mark.parametrize("words", ["🎉🎉🎉", "مرحبا، كيف كانت إعلاناتنا؟", "a\x00b\x07c", "e\u0301" * 50])
async def test_unusual_messages_are_answered_and_stored(api_both: Camarad, words: str) -> None:
    ana, conversation = await ready(api_both)
    assert (await ana.say(conversation, words)).status_code == 200
    said = (await ana.get(f"/api/conversations/{conversation}/messages")).json()["messages"]
    assert said[0]["text"] == words.replace("\x00", "").replace("\x07", "")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00binary", b"[]", b'"text"', b'{"text": 7}', b'{"text": null}', b"[" * 50_000,
     b'{"text": "hi", "agent": "a\\ud800"}'],
)  # fmt: skip
async def test_bodies_that_are_not_a_message_are_refused(api: Camarad, content: bytes) -> None:
    ana, conversation = await ready(api)
    headers = {"X-CSRF-Token": ana.csrf, "X-Client-ID": ana.client_id, "Content-Type": "application/json"}
    answer = await ana.http.post(f"/api/conversations/{conversation}/messages", content=content, headers=headers)
    assert answer.status_code == 422 and code(answer) == "invalid_input"


async def test_half_a_surrogate_pair_is_dropped_from_a_message(api: Camarad) -> None:
    ana, conversation = await ready(api)
    headers = {"X-CSRF-Token": ana.csrf, "X-Client-ID": ana.client_id, "Content-Type": "application/json"}
    path = f"/api/conversations/{conversation}/messages"
    assert (await ana.http.post(path, content=rb'{"text": "a\ud800b"}', headers=headers)).status_code == 200
    assert (await ana.get(path)).json()["messages"][0]["text"] == "ab"


async def test_a_body_over_the_limit_is_refused_declared_or_not(api: Camarad) -> None:
    ana, conversation = await ready(api)
    headers = {"X-CSRF-Token": ana.csrf, "X-Client-ID": ana.client_id, "Content-Type": "application/json"}
    path = f"/api/conversations/{conversation}/messages"
    declared = await ana.http.post(path, content=b"x" * 1_000_001, headers=headers)

    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(12):
            yield b"x" * 100_000

    undeclared = await ana.http.post(path, content=pieces(), headers=headers)
    assert declared.status_code == undeclared.status_code == 413
    assert code(declared) == code(undeclared) == "body_too_large"


async def test_two_tabs_sending_at_once_get_one_turn_and_one_conflict(
    api_both: Camarad, model_server: ModelServer
) -> None:
    ana, conversation = await ready(api_both)
    model_server.otherwise = text("a slow answer", delay=0.3)
    answers = await asyncio.gather(ana.say(conversation, "One"), ana.say(conversation, "Two"))
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert code(next(a for a in answers if a.status_code == 409)) == "turn_in_progress"


async def test_stop_keeps_and_charges_what_was_said(api: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api)
    model_server.script(quiet(20))
    turn = asyncio.create_task(ana.say(conversation, "Count"))
    await asyncio.to_thread(model_server.wait_for_requests)
    while not (await ana.get(f"/api/conversations/{conversation}/messages")).json()["messages"]:
        await asyncio.sleep(0.02)
    assert (await ana.post(f"/api/conversations/{conversation}/stop")).json() == {"stopped": True}
    document = (await turn).json()
    assert document["status"] == "stopped" and document["usage"]["ct_actual"] >= 0
    assert (await ana.post(f"/api/conversations/{conversation}/stop")).json() == {"stopped": False}
    assert (await ana.say(conversation, "And on")).status_code == 200


async def test_nothing_to_follow_answers_no_content(api: Camarad) -> None:
    ana, conversation = await ready(api)
    assert (await ana.get(f"/api/conversations/{conversation}/events")).status_code == 204


async def test_a_model_that_fails_is_named_and_nothing_is_charged(api: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api)
    model_server.script(failure(429, retry_after=7))
    answer = await ana.say(conversation, "Hello")
    assert answer.status_code in (429, 502, 503) and code(answer) == "model_rate_limited"
    assert int(answer.headers["retry-after"]) >= 1
    snapshot = (await ana.get("/api/user/snapshot")).json()
    assert snapshot["balance_ct"] == api.services.settings.ct_welcome_grant and snapshot["held_ct"] == 0


async def test_an_answer_cut_off_is_an_error_event_with_the_rest_of_the_turn(
    api: Camarad, model_server: ModelServer
) -> None:
    ana, conversation = await ready(api)
    model_server.script(text("one two three four", drop_after=2))
    found = events((await ana.say(conversation, "Hello", Accept="text/event-stream")).text)
    assert "error" in dict(found) and found[-1][0] == "done"
    assert (await ana.get("/api/user/snapshot")).json()["held_ct"] == 0


async def test_an_endless_tool_loop_ends(api: Camarad, model_server: ModelServer) -> None:
    ana, conversation = await ready(api)
    model_server.otherwise = calls(("connection_status", {}))
    answer = await ana.say(conversation, "Hello")
    assert answer.status_code in (200, 422, 429, 500, 502)
    assert len(model_server.requests) <= api.services.settings.camarad_max_model_calls


async def test_an_empty_wallet_is_refused_before_the_model(api: Camarad, model_server: ModelServer) -> None:
    settings = api.services.settings.model_copy(update={"ct_welcome_grant": 0})
    object.__setattr__(api.services, "settings", settings)
    ana, conversation = await ready(api)
    answer = await ana.say(conversation, "Hello")
    assert answer.status_code == 429 and code(answer) == "insufficient_ct"
    assert model_server.requests == []
