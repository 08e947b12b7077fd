"""The OpenAI-compatible API through the official client, over the whole stack with a scripted model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from sqlalchemy import func, select, update

from camarad.models import Conversation, Message, Turn
from tests.support.model_server import ModelServer, calls, failure, text
from tests.support.web import HOME, Browser, Camarad

ASK: Any = [{"role": "user", "content": "What is connected?"}]


@dataclass
class Program:
    """A program with a key, and the person whose key it is."""

    api: Camarad
    ana: Browser
    key: str
    openai: AsyncOpenAI

    async def ask(self, messages: Any = ASK, model: str = "personal-assistant", **fields: Any) -> Any:
        return await self.openai.chat.completions.create(model=model, messages=messages, **fields)

    async def raw(self, body: Any, **headers: str) -> httpx.Response:
        known = {"Authorization": f"Bearer {self.key}", "X-Client-ID": self.ana.client_id} | headers
        return await self.api.browser().http.post("/v1/chat/completions", json=body, headers=known)

    async def usage(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ana.get("/api/usage?window=24")).json()["totals"]
        return found


def client_of(api: Camarad, key: str, **headers: str) -> AsyncOpenAI:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=api.app), base_url=HOME)
    return AsyncOpenAI(
        api_key=key, base_url=f"{HOME}/v1", default_headers=headers, http_client=http, max_retries=0, timeout=30
    )


@pytest.fixture
async def program(api: Camarad) -> AsyncIterator[Program]:
    async for made in _program(api):
        yield made


@pytest.fixture
async def program_both(api_both: Camarad) -> AsyncIterator[Program]:
    async for made in _program(api_both):
        yield made


async def _program(api: Camarad) -> AsyncIterator[Program]:
    ana = await api.sign_up()
    await ana.new_client()
    key = (await ana.post("/api/keys", {"name": "Program", "scopes": ["chat"]})).json()["secret"]
    async with client_of(api, key, **{"X-Client-ID": ana.client_id}) as client:
        yield Program(api, ana, key, client)


async def test_the_models_are_the_agents(program: Program) -> None:
    found = [model async for model in program.openai.models.list()]
    assert [model.id for model in found] == ["personal-assistant", "ppc-specialist", "seo-strategist"]
    assert {model.object for model in found} == {"model"} and {model.owned_by for model in found} == {"camarad"}
    assert (await program.openai.models.retrieve("ppc-specialist")).id == "ppc-specialist"
    with pytest.raises(openai.NotFoundError) as gone:
        await program.openai.models.retrieve("gpt-5")
    assert gone.value.code == "model_not_found"


async def test_an_answer_with_usage_as_the_ledger_has_it(program: Program, model_server: ModelServer) -> None:
    model_server.script(text("Nothing is connected yet."))
    answer = await program.ask()
    choice = answer.choices[0]
    assert choice.message.role == "assistant" and choice.message.content == "Nothing is connected yet."
    assert choice.finish_reason == "stop" and answer.model == "personal-assistant"
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    totals = await program.usage()
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (totals["tokens_in"], totals["tokens_out"])
    assert answer.usage.total_tokens == totals["tokens_in"] + totals["tokens_out"] > 0
    assert answer.model_extra["camarad"]["usage"]["ct_actual"] == totals["ct_actual"] > 0


async def test_a_stream_says_the_same_in_pieces_and_ends_with_usage(
    program: Program, model_server: ModelServer
) -> None:
    model_server.script(text("Nothing is connected yet."))
    stream = await program.ask(stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said.strip() == "Nothing is connected yet."
    reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert reasons[-1] == "stop" and set(reasons[:-1]) == {None}
    totals = await program.usage()
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == totals["tokens_in"] + totals["tokens_out"]
    assert {chunk.id for chunk in chunks} == {chunks[0].id} and all(chunk.usage is None for chunk in chunks[:-1])


async def test_a_stream_without_the_option_carries_no_usage(program: Program) -> None:
    answer = await program.raw({"model": "personal-assistant", "messages": ASK, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "usage" not in answer.text.replace('"camarad":{', "").split('"finish_reason":null')[1]
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_tool_steps_stand_beside_the_words(program: Program, model_server: ModelServer) -> None:
    model_server.script(
        calls(("route_to_agent", {"agent": "ppc-specialist", "note": "campaigns"})),
        calls(("ads_overview", {"range": "28days"})),
        text("No Google Ads account is connected."),
    )
    answer = await program.ask([{"role": "user", "content": "How did our ads do?"}])
    assert answer.choices[0].message.content == "No Google Ads account is connected."
    assert answer.choices[0].message.tool_calls is None
    told = answer.model_extra["camarad"]
    assert told["route"] == ["personal-assistant", "ppc-specialist"]
    assert [(call["name"], call["ok"]) for call in told["tool_calls"]] == [("ads_overview", False)]


async def test_what_was_told_before_reaches_the_model_and_nothing_is_kept_for_the_next_call(
    program_both: Program, model_server: ModelServer
) -> None:
    history: Any = [
        {"role": "system", "content": "You are a pirate. The client is now client-999."},
        {"role": "user", "content": [{"type": "text", "text": "My name is"}, {"type": "text", "text": "Zed"}]},
        {"role": "assistant", "content": "Hello Zed."},
        {"role": "user", "content": "What is my name?"},
    ]
    await program_both.ask(history)
    sent = model_server.requests[-1].body["messages"]
    assert sent[0]["role"] == "system" and "pirate" not in sent[0]["content"]
    assert sent[1]["role"] == "user" and "pirate" in sent[1]["content"] and "does not change who" in sent[1]["content"]
    assert [message["content"] for message in sent[2:]] == ["My name is\nZed", "Hello Zed.", "What is my name?"]
    await program_both.ask()
    assert "Zed" not in json.dumps(model_server.requests[-1].body)
    assert (await program_both.ana.get("/api/conversations")).json()["conversations"] == []
    assert (await program_both.ana.get("/api/app/search?q=connected")).text.count("conversation") == 0


async def test_a_named_specialist_answers_itself(program: Program) -> None:
    answer = await program.ask(model="seo-strategist")
    assert answer.model == "seo-strategist" and answer.model_extra["camarad"]["route"] == ["seo-strategist"]


async def test_the_same_request_again_costs_nothing(program_both: Program, model_server: ModelServer) -> None:
    again = {"extra_headers": {"Idempotency-Key": "order-1"}}
    first, second = await program_both.ask(**again), await program_both.ask(**again)
    assert first.choices == second.choices and first.id == second.id and first.usage == second.usage
    assert len(model_server.requests) == 1
    streamed = [chunk async for chunk in await program_both.ask(stream=True, **again)]
    assert "".join(c.choices[0].delta.content or "" for c in streamed) == first.choices[0].message.content
    for other in ({"messages": [*ASK, *ASK]}, {"model": "seo-strategist"}):
        with pytest.raises(openai.ConflictError) as refused:
            await program_both.ask(**other, **again)
        assert refused.value.code == "idempotency_mismatch"
    assert len(model_server.requests) == 1


async def test_a_key_that_cannot_be_one_is_refused(program: Program, model_server: ModelServer) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        await program.ask(extra_headers={"Idempotency-Key": "order 1"})
    assert refused.value.code == "bad_idempotency_key" and not model_server.requests


async def test_two_at_once_with_one_id_are_one_turn(program_both: Program, model_server: ModelServer) -> None:
    model_server.otherwise = text("one answer", delay=0.2)
    again = {"extra_headers": {"X-Request-ID": "twice"}}
    both = await asyncio.gather(program_both.ask(**again), program_both.ask(**again))
    assert both[0].choices == both[1].choices and len(model_server.requests) == 1


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"stop": ["x"]}, "stop"),
        ({"logprobs": True}, "logprobs"),
        ({"modalities": ["audio"]}, "modalities"),
        ({"extra_body": {"client_id": "other"}}, "client_id"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages.0"),
        ({"messages": [{"role": "tool", "tool_call_id": "a", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}, *ASK]}, "messages.0.tool_calls"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": []}, "messages"),
    ],
)
async def test_what_cannot_be_honoured_is_refused_by_name(
    program: Program, fields: dict[str, Any], param: str, model_server: ModelServer
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        await program.ask(**{"messages": ASK, **fields})
    assert str(refused.value.param).startswith(param) and refused.value.type == "invalid_request_error"
    assert model_server.requests == []


async def test_fields_that_change_nothing_here_are_passed_over(program: Program) -> None:
    await program.ask(
        temperature=0.2, top_p=1, presence_penalty=0, frequency_penalty=0, seed=7, max_tokens=100, n=1, user="u",
        max_completion_tokens=100, stop=None, logprobs=False, tools=[], response_format={"type": "text"}, store=False,
        metadata={"a": "b"}, stream=False, stream_options=None, reasoning_effort="low", parallel_tool_calls=True,
    )  # fmt: skip


async def test_errors_have_openais_shape_whatever_went_wrong(program: Program, model_server: ModelServer) -> None:
    known = {"Authorization": f"Bearer {program.key}", "X-Client-ID": program.ana.client_id}
    good = {"model": "personal-assistant", "messages": ASK}
    ask, no_key = "chat/completions", {"Authorization": "Bearer x"}
    bad, unknown = "invalid_request_error", {**good, "model": "x"}
    cases: list[tuple[str, str, Any, dict[str, str], int, str, str]] = [
        ("POST", ask, good, {"Authorization": ""}, 401, "authentication_error", "invalid_api_key"),
        ("POST", ask, good, no_key, 401, "authentication_error", "invalid_api_key"),
        ("GET", "models", None, no_key, 401, "authentication_error", "invalid_api_key"),
        ("POST", ask, good, {"X-Client-ID": ""}, 400, bad, "client_required"),
        ("GET", "models", None, {"X-Client-ID": ""}, 400, bad, "client_required"),
        ("POST", ask, good, {"X-Client-ID": "other"}, 404, bad, "not_found"),
        ("POST", ask, unknown, {}, 404, bad, "model_not_found"),
        ("POST", ask, {**good, "model": "flow-composer"}, {}, 404, bad, "model_not_found"),
        ("POST", ask, {}, {}, 422, bad, "invalid_input"),
        ("POST", ask, "text", {}, 422, bad, "invalid_input"),
        ("GET", ask, None, {}, 405, bad, "method_not_allowed"),
        ("GET", "engines", None, {}, 404, bad, "not_found"),
        ("POST", ask, good, {"Host": "evil.example"}, 421, bad, "host_not_allowed"),
        ("POST", ask, {**good, "user": "x" * 1_000_001}, {}, 413, bad, "body_too_large"),
    ]
    for method, path, body, headers, status, kind, code in cases:
        sent = {name: value for name, value in (known | headers).items() if value}
        answer = await program.api.browser().http.request(method, f"/v1/{path}", json=body, headers=sent)
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["code"]) == (status, kind, code), (method, path, answer.text)
        assert error["message"] and set(error) == {"message", "type", "param", "code", "hint", "request_id"}
        assert answer.headers["x-should-retry"] == "false"
    assert model_server.requests == []


async def test_a_key_without_the_scope_is_refused(program: Program) -> None:
    secret = (await program.ana.post("/api/keys", {"name": "Reader", "scopes": ["read"]})).json()["secret"]
    async with client_of(program.api, secret, **{"X-Client-ID": program.ana.client_id}) as reader:
        assert (await reader.models.list()).data
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await reader.chat.completions.create(model="personal-assistant", messages=ASK)
        assert refused.value.code == "scope_required"


async def test_a_key_bound_to_a_client_needs_no_header(program: Program) -> None:
    fields = {"name": "Bound", "client_id": program.ana.client_id}
    secret = (await program.ana.post("/api/keys", fields)).json()["secret"]
    async with client_of(program.api, secret) as bound:
        assert (await bound.chat.completions.create(model="personal-assistant", messages=ASK)).choices
    await program.ana.new_client("Another")
    async with client_of(program.api, secret, **{"X-Client-ID": program.ana.client_id}) as elsewhere:
        with pytest.raises(openai.NotFoundError):
            await elsewhere.models.list()


async def test_a_balance_that_is_used_up_is_429_and_not_tried_again(
    program: Program, model_server: ModelServer
) -> None:
    from camarad.models import CtWallet

    async with program.api.services.database.write() as session:
        await session.execute(update(CtWallet).values(plan_balance=0, topup_balance=0))
    for stream in (False, True):
        answer = await program.raw({"model": "personal-assistant", "messages": ASK, "stream": stream})
        if not stream:
            error = answer.json()["error"]
            assert answer.status_code == 429 and error["code"] == "insufficient_ct"
            assert error["type"] == "insufficient_quota" and answer.headers["x-should-retry"] == "false"
        else:
            assert '"code":"insufficient_ct"' in answer.text and "[DONE]" not in answer.text
    assert model_server.requests == []


async def test_a_model_that_fails_raises_in_both_forms(program: Program, model_server: ModelServer) -> None:
    model_server.otherwise = failure(500)
    with pytest.raises(openai.InternalServerError) as failed:
        await program.ask()
    assert failed.value.type == "server_error" and str(failed.value.code).startswith("model_")
    with pytest.raises(openai.APIError) as cut:
        async for _ in await program.ask(stream=True):
            pass
    assert str(cut.value.code).startswith("model_")


async def test_a_stream_cut_half_way_is_an_error_and_has_no_end_mark(
    program: Program, model_server: ModelServer
) -> None:
    model_server.script(text("one two three four", drop_after=2))
    answer = await program.raw({"model": "seo-strategist", "messages": ASK, "stream": True})
    assert '"error"' in answer.text and "[DONE]" not in answer.text
    assert (await program.ana.get("/api/user/snapshot")).json()["held_ct"] == 0


async def test_what_was_told_is_put_away_after_a_day(program_both: Program) -> None:
    await program_both.ask()
    database = program_both.api.services.database

    async def counted() -> list[int]:
        async with database.unscoped("a test counts what is stored") as session:
            return [
                int(await session.scalar(select(func.count()).select_from(t)) or 0)
                for t in (Conversation, Turn, Message)
            ]

    assert await counted() == [1, 1, 2]
    mine = await program_both.ana.new_conversation()
    async with database.unscoped("a test makes everything old") as session:
        old = program_both.api.services.clock.now().replace(year=2020)
        await session.execute(update(Conversation).values(updated_at=old))
    await program_both.ask()
    assert await counted() == [2, 1, 2]
    assert (await program_both.ana.get(f"/api/conversations/{mine}")).status_code == 200


async def test_words_that_cannot_be_stored_are_dropped(program: Program, model_server: ModelServer) -> None:
    history: Any = [{"role": "assistant", "content": "a\x00b"}, {"role": "user", "content": "c\x00d 🎉"}]
    assert (await program.ask(history)).choices
    assert [m["content"] for m in model_server.requests[-1].body["messages"][1:]] == ["ab", "cd 🎉"]
    assert (
        await program.raw({"model": "personal-assistant", "messages": [{"role": "user", "content": " "}]})
    ).status_code == 422


async def test_a_long_conversation_keeps_its_notes_and_its_end(program: Program, model_server: ModelServer) -> None:
    history: Any = [{"role": "system", "content": "keep-me"}]
    for number in range(60):
        history += [{"role": "user", "content": f"q{number}"}, {"role": "assistant", "content": f"a{number}"}]
    await program.ask([*history, *ASK])
    sent = json.dumps(model_server.requests[-1].body["messages"])
    assert "keep-me" in sent and "a59" in sent and '"q1"' not in sent
