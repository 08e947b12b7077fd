"""From the state a turn ended in to what is stored and shown: the document, the trace and the tool calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage

from agents.language import detect
from agents.suggestions import suggest
from camarad.errors import CamaradError
from camarad.ids import new_id
from graphs import grounding
from graphs.acting import asked_by
from graphs.endings import Ending
from graphs.events import Grounding, MessageView, Suggestion, ToolCallView, TurnDocument, Usage
from graphs.facts import connected
from graphs.state import HANDED_OVER, TurnContext, TurnState, hand_offs, replies
from graphs.turns import Accepted
from tools.result import ToolResult

Row = dict[str, Any]

TRACED = ("name", "agent", "ok", "error", "duration_ms")  # of a tool call


def ending(
    turn: Accepted,
    state: TurnState,
    context: TurnContext,
    states: Any,
    text: str,
    status: str,
    usage: Usage | None = None,
    error: CamaradError | None = None,
) -> Ending:
    """Everything a turn leaves, whether it came to its end, was stopped or failed."""
    calls = tool_calls(turn, state, context)
    found = [ToolResult.model_validate(call["result"]) for call in calls]
    language = detect(text, turn.language) if text else turn.language
    checked = grounding.check(text, found, " ; ".join([turn.words, *context.facts.values()]), context.today)
    handed = hand_offs(state)
    document = TurnDocument(
        message=MessageView(
            id=turn.answer_message_id,
            agent=state["agent"],
            text=text,
            language=language,
            blocks=[block for result in found for block in result.blocks],
        ),
        route=[turn.agent, *(each.agent for each in handed)],  # who decided or spoke, in order; the last one answered
        hand_offs=handed,
        tool_calls=[_view(call, context.tools.scope.client_id) for call in calls],
        grounding=checked,
        usage=usage or usage_of(state),
        suggestions=_suggestions(turn, state, states, calls) if status != "failed" else [],
        trace_id=turn.turn_id,
        status="complete" if status == "complete" else ("stopped" if status == "stopped" else "failed"),
    )
    ended = {"complete": "done", "stopped": "stopped"}.get(status, "failed")
    trace = _trace(turn, state, context, checked, calls, error)
    return Ending(ended, status, text, language, document, trace, calls)


def last_words(state: TurnState) -> str:
    """The answer of a turn that had ended before its process died, and so was not shown again."""
    spoken = replies(state)
    return str(spoken[-1].content) if spoken and not spoken[-1].tool_calls else ""


def usage_of(state: TurnState) -> Usage:
    calls = [reply.response_metadata["call"] for reply in replies(state)]
    return Usage(
        requests=len(calls),
        tokens_in=sum(call["tokens_in"] for call in calls),
        tokens_out=sum(call["tokens_out"] for call in calls),
        ct_actual=sum(call["ct_actual"] for call in calls),
        ct_shadow=sum(call["ct_shadow"] for call in calls),
        model=calls[-1]["model"] if calls else "",
    )


def tool_calls(turn: Accepted, state: TurnState, context: TurnContext) -> list[Row]:
    """One row a call that was answered; hand-offs are in the route, not here."""
    rows: list[Row] = []
    asked: dict[str, tuple[str, dict[str, Any]]] = {}
    for message in state["messages"]:
        if isinstance(message, AIMessage):
            asked |= {call["id"] or "": (asked_by(message), call["args"]) for call in message.tool_calls}
        elif isinstance(message, ToolMessage) and HANDED_OVER not in message.artifact:
            agent, args = asked[message.tool_call_id]
            rows.append(_row(turn, message, agent, args, len(rows) + 1))
    return rows


def _row(turn: Accepted, message: ToolMessage, agent: str, args: dict[str, Any], seq: int) -> Row:
    record = message.artifact
    error = record["result"].get("error")
    return {
        "id": new_id(),
        "conversation_id": turn.conversation_id,
        "message_id": turn.answer_message_id,
        "seq": seq,
        "name": message.name or "",
        "agent": agent,
        "args": args,
        "result": record["result"],
        "source": record["result"]["meta"]["source"],
        "ok": error is None,
        "error": error["code"] if error else None,
        "started_at": datetime.fromisoformat(record["started_at"]),
        "duration_ms": record["duration_ms"],
    }


def _view(call: Row, client_id: str) -> ToolCallView:
    return ToolCallView(client_id=client_id, **{name: call[name] for name in ("name", "args", "source", "ok", "error")})


def _suggestions(turn: Accepted, state: TurnState, states: Any, calls: list[Row]) -> list[Suggestion]:
    ideas = suggest(state["agent"], turn.language, connected(states), [call["name"] for call in calls])
    return [Suggestion(text=idea.text, agent=idea.agent) for idea in ideas]


def _trace(
    turn: Accepted,
    state: TurnState,
    context: TurnContext,
    checked: Grounding,
    calls: list[Row],
    error: CamaradError | None,
) -> dict[str, Any]:
    """What happened, without the words: prompts by hash, each model call with its price, each tool with its time."""
    trace: dict[str, Any] = {
        "language": turn.language,
        "facts": context.facts,
        "history_rows": len(turn.history),
        "model_calls": [reply.response_metadata["call"] for reply in replies(state)],
        "tools": [{name: call[name] for name in TRACED} for call in calls],
        "note": state["note"],
        "grounding": checked.model_dump(),
        "resumed": turn.resumed,
    }
    if error is not None:
        trace["error"] = error_fields(error)
    return trace


def error_fields(error: CamaradError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "status": error.status,
        "retry_after": error.retry_after,
    }
