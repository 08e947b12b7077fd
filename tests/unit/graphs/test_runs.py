"""Turns under way: readers who leave, join and stop; two tabs; two clients at once."""

from __future__ import annotations

import asyncio

import pytest

from agents.roster import PPC_SPECIALIST
from camarad.errors import Conflict, NotFound
from camarad.scope import Scope
from graphs import conversations
from graphs.events import AgentEvent, TokenEvent, TurnEvent
from tests.support.model_server import ModelServer, calls, quiet, text
from tests.support.turns import Engine, document, words

LONG = "word " * 200


async def until_token(camarad: Engine, conversation: str, request_id: str = "r") -> None:
    """Start a turn and leave it after its first words."""
    events = camarad.assistant.run_turn(camarad.scope, conversation, "Tell me", request_id=request_id)
    async for event in events:
        if isinstance(event, TokenEvent):
            break
    await events.aclose()  # type: ignore[attr-defined]


async def stored_answer(camarad: Engine, conversation: str) -> conversations.StoredMessage:
    return (await conversations.messages(camarad.database, camarad.scope, conversation))[-1]


async def test_a_reader_who_leaves_does_not_end_the_turn(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text("one two three four", piece_delay=0.01))
    await until_token(camarad, conversation)
    rest = [event async for event in camarad.assistant.subscribe(camarad.scope, conversation)]
    assert isinstance(rest[0], AgentEvent)
    assert document(rest).message.text == "one two three four"
    assert (await stored_answer(camarad, conversation)).status == "complete"


async def test_nobody_else_can_follow_or_stop_a_turn(
    camarad: Engine, model_server: ModelServer, sibling_scope: Scope, other_scope: Scope
) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text(LONG, piece_delay=0.02))
    await until_token(camarad, conversation)
    for scope in (sibling_scope, other_scope):
        assert [event async for event in camarad.assistant.subscribe(scope, conversation)] == []
        assert not await camarad.assistant.stop(scope, conversation)
        with pytest.raises(NotFound):
            await camarad.assistant.forget(scope, conversation)
    assert camarad.assistant.is_running(camarad.scope, conversation)
    await camarad.assistant.stop(camarad.scope, conversation)


async def test_stopping_amid_the_words_keeps_and_charges_them(
    camarad_on_both: Engine, model_server: ModelServer
) -> None:
    camarad = camarad_on_both
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text(LONG, piece_delay=0.01))
    await until_token(camarad, conversation)
    assert await camarad.assistant.stop(camarad.scope, conversation)
    answer = await stored_answer(camarad, conversation)
    assert answer.status == answer.document["status"] == "stopped"
    assert LONG.startswith(answer.text)
    assert answer.document["usage"]["ct_actual"] > 0
    assert len(await camarad.debits()) == 1
    assert await camarad.held() == 0
    assert await asyncio.to_thread(model_server.wait_for_disconnects)
    assert not await camarad.assistant.stop(camarad.scope, conversation)
    model_server.script(text("On we go."))
    assert document(await camarad.ask("Go on", conversation)).message.text == "On we go."


