"""One model call of an agent: what it is told, which tools it is offered, whether it is streamed, and what it said.

Streaming costs four times the CPU of a whole reply, so it is used where words for the reader are expected: routing is
never streamed, nor the first call of a specialist on the built-in model, which is all but certain to be a tool call.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from functools import cache
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages.tool import tool_call

from agents.llm import CallContext, Reply, window
from agents.roster import PERSONAL_ASSISTANT, Agent
from camarad.errors import Upstream
from graphs import limits, memory
from graphs.events import TokenEvent
from graphs.handoff import MOST_HAND_OFFS, route_schema
from graphs.state import TurnContext, TurnState, hand_offs, replies, since_hand_off
from prompts.loader import Prompt, load_prompt
from tools.registry import tools_for

EMBEDDED = "camarad/"
PARAGRAPH = "\n\n"


async def speak(speaker: Agent, state: TurnState, turn: TurnContext) -> AIMessage:
    """Ask the model of `speaker` once. The reply's words have been shown when it called no tools."""
    last = limits.must_answer(state)
    prompt = load_prompt(speaker.prompt)
    model = turn.model_of(speaker.slug)
    seen = since_hand_off(state)
    rows = memory.fitted(
        prompt.render({**turn.facts, "agent": speaker.slug, "agent_name": speaker.name}),
        turn.history,
        turn.words,
        memory.this_turn(seen),
        window(model),
    )
    context = _call_context(speaker, state, turn)
    ask = {"tools": _offered(speaker, state) or None, "tool_choice": "none" if last else None}
    started = time.perf_counter()
    if _is_streamed(speaker, model, seen, last):
        reply = await _streamed(context, rows, ask, turn)
    else:
        reply = await _whole(context, rows, ask, turn)
    return _message(reply, prompt, context, last, started)


def _call_context(speaker: Agent, state: TurnState, turn: TurnContext) -> CallContext:
    """The id of a call follows from its place in the turn, so that a resumed turn asks under the same one."""
    number = len(replies(state)) + 1
    return CallContext(
        scope=turn.tools.scope,
        agent=speaker.slug,
        request_id=f"{turn.request_id}:{number}-{turn.turn_id[-12:]}",
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        resumed=turn.resumed,
    )


def _offered(speaker: Agent, state: TurnState) -> list[dict[str, Any]]:
    routes = bool(speaker.hands_off_to) and len(hand_offs(state)) < MOST_HAND_OFFS
    return [*_schemas(speaker), route_schema(speaker)] if routes else list(_schemas(speaker))


@cache
def _schemas(speaker: Agent) -> tuple[dict[str, Any], ...]:
    """Made once a process: pydantic takes longer over a schema than the rest of a call."""
    return tuple(tool.schema() for tool in tools_for(speaker.tools))


def _is_streamed(speaker: Agent, model: str, seen: list[Any], last: bool) -> bool:
    has_results = any(isinstance(m, ToolMessage) and "result" in m.artifact for m in seen)
    if last or has_results:
        return True
    return speaker.slug != PERSONAL_ASSISTANT and not model.startswith(EMBEDDED)


async def _whole(context: CallContext, rows: list[dict[str, Any]], ask: dict[str, Any], turn: TurnContext) -> Reply:
    reply = await turn.door.complete(context, rows, **ask)
    if reply.text and not reply.tool_calls:
        turn.emit(TokenEvent(text=reply.text))
    return reply


async def _streamed(context: CallContext, rows: list[dict[str, Any]], ask: dict[str, Any], turn: TurnContext) -> Reply:
    """Show words as they come. A stream left half-way is closed at once, which also settles it."""
    reply: Reply | None = None
    async with aclosing(turn.door.stream(context, rows, **ask)) as chunks:
        async for chunk in chunks:
            if chunk.text:
                turn.emit(TokenEvent(text=chunk.text))
            reply = chunk.reply or reply
    if reply is None:
        raise Upstream("The model ended its reply without finishing it.", code="model_unavailable", status=502)
    if reply.text and reply.tool_calls:
        turn.emit(TokenEvent(text=PARAGRAPH))  # words said before tools stay, apart from the answer
    return reply


def _message(reply: Reply, prompt: Prompt, context: CallContext, last: bool, started: float) -> AIMessage:
    calls = [] if last else reply.tool_calls
    return AIMessage(
        content=reply.text,
        tool_calls=[tool_call(name=call.name or "unnamed", args=call.args, id=call.id) for call in calls],
        response_metadata={
            "call": {
                "agent": context.agent,
                "request_id": context.request_id,
                "model": reply.model,
                "prompt": f"{prompt.name}@{prompt.version}:{prompt.hash}",
                "tokens_in": reply.usage.tokens_in,
                "tokens_out": reply.usage.tokens_out,
                "ct_actual": reply.charge.ct_actual,
                "ct_shadow": reply.charge.ct_shadow or 0,
                "attempts": list(reply.attempts),
                "duration_ms": round((time.perf_counter() - started) * 1000),
            },
            "bad_args": {call.id: call.error for call in calls if call.error},
        },
    )
