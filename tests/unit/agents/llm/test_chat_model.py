"""The door as LangChain's chat model."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agents.llm import MeteredChatModel
from tests.support.model_server import calls, text
from tests.unit.agents.llm.conftest import TOOL, Bench


async def test_each_call_is_metered_under_an_id_of_its_own(bench: Bench) -> None:
    model = MeteredChatModel(bench.door, bench.context(request_id="turn-9"))
    await model.ainvoke("hello")
    assert [chunk async for chunk in model.astream("hello")]
    assert [row.request_id for row in await bench.usage()] == ["turn-9:1", "turn-9:2"]


async def test_words_stream_and_usage_comes_last(bench: Bench) -> None:
    bench.server.script(text("one two three"))
    model = MeteredChatModel(bench.door, bench.context())
    chunks = [chunk async for chunk in model.astream("hello")]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert whole.text == "one two three "
    assert whole.usage_metadata is not None and whole.usage_metadata["input_tokens"] == 111


async def test_tool_calls_come_back_and_nonsense_is_told_apart(bench: Bench) -> None:
    bench.server.script(calls(("ads_overview", {"range": "7days"}), ("ads_overview", "{nonsense")))
    model = MeteredChatModel(bench.door, bench.context()).bind_tools([TOOL], tool_choice="any")
    reply = await model.ainvoke("hello")
    assert [call["args"] for call in reply.tool_calls] == [{"range": "7days"}]
    assert [call["args"] for call in reply.invalid_tool_calls] == ["{nonsense"]
    assert bench.server.bodies[0]["tool_choice"] == "required"


async def test_a_history_with_tool_results_is_sent_in_openais_format(bench: Bench) -> None:
    asked = AIMessage("", tool_calls=[{"id": "c1", "name": "ads_overview", "args": {}}])
    model = MeteredChatModel(bench.door, bench.context())
    await model.ainvoke([HumanMessage("hello"), asked, ToolMessage("{}", tool_call_id="c1")])
    assert [message["role"] for message in bench.server.bodies[0]["messages"]] == ["user", "assistant", "tool"]


def test_a_sync_call_is_refused(bench: Bench) -> None:
    with pytest.raises(NotImplementedError):
        MeteredChatModel(bench.door, bench.context()).invoke("hello")