async def test_stopping_before_the_model_answers_ends_the_turn_without_words(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new()
    model_server.script(quiet(30))
    events = camarad.assistant.run_turn(camarad.scope, conversation, "Hello", request_id="r")
    await anext(events)
    await asyncio.to_thread(model_server.wait_for_requests)
    assert await camarad.assistant.stop(camarad.scope, conversation)
    rest = [event async for event in events]
    assert document(rest).status == "stopped"
    assert document(rest).message.text == ""
    assert await camarad.held() == 0


async def test_stopping_at_the_first_event_leaves_no_hold(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new()
    events = camarad.assistant.run_turn(camarad.scope, conversation, "Hello", request_id="r")
    await anext(events)
    await camarad.assistant.stop(camarad.scope, conversation)
    assert document([event async for event in events]).status == "stopped"
    assert await camarad.held() == 0


async def test_a_second_message_while_one_is_answered_is_refused_and_not_stored(
    camarad_on_both: Engine, model_server: ModelServer
) -> None:
    camarad = camarad_on_both
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text(LONG, piece_delay=0.02))
    await until_token(camarad, conversation)
    with pytest.raises(Conflict) as caught:
        await camarad.ask("Me too", conversation)
    assert caught.value.code == "turn_in_progress"
    await camarad.assistant.stop(camarad.scope, conversation)
    stored = await conversations.messages(camarad.database, camarad.scope, conversation)
    assert [message.text for message in stored if message.role == "user"] == ["Tell me"]


async def test_of_two_tabs_sending_at_once_one_is_answered(camarad_on_both: Engine, model_server: ModelServer) -> None:
    camarad = camarad_on_both
    conversation = await camarad.new()
    model_server.otherwise = text("Hi.", delay=0.2)
    turns = await asyncio.gather(*(camarad.ask(f"Tab {n}", conversation) for n in range(5)), return_exceptions=True)
    refused = [turn for turn in turns if isinstance(turn, Conflict)]
    assert len(refused) == 4
    assert len(await conversations.messages(camarad.database, camarad.scope, conversation)) == 2


async def test_the_same_message_sent_twice_at_once_is_answered_once_to_both(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new()
    model_server.otherwise = text("Hi.", delay=0.2)
    one, two = await asyncio.gather(*(camarad.ask("Hello", conversation, request_id="same") for _ in range(2)))
    assert document(one) == document(two)
    assert len(model_server.requests) == 1


async def test_deleting_a_conversation_stops_its_turn(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text(LONG, piece_delay=0.02))
    await until_token(camarad, conversation)
    await camarad.assistant.forget(camarad.scope, conversation)
    assert not camarad.assistant.is_running(camarad.scope, conversation)
    with pytest.raises(NotFound):
        await conversations.get(camarad.database, camarad.scope, conversation)


async def test_turns_of_several_clients_never_mix(
    camarad: Engine, model_server: ModelServer, sibling_scope: Scope, other_scope: Scope
) -> None:
    """Each client has a word of its own; whatever one is told, sent or shown never holds another's."""
    scopes = [camarad.scope, sibling_scope, other_scope]
    model_server.otherwise = calls(("connection_status", {}))
    homes = [await camarad.new(scope) for scope in scopes]

    async def turn(n: int, round_: int) -> list[TurnEvent]:
        return await camarad.ask(f"canary-{n} {round_}", homes[n], scope=scopes[n])

    for round_ in range(3):
        told = await asyncio.gather(*(turn(n, round_) for n in range(3)))
        for n, events in enumerate(told):
            done = document(events)
            assert {call.client_id for call in done.tool_calls} == {scopes[n].client_id}
    for body in model_server.bodies:
        sent = str(body["messages"])
        owners = {n for n in range(3) if f"canary-{n}" in sent}
        assert len(owners) == 1
        clients = {scope.client_id for scope in scopes if f"client: {scope.client_id}" in sent}
        assert clients == {scopes[owners.pop()].client_id}
    for n, home in enumerate(homes):
        stored = await conversations.messages(camarad.database, scopes[n], home)
        assert [m.text for m in stored if m.role == "user"] == [f"canary-{n} {round_}" for round_ in range(3)]


async def test_closing_stores_what_was_said_and_frees_what_was_held(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text(LONG, piece_delay=0.02))
    await until_token(camarad, conversation)
    await camarad.assistant.close(grace=0)
    answer = await stored_answer(camarad, conversation)
    assert answer.status == "stopped"
    assert answer.text
    assert await camarad.held() == 0


async def test_words_and_document_agree(camarad: Engine, model_server: ModelServer) -> None:
    events = await camarad.ask("Hello")
    assert words(events).strip() == document(events).message.text
