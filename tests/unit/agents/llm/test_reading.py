"""What litellm hands back, read without trust."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from agents.llm.reading import Gathered, read_usage


def delta(index: int | None, call_id: str | None, name: str | None, arguments: str) -> Any:
    call = SimpleNamespace(index=index, id=call_id, function=SimpleNamespace(name=name, arguments=arguments))
    choice = SimpleNamespace(delta=SimpleNamespace(content=None, tool_calls=[call]), finish_reason=None)
    return SimpleNamespace(choices=[choice], usage=None)


def test_calls_in_pieces_are_put_together_by_index() -> None:
    gathered = Gathered()
    for piece in (delta(0, "a", "f", '{"x"'), delta(1, "b", "g", "{}"), delta(0, None, None, ": 1}")):
        gathered.add(piece)
    assert [(c.id, c.name, c.args) for c in gathered.tool_calls()] == [("a", "f", {"x": 1}), ("b", "g", {})]


def test_a_server_that_gives_every_call_the_same_index_is_understood() -> None:
    gathered = Gathered()
    for piece in (delta(0, "a", "f", "{}"), delta(0, "b", "g", '{"y"'), delta(0, None, None, ": 2}")):
        gathered.add(piece)
    assert [(c.id, c.name, c.args) for c in gathered.tool_calls()] == [("a", "f", {}), ("b", "g", {"y": 2})]


def test_litellms_generic_chunks_are_read_too() -> None:
    gathered = Gathered()
    assert gathered.add({"text": "hello ", "usage": None}) == "hello "
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    gathered.add({"text": "", "tool_use": call, "finish_reason": "tool_calls", "usage": usage})
    assert (gathered.text, gathered.finish_reason, len(gathered.tool_calls())) == ("hello ", "tool_calls", 1)
    assert gathered.usage is not None and gathered.usage.tokens_in == 5


def test_usage_that_makes_no_sense_counts_as_none() -> None:
    assert read_usage(None) is None
    assert read_usage({"prompt_tokens": 0, "completion_tokens": 0}) is None
    assert read_usage({"prompt_tokens": "many", "completion_tokens": 3}) is None
    assert read_usage({"prompt_tokens": 9, "completion_tokens": -1}) is None


def test_more_cached_than_read_is_read_as_all_cached() -> None:
    usage = read_usage({"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 50}})
    assert usage is not None and usage.tokens_cached == 9
