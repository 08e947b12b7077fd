"""The tool calls of one reply: all run at once, all answered, whatever they were. A wrong call is answered with what is
wrong and what is allowed; it never ends the turn."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages.tool import ToolCall

from agents.roster import Agent
from graphs import limits
from graphs.events import AgentEvent, BlockEvent, ToolFinished, ToolStarted
from graphs.handoff import MOST_HAND_OFFS, ROUTE_TOOL, note_of, target_of
from graphs.state import HANDED_OVER, NOTE, TurnContext, TurnState, hand_offs, replies, returned
from tools.registry import run_tool
from tools.result import Meta, ToolError, ToolResult


@dataclass(frozen=True, slots=True)
class Acted:
    """The answers, in the order of the calls, and who speaks next."""

    messages: list[ToolMessage]
    agent: str
    note: str


async def act(speaker: Agent, state: TurnState, turn: TurnContext) -> Acted:
    asked = replies(state)[-1]
    bad_args: dict[str, str] = asked.response_metadata.get("bad_args", {})
    done = _answered(state)
    target, note, jobs = None, "", []
    for position, call in enumerate(asked.tool_calls):
        if call["name"] == ROUTE_TOOL and target is None and (found := _target(speaker, state, call)):
            target, note = found, note_of(call["args"])
            jobs.append(_handed_over(call, target, note))
            continue
        refusal = _refusal(speaker, call, position, bad_args.get(call["id"] or ""), done, turn)
        if refusal:
            jobs.append(_refused(call, refusal, turn))
            continue
        jobs.append(_run(speaker, call, turn))
        done.add(limits.call_key(call["name"], call["args"]))
    messages = list(await asyncio.gather(*jobs))
    if target is None:
        return Acted(messages, speaker.slug, state["note"])
    turn.emit(AgentEvent(agent=target.slug, note=note or None))
    return Acted(messages, target.slug, note)


def _target(speaker: Agent, state: TurnState, call: ToolCall) -> Agent | None:
    return target_of(speaker, call["args"]) if len(hand_offs(state)) < MOST_HAND_OFFS else None


def _answered(state: TurnState) -> set[str]:
    """The calls of this turn that were run; asking the same again is no progress."""
    asked = {call["id"]: call for reply in replies(state) for call in reply.tool_calls}
    ran = [asked[message.tool_call_id] for message in returned(state) if not limits.was_idle(message)]
    return {limits.call_key(call["name"], call["args"]) for call in ran}


def _refusal(
    speaker: Agent, call: ToolCall, position: int, bad: str | None, done: set[str], turn: TurnContext
) -> ToolError | None:
    name = call["name"]
    allowed = ", ".join(speaker.tools)
    if name == ROUTE_TOOL:
        able = ", ".join(speaker.hands_off_to)
        return _error(
            "no_such_agent", "This hand-off is not possible now.", f"Answer yourself, or name one of: {able}."
        )
    if name not in speaker.tools:
        return _error("unknown_tool", f"{speaker.name} has no tool named {name!r}.", f"Tools you have: {allowed}.")
    if bad:
        return _error("invalid_arguments", bad, "Send the arguments as one JSON object that fits the schema.")
    if limits.call_key(name, call["args"]) in done:
        hint = "Answer from the result you have, or change the arguments."
        return _error("repeated_call", "This call was already answered in this turn.", hint)
    if position >= limits.MOST_CALLS_AT_ONCE:
        hint = f"Ask for at most {limits.MOST_CALLS_AT_ONCE} at once."
        return _error("too_many_calls", "Too many calls at once; this one was not run.", hint)
    return None


def _error(code: str, message: str, hint: str) -> ToolError:
    return ToolError(code=code, message=message, hint=hint)


async def _handed_over(call: ToolCall, target: Agent, note: str) -> ToolMessage:
    return ToolMessage(
        content=f"Handed over to {target.slug}.",
        tool_call_id=call["id"] or "",
        artifact={HANDED_OVER: target.slug, NOTE: note},
    )


async def _refused(call: ToolCall, error: ToolError, turn: TurnContext) -> ToolMessage:
    """Answer without running anything. The reader is not bothered with it; the trace has it."""
    now = turn.tools.clock.now()
    result = ToolResult(title=call["name"], meta=Meta(source="camarad", as_of=now), error=error)
    return _message(call, result, now, 0)


async def _run(speaker: Agent, call: ToolCall, turn: TurnContext) -> ToolMessage:
    call_id, name = call["id"] or "", call["name"]
    turn.emit(ToolStarted(call_id=call_id, name=name, agent=speaker.slug, args=call["args"]))
    now, started = turn.tools.clock.now(), time.perf_counter()
    result = await run_tool(turn.tools, name, call["args"])
    spent = round((time.perf_counter() - started) * 1000)
    turn.emit(_finished(call_id, name, result, spent))
    for block in result.blocks:
        turn.emit(BlockEvent(block=block))
    return _message(call, result, now, spent)


def _finished(call_id: str, name: str, result: ToolResult, spent: int) -> ToolFinished:
    return ToolFinished(
        call_id=call_id,
        name=name,
        ok=result.error is None,
        source=result.meta.source,
        error=result.error.code if result.error else None,
        summary=result.error.message if result.error else result.title,
        duration_ms=spent,
    )


def _message(call: ToolCall, result: ToolResult, started_at: datetime, spent: int) -> ToolMessage:
    artifact: dict[str, Any] = {
        "result": result.model_dump(mode="json"),
        "started_at": started_at.isoformat(),
        "duration_ms": spent,
    }
    return ToolMessage(
        content=result.for_model(), tool_call_id=call["id"] or "", name=call["name"] or "unnamed", artifact=artifact
    )


def asked_by(message: AIMessage) -> str:
    agent: str = message.response_metadata["call"]["agent"]
    return agent
