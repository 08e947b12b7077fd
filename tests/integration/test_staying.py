"""An answer under way ends for whoever would not be let in any more: by a key, a sign-in or a client that is gone."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from camarad.models import ApiKey, AuthSession, CtLedgerEntry, Turn
from tests.support.model_server import ModelServer, calls, text
from tests.support.web import Browser, Camarad, code, events

LONG = text(" ".join(["word"] * 1500), piece_delay=0.02)  # half a minute, were nobody to end it
ASK: Any = [{"role": "user", "content": "What is connected?"}]
SSE = "text/event-stream"
Ending = Callable[[Camarad, Browser], Awaitable[None]]


async def revoked(_: Camarad, ana: Browser) -> None:
    key = (await ana.get("/api/keys")).json()["keys"][0]["id"]
    assert (await ana.call("DELETE", f"/api/keys/{key}")).status_code == 204


async def run_out(api: Camarad, _: Browser) -> None:
    """As in another process: nothing in this one hears of it."""
    now = api.services.clock.now()
    async with api.services.database.write() as session:
        await session.execute(update(ApiKey).values(expires_at=now))


async def put_away(_: Camarad, ana: Browser) -> None:
    assert (await ana.call("DELETE", f"/api/clients/{ana.client_id}")).status_code == 204


async def signed_out(api: Camarad, _: Browser) -> None:
    now = api.services.clock.now()
    async with api.services.database.write() as session:
        await session.execute(update(AuthSession).values(revoked_at=now))


ENDS = {"key revoked": (revoked, 401), "key over": (run_out, 401), "client archived": (put_away, 404)}


async def program(api: Camarad) -> tuple[Browser, dict[str, str]]:
    ana = await api.sign_up()
    await ana.new_client()
    secret = (await ana.post("/api/keys", {"name": "Program", "scopes": ["chat"]})).json()["secret"]
    return ana, {"Authorization": f"Bearer {secret}", "X-Client-ID": ana.client_id}


async def asked(api: Camarad, headers: dict[str, str], *, stream: bool) -> httpx.Response:
    body = {"model": "seo-strategist", "messages": ASK, "stream": stream}
    return await api.browser().http.post("/v1/chat/completions", json=body, headers=headers)


async def all_paid_and_nothing_held(api: Camarad, ana: Browser) -> None:
    """What was used until then is paid, and no CT stay held."""
    async with api.services.database.unscoped("looks at every turn of the test") as session:
        assert set(await session.scalars(select(Turn.state))) == {"stopped"}
        paid = (await session.scalars(select(CtLedgerEntry.amount).where(CtLedgerEntry.kind == "debit"))).all()
    assert len(paid) == 1
    assert (await ana.get("/api/user/snapshot")).json()["held_ct"] == 0


@pytest.mark.parametrize("ended", ENDS)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_a_program_that_may_ask_no_more_hears_no_more(
    api_both: Camarad, model_server: ModelServer, ended: str, stream: bool
) -> None:
    ana, headers = await program(api_both)
    end, status = ENDS[ended]
    model_server.script(LONG)
    answering = asyncio.create_task(asked(api_both, headers, stream=stream))
    await asyncio.to_thread(model_server.wait_for_requests)
    await end(api_both, ana)
    answer = await answering
    error = last_error(answer) if stream else answer.json()["error"]
    assert answer.status_code == (200 if stream else status)
    assert error["code"] == ("invalid_api_key" if status == 401 else "not_found")
    assert await asyncio.to_thread(model_server.wait_for_disconnects) and model_server.completed == 0
    await all_paid_and_nothing_held(api_both, ana)


def last_error(answer: httpx.Response) -> Any:
    assert "[DONE]" not in answer.text
    last = answer.text.strip().split("\n\n")[-1]
    return json.loads(last.removeprefix("data: "))["error"]


async def test_a_model_that_answers_after_the_key_was_revoked_is_not_heard(
    api: Camarad, model_server: ModelServer
) -> None:
    ana, headers = await program(api)
    gate = threading.Event()
    model_server.script(text("Told too late.", gate=gate))
    answering = asyncio.create_task(asked(api, headers, stream=False))
    await asyncio.to_thread(model_server.wait_for_requests)
    await revoked(api, ana)
    gate.set()
    answer = await answering
    assert answer.status_code == 401 and "too late" not in answer.text


async def test_a_step_that_comes_after_the_end_is_not_told(api: Camarad, model_server: ModelServer) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    conversation, gate = await ana.new_conversation(), threading.Event()
    model_server.script(calls(("connection_status", {}), gate=gate))
    answering = asyncio.create_task(ana.say(conversation, "What is connected?", Accept=SSE))
    await asyncio.to_thread(model_server.wait_for_requests)
    await signed_out(api, ana)
    gate.set()
    told = events((await answering).text)
    assert [name for name, _ in told] == ["agent", "error"]
    assert told[-1][1]["code"] == "not_signed_in" and told[-1][1]["status"] == 401


async def test_whoever_only_follows_is_cut_off_and_the_answer_goes_on(api: Camarad, model_server: ModelServer) -> None:
    """It is the person's own answer, asked for in another browser of theirs."""
    ana = await api.sign_up()
    await ana.new_client()
    conversation, gate = await ana.new_conversation(), threading.Event()
    model_server.script(text("Nothing is connected.", gate=gate))
    answering = asyncio.create_task(ana.say(conversation, "What is connected?"))
    await asyncio.to_thread(model_server.wait_for_requests)
    other = api.browser()
    await other.log_in("ana@example.com")
    other.client_id = ana.client_id
    following = asyncio.create_task(other.get(f"/api/conversations/{conversation}/events"))
    await until_two_follow(api)
    await other.post("/api/auth/logout")
    gate.set()
    assert events((await following).text)[-1][1]["code"] == "not_signed_in"
    assert (await answering).json()["message"]["text"].strip() == "Nothing is connected."


async def until_two_follow(api: Camarad) -> None:
    (run,) = api.services.assistant._runs.all()
    async with asyncio.timeout(10):
        while len(run._waiters) < 2:
            await asyncio.sleep(0)


async def test_a_whole_answer_of_the_api_ends_likewise(api: Camarad, model_server: ModelServer) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    path = f"/api/conversations/{await ana.new_conversation()}/messages"
    model_server.script(LONG)
    answering = asyncio.create_task(ana.post(path, {"text": "Write a lot.", "agent": "seo-strategist"}))
    await asyncio.to_thread(model_server.wait_for_requests)
    await signed_out(api, ana)
    answer = await answering
    assert answer.status_code == 401 and code(answer) == "not_signed_in"
    assert await asyncio.to_thread(model_server.wait_for_disconnects)
