"""One turn from message to stored answer: who speaks, what is stored, what is paid, what a second ask gives."""

from __future__ import annotations

import pytest

from agents.roster import PERSONAL_ASSISTANT, PPC_SPECIALIST, SEO_STRATEGIST
from camarad.errors import BadInput, Conflict, NotFound
from camarad.scope import Scope
from graphs import conversations
from graphs.events import AgentEvent, SuggestionsEvent, TokenEvent, ToolFinished, ToolStarted, UsageEvent
from tests.support.model_server import ModelServer, calls, text
from tests.support.turns import Engine, document, words

ROUTE = calls(("route_to_agent", {"agent": PPC_SPECIALIST, "note": "ads, last 28 days"}))


async def test_a_question_is_routed_read_and_answered(camarad_on_both: Engine, model_server: ModelServer) -> None:
    camarad = camarad_on_both
    model_server.script(ROUTE, calls(("connection_status", {})), text("Nothing is connected yet."))
    conversation = await camarad.new()
    events = await camarad.ask("How did our Google Ads do?", conversation, request_id="r1")
    kinds = [type(event) for event in events]
    assert kinds[:4] == [AgentEvent, AgentEvent, ToolStarted, ToolFinished]
    assert kinds[-3:-1] == [SuggestionsEvent, UsageEvent]
    done = document(events)
    assert done.route == [PERSONAL_ASSISTANT, PPC_SPECIALIST]
    assert done.message.text == words(events).strip() == "Nothing is connected yet."
    assert [(call.name, call.ok, call.client_id) for call in done.tool_calls] == [
        ("connection_status", True, camarad.scope.client_id)
    ]
    assert (done.usage.requests, done.usage.tokens_in, done.status) == (3, 333, "complete")
    assert len(await camarad.debits()) == 3
    stored = await conversations.messages(camarad.database, camarad.scope, conversation)
    assert [(m.role, m.status, m.text) for m in stored] == [
        ("user", "complete", "How did our Google Ads do?"),
        ("assistant", "complete", "Nothing is connected yet."),
    ]
    assert stored[1].document == done.model_dump(mode="json")
    assert stored[1].tool_calls[0].result is not None


async def test_the_specialist_gets_the_note_and_none_of_the_routers_prompt(
    camarad: Engine, model_server: ModelServer
) -> None:
    model_server.script(ROUTE, text("Hello."))
    await camarad.ask("How did our ads do?")
    first, second = model_server.bodies
    assert "route_to_agent" in {tool["function"]["name"] for tool in first["tools"]}
    assert second["messages"][0]["content"].startswith("# Role\nYou are the PPC Specialist")
    assert "ads, last 28 days" in second["messages"][2]["tool_calls"][0]["function"]["arguments"]
    assert not any("Personal Assistant of Camarad" in str(row) for row in second["messages"])


