"""The bounds of a turn, and what is said when a model runs into them.

A turn ends whatever the model does: model calls and tool rounds are counted, a repeated call is answered with what is
wrong, and after two rounds without progress the model is asked for its answer with no tools to call.
"""

from __future__ import annotations

import json

from langchain_core.messages import AIMessage, ToolMessage

from graphs.state import TurnState, replies

MOST_MODEL_CALLS = 8
MOST_TOOL_ROUNDS = 5
MOST_CALLS_AT_ONCE = 8
MOST_IDLE_ROUNDS = 2
STEPS = 4 * MOST_MODEL_CALLS  # LangGraph's own recursion limit, never reached before ours

IDLE_CODES = frozenset({"repeated_call", "unknown_tool", "invalid_arguments", "too_many_calls", "no_such_agent"})

UNFINISHED = {
    "en": "I stopped here: the model kept asking for data without reaching an answer ({calls} tool calls). What was "
    "read is listed with this answer. A narrower question, or one part at a time, usually helps.",
    "ro": "M-am oprit aici: modelul a tot cerut date fără să ajungă la un răspuns ({calls} apeluri de instrumente). "
    "Ce s-a citit este listat lângă acest răspuns. De obicei ajută o întrebare mai restrânsă sau pusă pe rând.",
}
SILENT = {
    "en": "The model gave no answer to this. Please ask again, perhaps in other words.",
    "ro": "Modelul nu a dat niciun răspuns la asta. Întreabă din nou, eventual cu alte cuvinte.",
}


def must_answer(state: TurnState) -> bool:
    """Whether the next model call is the last one and may call no tools."""
    spoken = replies(state)
    rounds = sum(bool(reply.tool_calls) for reply in spoken)
    return len(spoken) + 1 >= MOST_MODEL_CALLS or rounds >= MOST_TOOL_ROUNDS or idle_rounds(state) >= MOST_IDLE_ROUNDS


def idle_rounds(state: TurnState) -> int:
    """Tool rounds in a row, counted from the last, in which every call was wrong or had been answered before."""
    idle = 0
    answered: list[ToolMessage] = []
    for message in reversed(state["messages"]):
        if isinstance(message, ToolMessage):
            answered.append(message)
        elif isinstance(message, AIMessage) and answered:
            if not all(was_idle(tool) for tool in answered):
                return idle
            idle, answered = idle + 1, []
    return idle


def was_idle(message: ToolMessage) -> bool:
    """Whether the call was refused by the turn itself, so that nothing ran."""
    error = (message.artifact.get("result") or {}).get("error") or {}
    return error.get("code") in IDLE_CODES


def call_key(name: str, args: dict[str, object]) -> str:
    return f"{name} {json.dumps(args, sort_keys=True, default=str)}"


def closing_words(state: TurnState, language: str) -> str:
    """What is said for a model that ended without an answer."""
    calls = sum(len(reply.tool_calls) for reply in replies(state))
    words = UNFINISHED if calls else SILENT
    return words["ro" if language == "ro" else "en"].format(calls=calls)
