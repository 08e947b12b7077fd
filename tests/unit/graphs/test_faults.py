"""Models that fail, talk nonsense or never end, balances and caps that refuse: the turn ends, honestly, paid once."""

from __future__ import annotations

import pytest

from agents.roster import PPC_SPECIALIST
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.settings import Settings
from graphs import conversations
from graphs.limits import MOST_MODEL_CALLS
from tests.support.model_server import ModelServer, calls, failure, text
from tests.support.turns import Engine, document, engine, error, hosted, words


async def test_a_provider_that_refuses_ends_the_turn_with_its_error(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(failure(429, retry_after=7))
    conversation = await camarad.new()
    events = await camarad.ask("Hello", conversation)
    failed = error(events)
    assert (failed.code, failed.status, failed.retry_after) == ("model_rate_limited", 503, 7)
    assert document(events).status == "failed"
    stored = await conversations.messages(camarad.database, camarad.scope, conversation)
    assert [(m.role, m.status, m.text) for m in stored] == [("user", "complete", "Hello"), ("assistant", "failed", "")]
    assert await camarad.debits() == []
    assert await camarad.held() == 0


async def test_the_conversation_goes_on_after_a_failed_turn(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(failure(500), text("Back."))
    conversation = await camarad.new()
    await camarad.ask("Hello", conversation)
    assert document(await camarad.ask("Hello again", conversation)).message.text == "Back."


async def test_a_stream_that_drops_keeps_its_words_and_is_paid_for_them(
    camarad: Engine, model_server: ModelServer
) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(text("The cost was rising because of", drop_after=4))
    events = await camarad.ask("Why?", conversation)
    assert error(events).code == "model_unavailable"
    stored = (await conversations.messages(camarad.database, camarad.scope, conversation))[-1]
    assert stored.status == "failed"
    assert stored.text == words(events).strip() == "The cost was rising"
    assert document(events).usage.ct_actual > 0
    assert len(await camarad.debits()) == 1


async def test_nonsense_arguments_are_explained_to_the_model_which_may_repair_them(
    camarad: Engine, model_server: ModelServer
) -> None:
    model_server.script(calls(("ct_balance", "{nonsense")), calls(("ct_balance", {})), text("Fine."))
    done = document(await camarad.ask("How many CT are left?"))
    assert [(call.ok, call.error) for call in done.tool_calls] == [(False, "invalid_arguments"), (True, None)]
    assert "not valid JSON" in model_server.bodies[1]["messages"][-1]["content"]
    assert done.status == "complete"


@pytest.mark.parametrize("name", ["no_such_tool", "ads_overview", "", "route_to_agent"])
async def test_a_tool_the_agent_does_not_have_is_refused_with_what_is_allowed(
    camarad: Engine, model_server: ModelServer, name: str
) -> None:
    model_server.script(calls((name, {"agent": "flow-composer"})), text("Sorry."))
    done = document(await camarad.ask("Hello"))
    assert [call.ok for call in done.tool_calls] == [False]
    answer = model_server.bodies[1]["messages"][-1]["content"]
    assert "connection_status, ct_balance" in answer or "ppc-specialist, seo-strategist" in answer
    assert done.message.text == "Sorry."


async def test_every_call_of_a_message_is_answered_when_it_hands_over_twice(
    camarad: Engine, model_server: ModelServer
) -> None:
    to = [("route_to_agent", {"agent": agent}) for agent in ("ppc-specialist", "seo-strategist")]
    model_server.script(calls(*to, ("ct_balance", {})), text("Here."))
    done = document(await camarad.ask("Ads and SEO?"))
    assert done.route == ["personal-assistant", "ppc-specialist"]
    rows = model_server.bodies[1]["messages"]
    asked = {call["id"] for row in rows for call in row.get("tool_calls") or ()}
    assert {row["tool_call_id"] for row in rows if row["role"] == "tool"} == asked
    assert len(asked) == 3


async def test_agents_that_hand_over_in_circles_are_stopped(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(
        calls(("route_to_agent", {"agent": "ppc-specialist"})), calls(("route_to_agent", {"agent": "seo-strategist"}))
    )
    model_server.otherwise = calls(("route_to_agent", {"agent": "personal-assistant"}))
    done = document(await camarad.ask("Hello"))
    assert done.route == ["personal-assistant", "ppc-specialist", "seo-strategist"]
    assert done.status == "complete"
    assert "stopped here" in done.message.text


async def test_an_endless_loop_ends_with_an_honest_answer(camarad: Engine, model_server: ModelServer) -> None:
    model_server.otherwise = calls(("connection_status", {}))
    done = document(await camarad.ask("Ce este conectat pentru acest client?"))
    assert done.message.text.startswith("M-am oprit aici")
    assert done.status == "complete"
    assert len(model_server.requests) == 4  # one answered, two in vain, one that had to be the answer
    assert model_server.bodies[-1]["tool_choice"] == "none"
    assert [call.error for call in done.tool_calls] == [None, "repeated_call", "repeated_call"]


async def test_a_loop_of_ever_new_calls_is_bounded_too(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(*(calls(("ads_overview", {"range": f"{n}days"})) for n in range(1, 30)))
    done = document(await camarad.ask("Hello", conversation))
    assert len(model_server.requests) <= MOST_MODEL_CALLS
    assert "stopped here" in done.message.text


async def test_a_model_that_says_nothing_is_reported_as_such(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(calls())
    assert document(await camarad.ask("Hello")).message.text.startswith("The model gave no answer")


async def test_too_many_calls_at_once_are_cut_and_all_answered(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(calls(*(("ads_overview", {"range": f"{n}days"}) for n in range(1, 13))), text("Done."))
    done = document(await camarad.ask("Hello", conversation))
    assert [call.error for call in done.tool_calls].count("too_many_calls") == 4
    assert len(done.tool_calls) == 12


async def test_a_connection_that_is_missing_is_told_to_the_model(camarad: Engine, model_server: ModelServer) -> None:
    conversation = await camarad.new(agent=PPC_SPECIALIST)
    model_server.script(calls(("ads_overview", {}), ("connection_status", {})), text("Google Ads is not connected."))
    done = document(await camarad.ask("How did our ads do?", conversation))
    assert [(call.name, call.error) for call in done.tool_calls] == [
        ("ads_overview", "google_ads_not_connected"),
        ("connection_status", None),
    ]


async def test_an_empty_balance_refuses_before_anything_is_spent(
    settings: Settings, sqlite_database: Database, clock: ManualClock, model_server: ModelServer
) -> None:
    async with engine(hosted(settings, model_server), sqlite_database, clock, grant=0) as camarad:
        conversation = await camarad.new()
        events = await camarad.ask("Hello", conversation, request_id="poor")
        failed = error(events)
        assert (failed.code, failed.status) == ("insufficient_ct", 429)
        assert failed.hint
        assert document(events).usage.ct_actual == 0
        assert not model_server.requests
        stored = await conversations.messages(camarad.database, camarad.scope, conversation)
        assert stored[0].text == "Hello"
        again = await camarad.ask("Hello", conversation, request_id="poor")
        assert error(again) == failed


async def test_a_daily_cap_refuses_with_its_own_code(
    settings: Settings, sqlite_database: Database, clock: ManualClock, model_server: ModelServer
) -> None:
    capped = hosted(settings, model_server, max_daily_ct_per_workspace=1)
    async with engine(capped, sqlite_database, clock) as camarad:
        assert error(await camarad.ask("Hello")).code == "max_daily_ct_per_workspace"
