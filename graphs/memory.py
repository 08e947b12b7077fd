"""What a model gets to read: its prompt and facts, earlier turns as far as they fit its window, and this turn.

Of earlier turns only the words are kept; the tool results of the latest one stay, so that "and the month before?" has
something to refer to. When there is no room the oldest turns go first, and this turn's words never.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from camarad.models import ToolCall
from tools.result import ToolResult

Row = dict[str, Any]

TURNS_KEPT = 12
PAST_ROWS = 3  # of an earlier turn's tool result; this turn's are never cut
CHARS_PER_TOKEN = 3.0  # a safe low guess for English, Romanian and JSON
ROOM_FOR_ANSWER = 4_096
MOST_PAST = 12_000  # tokens of earlier turns: a wide window is no reason to hold and pay CT for all of it


class Said(NamedTuple):
    """What a model reads of a stored message."""

    id: str
    role: str
    text: str
    seq: int


def history(messages: Sequence[Said], calls: Sequence[ToolCall]) -> tuple[Row, ...]:
    """Earlier turns in OpenAI's format. `messages` are in order; `calls` are the tool calls of the latest answer."""
    rows: list[Row] = []
    for message in messages:
        if message.role == "user":
            rows.append({"role": "user", "content": message.text})
            continue
        rows.extend(_past_calls([call for call in calls if call.message_id == message.id]))
        if message.text:
            rows.append({"role": "assistant", "content": message.text})
    return tuple(rows)


def _past_calls(calls: Sequence[ToolCall]) -> list[Row]:
    if not calls:
        return []
    asked = [_call_row(call.id, call.name, call.args) for call in calls]
    rows: list[Row] = [{"role": "assistant", "content": None, "tool_calls": asked}]
    rows += [{"role": "tool", "tool_call_id": call.id, "content": _past_result(call)} for call in calls]
    return rows


def _past_result(call: ToolCall) -> str:
    """An earlier result, cut to its head: enough to know what "it" was; its numbers have to be read again anyway."""
    if not call.result:
        return json.dumps({"error": call.error or "no result"})
    result = ToolResult.model_validate(call.result)
    left_out = max(len(result.rows) - PAST_ROWS, 0)
    head = result.model_copy(update={"rows": result.rows[:PAST_ROWS], "truncated": result.truncated + left_out})
    return head.for_model()


def this_turn(messages: Sequence[AnyMessage]) -> list[Row]:
    return [_row(message) for message in messages]


def _row(message: AnyMessage) -> Row:
    if isinstance(message, ToolMessage):
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    row: Row = {"role": "assistant", "content": message.content or None}
    if isinstance(message, AIMessage) and message.tool_calls:
        row["tool_calls"] = [_call_row(c["id"] or "", c["name"], c["args"]) for c in message.tool_calls]
    return row


def _call_row(call_id: str, name: str, args: dict[str, Any]) -> Row:
    arguments = json.dumps(args, ensure_ascii=False, separators=(",", ":"))
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def fitted(system: str, past: Sequence[Row], words: str, turn: Sequence[Row], window: int) -> list[Row]:
    """All of it in order, without the oldest turns that do not fit the window."""
    fixed: list[Row] = [{"role": "system", "content": system}, {"role": "user", "content": words}, *turn]
    room = min(max(window - ROOM_FOR_ANSWER, window // 2) - _tokens(fixed), MOST_PAST)
    kept: list[Row] = []
    for turn_rows in reversed(_by_turn(past)[-TURNS_KEPT:]):
        room -= _tokens(turn_rows)
        if room < 0:
            break
        kept[:0] = turn_rows
    return [fixed[0], *kept, *fixed[1:]]


def _by_turn(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows grouped so that each group starts with a person's message: a tool result is never kept without its call."""
    groups: list[list[Row]] = []
    for row in rows:
        if row["role"] == "user" or not groups:
            groups.append([])
        groups[-1].append(row)
    return groups


def _tokens(rows: Sequence[Row]) -> int:
    """More than they are, never less in practice: counting exactly costs more than the room it would win."""
    size = sum(len(row.get("content") or "") + len(str(row.get("tool_calls") or "")) + 12 for row in rows)
    return int(size / CHARS_PER_TOKEN)
