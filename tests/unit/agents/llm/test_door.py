"""The door over the scripted provider: what comes back, and what is written in the books."""

from __future__ import annotations

import os

import pytest
from pydantic import SecretStr

from tests.support.model_server import calls, text
from tests.unit.agents.llm.conftest import FALLBACK, MODEL, TOOL, USER, Bench, MakeBench


async def test_a_reply_comes_back_with_the_providers_usage_and_its_charge(bench: Bench) -> None:
    bench.server.script(text("CPC was 1.20"))
    reply = await bench.door.complete(bench.context(), USER)
    assert reply.text == "CPC was 1.20 "
    assert (reply.usage.tokens_in, reply.usage.tokens_cached, reply.usage.tokens_out) == (111, 64, 22)
    assert not reply.usage.estimated
    assert (reply.model, reply.charge.ct_actual) == (MODEL, 1)
    (row,) = await bench.usage()
    assert (row.status, row.tokens_in, row.tokens_out, row.ct_actual_debit, row.model) == ("settled", 111, 22, 1, MODEL)


async def test_a_streamed_reply_ends_with_one_chunk_that_holds_it_all(bench: Bench) -> None:
    bench.server.script(text("one two three"))
    async with bench.door.stream(bench.context(), USER) as stream:
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.text for chunk in chunks) == "one two three "
    assert [chunk.reply is None for chunk in chunks] == [True, True, True, False]
    last = chunks[-1].reply
    assert last is not None
    assert (last.text, last.usage.tokens_in, last.usage.tokens_out, last.charge.ct_actual) == (
        "one two three ",
        111,
        22,
        1,
    )


async def test_tool_calls_come_back_alike_streamed_or_not(bench: Bench) -> None:
    bench.server.script(*[calls(("ads_overview", {"range": "28days"}), ("ads_overview", {"range": "7days"}))] * 2)
    whole = await bench.door.complete(bench.context(), USER, tools=[TOOL])
    async with bench.door.stream(bench.context(), USER, tools=[TOOL]) as stream:
        streamed = [chunk async for chunk in stream][-1].reply
    assert streamed is not None
    for reply in (whole, streamed):
        assert [(c.name, c.args, c.error) for c in reply.tool_calls] == [
            ("ads_overview", {"range": "28days"}, None),
            ("ads_overview", {"range": "7days"}, None),
        ]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("nonsense", ["{range: 28days", "[1, 2]", '"28days"', "null"])
async def test_nonsense_arguments_are_data_the_model_can_be_told_about(
    bench: Bench, nonsense: str, streamed: bool
) -> None:
    bench.server.script(calls(("ads_overview", nonsense)))
    reply = await bench.ask(streamed, tools=[TOOL])
    (call,) = reply.tool_calls
    assert (call.name, call.args, call.raw) == ("ads_overview", {}, nonsense)
    assert call.error is not None and "JSON" in call.error
    assert call.for_history()["function"]["arguments"] == "{}"


async def test_a_history_with_a_nonsense_call_in_it_can_be_sent_on(bench: Bench) -> None:
    bench.server.script(calls(("ads_overview", "{nonsense")), text("sorry"))
    first = await bench.ask(False, tools=[TOOL])
    answer = {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": first.tool_calls[0].error}
    reply = await bench.door.complete(bench.context(), [*USER, first.message(), answer], tools=[TOOL])
    assert reply.text == "sorry "


async def test_a_call_without_a_name_is_data_too(bench: Bench) -> None:
    bench.server.script(calls((None, "{}")))
    (call,) = (await bench.ask(True, tools=[TOOL])).tool_calls
    assert call.name == "" and call.error is not None


@pytest.mark.parametrize("streamed", [False, True])
async def test_missing_usage_is_counted_here_and_marked(bench: Bench, streamed: bool) -> None:
    bench.server.script(text("nine words of an answer that names no usage", usage=None))
    reply = await bench.ask(streamed)
    assert reply.usage.estimated
    assert 5 <= reply.usage.tokens_out <= 15 and 5 <= reply.usage.tokens_in <= 20
    assert (await bench.usage())[0].estimated


async def test_an_agent_can_have_a_model_of_its_own(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_agent_models={"seo-strategist": FALLBACK})
    assert (await bench.door.complete(bench.context(agent="seo-strategist"), USER)).model == FALLBACK
    assert (await bench.door.complete(bench.context(), USER)).model == MODEL
    assert [body["model"] for body in bench.server.bodies] == ["gpt-4o", "gpt-4o-mini"]


async def test_the_answer_is_never_longer_than_the_setting_allows(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_max_output_tokens=100)
    await bench.door.complete(bench.context(), USER)
    await bench.door.complete(bench.context(), USER, max_tokens=5_000)
    await bench.door.complete(bench.context(), USER, max_tokens=20)
    assert [body["max_tokens"] for body in bench.server.bodies] == [100, 100, 20]


async def test_the_key_goes_to_the_provider_and_nowhere_else(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_model_keys={"openai": SecretStr("sk-test-key")})
    await bench.door.complete(bench.context(), USER)
    assert bench.server.requests[0].headers["authorization"] == "Bearer sk-test-key"
    assert "sk-test-key" not in "".join(os.environ.values())


async def test_readiness_names_the_models_and_what_is_wrong(make_bench: MakeBench) -> None:
    sound = (await make_bench()).door.ready()
    assert sound == {"ok": True, "models": [MODEL], "problems": []}
    broken = (await make_bench(camarad_model="openai/unheard-of")).door.ready()
    assert not broken["ok"] and "CAMARAD_MODEL_PRICES" in broken["problems"][0]


async def test_readiness_asks_for_a_missing_key(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_model="anthropic/claude-sonnet-4-5")
    assert "ANTHROPIC_API_KEY" in bench.door.ready()["problems"][0]