async def test_only_words_for_the_reader_are_streamed(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(ROUTE, calls(("connection_status", {})), text("Done."))
    await camarad.ask("How did our ads do?")
    assert [request.streamed for request in model_server.requests] == [False, True, True]


async def test_a_follow_up_stays_with_the_specialist_and_a_new_topic_returns(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new()
    model_server.script(ROUTE, text("Fine."))
    await camarad.ask("How did our ads do?", conversation)
    model_server.script(text("Brand."))
    assert document(await camarad.ask("And the best campaign?", conversation)).route == [PPC_SPECIALIST]
    model_server.script(calls(("route_to_agent", {"agent": PERSONAL_ASSISTANT, "note": "CT"})), text("You have CT."))
    moved = document(await camarad.ask("How many CT are left?", conversation))
    assert moved.route == [PPC_SPECIALIST, PERSONAL_ASSISTANT]
    assert (await conversations.get(camarad.database, camarad.scope, conversation)).agent == PERSONAL_ASSISTANT


async def test_a_specialist_opened_directly_answers_each_message(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=SEO_STRATEGIST)
    model_server.script(text("Hi."), text("Hi again."))
    for _ in range(2):
        assert document(await camarad.ask("Hello", conversation)).route == [SEO_STRATEGIST]
    model_server.script(text("Ads."))
    assert document(await camarad.ask("Hello", conversation, agent=PPC_SPECIALIST)).route == [PPC_SPECIALIST]


async def test_a_later_turn_remembers_the_earlier_one_with_its_tool_results(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new()
    model_server.script(calls(("connection_status", {})), text("Nothing."))
    await camarad.ask("What is connected?", conversation)
    model_server.script(calls(("ct_balance", {})), text("5,000."))
    await camarad.ask("And CT?", conversation)
    model_server.script(text("Yes."))
    await camarad.ask("Sure?", conversation)
    rows = model_server.bodies[-1]["messages"]
    assert [row["role"] for row in rows] == [
        *("system", "user", "assistant"),  # the first turn: words only
        *("user", "assistant", "tool", "assistant"),  # the latest: with its tool result
        "user",
    ]
    assert "4997" in rows[5]["content"]


async def test_the_same_request_id_replays_the_answer_and_costs_nothing(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new()
    model_server.script(text("Once."))
    first = await camarad.ask("Hello", conversation, request_id="same")
    again = await camarad.ask("Hello", conversation, request_id="same")
    assert document(again) == document(first)
    assert words(again).strip() == "Once."
    assert len(model_server.requests) == len(await camarad.debits()) == 1
    with pytest.raises(Conflict) as caught:
        await camarad.ask("Something else", conversation, request_id="same")
    assert caught.value.code == "idempotency_mismatch"


async def test_one_request_id_in_two_conversations_pays_for_both(camarad: Engine, model_server: ModelServer) -> None:
    for _ in range(2):
        assert document(await camarad.ask("Hello", request_id="same")).status == "complete"
    debits = await camarad.debits()
    assert len(set(debits)) == 2
    assert all(request_id.startswith("same:1") for request_id in debits)


async def test_a_conversation_of_another_client_does_not_exist(
    camarad: Engine, sibling_scope: Scope, other_scope: Scope
) -> None:
    conversation = await camarad.new()
    messages = set()
    for scope, target in ((sibling_scope, conversation), (other_scope, conversation), (camarad.scope, "invented")):
        with pytest.raises(NotFound) as caught:
            await camarad.ask("Hello", target, scope=scope)
        messages.add((caught.value.code, caught.value.message, caught.value.hint))
    assert len(messages) == 1


async def test_a_refused_message_stores_and_spends_nothing(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new()
    for text_, agent in (("", None), ("a" * 200_000, None), ("\x00", None), ("Hello", "nobody")):
        with pytest.raises((BadInput, NotFound)):
            await camarad.ask(text_, conversation, agent=agent)
    assert await conversations.messages(camarad.database, camarad.scope, conversation) == []
    assert not model_server.requests


@pytest.mark.parametrize("text_", ["😀", "كيف أداء الحملات؟"])
async def test_emoji_and_right_to_left_messages_are_answered(
    camarad: Engine, model_server: ModelServer, text_: str
) -> None:
    conversation = await camarad.new()
    assert document(await camarad.ask(text_, conversation)).status == "complete"
    assert (await conversations.get(camarad.database, camarad.scope, conversation)).title == text_


async def test_an_invented_number_is_listed_in_the_document_and_the_trace(
    camarad: Engine, model_server: ModelServer
) -> None:
    model_server.script(text("You had 4,812 sessions."))
    assert document(await camarad.ask("How many sessions?")).grounding.untraced == ["4,812"]


async def test_words_said_before_a_tool_call_stay_in_the_answer(camarad: Engine, model_server: ModelServer) -> None:
    from tests.support.model_server import Answer

    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(
        Answer(pieces=("Let me ", "look."), tool_calls=(("connection_status", "{}"),)), text("Nothing there.")
    )
    events = await camarad.ask("Hello", conversation)
    assert document(events).message.text == words(events).strip() == "Let me look.\n\nNothing there."
    assert isinstance(events[1], TokenEvent)
