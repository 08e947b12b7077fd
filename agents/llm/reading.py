"""Reads what litellm hands back, whole or in pieces, into text, tool calls and usage, and trusts none of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from agents.llm.call import ToolCall, Usage
from camarad.ids import new_id


@dataclass(slots=True)
class _Slot:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Gathered:
    """A reply as far as it has come. What it holds when a call is stopped is what is charged."""

    __slots__ = ("_at", "_slots", "finish_reason", "parts", "usage")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.usage: Usage | None = None
        self.finish_reason = ""
        self._slots: list[_Slot] = []
        self._at: dict[int, _Slot] = {}  # the call that an index means now; some servers give every call index 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def began(self) -> bool:
        return bool(self.parts or self._slots)

    def add(self, chunk: Any) -> str:
        """Take one piece and give back its words. A dict is litellm's generic chunk, else OpenAI's chunk."""
        if isinstance(chunk, dict):
            return self._add_generic(chunk)
        if usage := getattr(chunk, "usage", None):
            self.usage = read_usage(usage)
        for choice in chunk.choices[:1]:
            self.finish_reason = choice.finish_reason or self.finish_reason
            return self._add_message(choice.delta)
        return ""

    def add_whole(self, response: Any) -> None:
        """Take a reply that was not streamed."""
        self.usage = read_usage(getattr(response, "usage", None))
        for choice in response.choices[:1]:
            self.finish_reason = choice.finish_reason or "stop"
            self._add_message(choice.message)

    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(read_tool_call(slot.id, slot.name, "".join(slot.arguments)) for slot in self._slots)

    def written(self) -> str:
        """Everything the model wrote, tool calls included: what its output tokens are counted from."""
        calls = (slot.name + "".join(slot.arguments) for slot in self._slots)
        return self.text + "".join(calls)

    def _add_message(self, message: Any) -> str:
        for position, call in enumerate(getattr(message, "tool_calls", None) or ()):
            function = call.function
            index = getattr(call, "index", None)
            self._add_call(position if index is None else index, call.id, function.name, function.arguments)
        words: str = getattr(message, "content", None) or ""
        if words:
            self.parts.append(words)
        return words

    def _add_generic(self, chunk: dict[str, Any]) -> str:
        if chunk.get("usage"):
            self.usage = read_usage(chunk["usage"])
        if call := chunk.get("tool_use"):
            function = call["function"]
            self._add_call(call.get("index") or 0, call.get("id"), function.get("name"), function.get("arguments"))
        self.finish_reason = chunk.get("finish_reason") or self.finish_reason
        words: str = chunk.get("text") or ""
        if words:
            self.parts.append(words)
        return words

    def _add_call(self, index: int, call_id: str | None, name: str | None, arguments: str | None) -> None:
        slot = self._at.get(index)
        if slot is None or (call_id and slot.id and call_id != slot.id):
            slot = self._at[index] = _Slot()
            self._slots.append(slot)
        slot.id = slot.id or call_id or ""
        slot.name = slot.name or name or ""
        if arguments:
            slot.arguments.append(arguments)


def read_usage(usage: Any) -> Usage | None:
    """The provider's own count, or None where it gave none or a meaningless one."""
    if usage is None:
        return None
    tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if tokens_in <= 0 or tokens_out < 0:
        return None
    details = _field(usage, "prompt_tokens_details")
    cached = _count(details, "cached_tokens") if details else 0
    cached = min(max(cached, 0), tokens_in)
    written = _count(usage, "cache_creation_input_tokens") or _count(details or {}, "cache_creation_tokens")
    return Usage(tokens_in, cached, tokens_out, tokens_cache_write=min(max(written, 0), tokens_in - cached))


def read_tool_call(call_id: str, name: str, raw: str) -> ToolCall:
    """A tool call as data: nonsense is described, never raised."""
    call_id = call_id or f"call_{new_id()}"
    if not name:
        return ToolCall(call_id, "", {}, raw, "The tool call has no name. Name one of the tools that were offered.")
    try:
        args = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        return ToolCall(call_id, name, {}, raw, f"The arguments are not valid JSON ({error}). Send one JSON object.")
    if not isinstance(args, dict):
        kind = type(args).__name__
        return ToolCall(
            call_id, name, {}, raw, f"The arguments are a JSON {kind}, not an object. Send one JSON object."
        )
    return ToolCall(call_id, name, args, raw or "{}")


def _field(source: Any, name: str) -> Any:
    return source.get(name) if isinstance(source, dict) else getattr(source, name, None)


def _count(source: Any, name: str) -> int:
    value = _field(source, name)
    return value if isinstance(value, int) else 0
