"""What one turn knows. The state is checkpointed and small: the messages the turn itself added, who speaks, and the
hand-off note. Everything that can be read again (history, facts, the person's words) is in the context, which is not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agents.llm import ModelDoor
from graphs.events import HandOff, TurnEvent
from tools.record import ToolContext
from tools.result import ToolResult

HANDED_OVER, NOTE = "handed_over", "note"  # of the artifact of a hand-off


class TurnState(TypedDict):
    messages: Annotated[list[AnyMessage], operator.add]
    agent: str
    note: str


@dataclass(frozen=True, slots=True)
class TurnContext:
    """The runtime context of the graph. `tools.scope` is the one scope of the turn."""

    turn_id: str
    request_id: str
    conversation_id: str
    words: str
    history: tuple[dict[str, Any], ...]
    facts: dict[str, str]
    tools: ToolContext
    door: ModelDoor
    model_of: Callable[[str], str]  # the model of an agent, by slug
    emit: Callable[[TurnEvent], None]
    resumed: bool = False  # the server runs this turn again after its process died

    @property
    def language(self) -> str:
        return self.tools.language

    @property
    def today(self) -> date:
        return date.fromisoformat(self.facts["today"])


def replies(state: TurnState) -> list[AIMessage]:
    return [message for message in state["messages"] if isinstance(message, AIMessage)]


def returned(state: TurnState) -> list[ToolMessage]:
    """The answered tool calls, hand-offs left out; each carries its record as the artifact."""
    return [m for m in state["messages"] if isinstance(m, ToolMessage) and HANDED_OVER not in m.artifact]


def results(state: TurnState) -> list[ToolResult]:
    return [ToolResult.model_validate(message.artifact["result"]) for message in returned(state)]


def since_hand_off(state: TurnState) -> list[AnyMessage]:
    """What the agent who speaks now gets to see: the hand-off to it, with its note, and what came after."""
    messages = state["messages"]
    for index in range(len(messages) - 1, -1, -1):
        message = messages[index]
        if isinstance(message, ToolMessage) and HANDED_OVER in message.artifact:
            return messages[_asked_at(messages, index) :]
    return messages


def _asked_at(messages: list[AnyMessage], index: int) -> int:
    while not isinstance(messages[index], AIMessage):
        index -= 1
    return index


def hand_offs(state: TurnState) -> list[HandOff]:
    """The agents that were handed to in this turn, in order, with what they were told."""
    made = [m.artifact for m in state["messages"] if isinstance(m, ToolMessage) and HANDED_OVER in m.artifact]
    return [HandOff(agent=artifact[HANDED_OVER], note=artifact.get(NOTE, "")) for artifact in made]
