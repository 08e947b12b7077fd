"""The planner through litellm, as the metered door calls it."""

from typing import Any

import litellm
import pytest

from agents.embedded import embeddings, heads, provider
from agents.embedded.corpus import digest, phrases
from agents.embedded.evaluate import cases, decide, is_right
from agents.llm import engine
from tests.support.planning import system, tools_of

ASK = [system("ppc-specialist"), {"role": "user", "content": "wasted spend last week?"}]
HELLO = [system("ppc-specialist"), {"role": "user", "content": "hello"}]


@pytest.fixture(autouse=True)
def registered() -> None:
    provider.register()


async def complete(messages: list[dict[str, Any]], **more: Any) -> Any:
    engine._in_the_door.set(True)  # the guard stands for the whole process once a door was opened
    return await litellm.acompletion(
        model="camarad/embedded", messages=messages, tools=tools_of("ppc-specialist"), **more
    )


async def test_a_whole_reply_calls_the_tool_and_counts_tokens() -> None:
    reply = await complete(ASK)
    (call,) = reply.choices[0].message.tool_calls
    assert call.function.name == "ads_wasted_spend"
    assert call.function.arguments == '{"range": "2026-11-09..2026-11-15"}'
    assert reply.choices[0].finish_reason == "tool_calls"
    assert reply.usage.prompt_tokens > 500
    assert reply.usage.completion_tokens > 5


async def test_a_stream_has_few_words_a_chunk_and_the_same_usage() -> None:
    whole = await complete(HELLO)
    stream = await complete(HELLO, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    words = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert "".join(words) == whole.choices[0].message.content
    assert all(len(w.split()) <= 6 for w in words)
    usage = next(c.usage for c in reversed(chunks) if getattr(c, "usage", None))
    assert (usage.prompt_tokens, usage.completion_tokens) == (whole.usage.prompt_tokens, whole.usage.completion_tokens)


async def test_a_streamed_call_arrives_whole() -> None:
    stream = await complete(ASK, stream=True)
    found = [c.choices[0] async for c in stream]
    calls = [call for choice in found for call in choice.delta.tool_calls or ()]
    assert [c.function.name for c in calls] == ["ads_wasted_spend"]
    assert found[-1].finish_reason == "tool_calls"


async def test_call_ids_are_stable_for_the_same_request() -> None:
    first, second = await complete(ASK), await complete(ASK)
    assert first.choices[0].message.tool_calls[0].id == second.choices[0].message.tool_calls[0].id


def test_registering_twice_keeps_the_first() -> None:
    assert provider.register() is provider.register()


def test_the_weights_are_in_step_with_the_phrases() -> None:
    assert heads.load_heads().digest == digest(), "run python -m agents.embedded.train"


def test_the_corpus_is_large_in_both_languages_and_holds_no_held_out_case() -> None:
    corpus = phrases()
    texts = {p.text.lower() for p in corpus}
    assert min(sum(p.language == lang for p in corpus) for lang in ("en", "ro")) >= 1500
    assert not texts & {case.text.lower() for case in cases("heldout")}


@pytest.mark.parametrize(("name", "least"), [("dev", 0.95), ("heldout", 0.88)])
def test_decisions_stay_as_good_as_documented(name: str, least: float) -> None:
    found = cases(name)
    assert sum(is_right(case, decide(case)) for case in found) >= least * len(found)


def test_without_embeddings_it_still_decides_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = embeddings.Embedder(reason="no native library here")
    for module in ("heads", "selection", "status"):
        monkeypatch.setattr(f"agents.embedded.{module}.embedder", lambda: bare)
    heads.intents.cache_clear()
    try:
        assert provider.status()["reason"] == "no native library here"
        found = cases("heldout")
        assert sum(is_right(case, decide(case)) for case in found) >= 0.8 * len(found)
    finally:
        heads.intents.cache_clear()
