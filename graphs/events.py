"""What a turn tells its door: a closed union. A door renders these and holds no logic of its own."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from tools.blocks import Block


class AgentEvent(BaseModel):
    """Another agent speaks from here on. `note` is the hand-off note of the one before."""

    type: Literal["agent"] = "agent"
    agent: str
    note: str | None = None


class TokenEvent(BaseModel):
    type: Literal["token"] = "token"
    text: str


class ToolStarted(BaseModel):
    type: Literal["tool_started"] = "tool_started"
    call_id: str
    name: str
    agent: str
    args: dict[str, Any]


class ToolFinished(BaseModel):
    type: Literal["tool_finished"] = "tool_finished"
    call_id: str
    name: str
    ok: bool
    source: str | None = None
    error: str | None = None
    summary: str = ""
    duration_ms: int = 0


class BlockEvent(BaseModel):
    type: Literal["block"] = "block"
    block: Block


class ApprovalEvent(BaseModel):
    type: Literal["approval"] = "approval"
    approval: dict[str, Any]


class Suggestion(BaseModel):
    text: str
    agent: str


class SuggestionsEvent(BaseModel):
    type: Literal["suggestions"] = "suggestions"
    suggestions: list[Suggestion]


class Usage(BaseModel):
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    ct_actual: int = 0
    ct_shadow: int = 0
    model: str = ""


class UsageEvent(BaseModel):
    type: Literal["usage"] = "usage"
    usage: Usage


class ErrorEvent(BaseModel):
    """The turn ended early. The partial answer, if any, was kept."""

    type: Literal["error"] = "error"
    code: str
    message: str
    hint: str
    status: int
    retry_after: float | None = None


class ToolCallView(BaseModel):
    name: str
    args: dict[str, Any]
    client_id: str
    source: str | None
    ok: bool
    error: str | None


class Grounding(BaseModel):
    numbers: int = 0
    untraced: list[str] = []


class HandOff(BaseModel):
    """Who was handed the turn, and the note that came with it."""

    agent: str
    note: str = ""


class MessageView(BaseModel):
    id: str
    agent: str
    text: str
    language: str
    blocks: list[Block] = []


class TurnDocument(BaseModel):
    """One turn as the JSON door answers it; fields may be added, never renamed."""

    message: MessageView
    route: list[str]
    hand_offs: list[HandOff] = []
    tool_calls: list[ToolCallView] = []
    approvals: list[dict[str, Any]] = []
    grounding: Grounding = Grounding()
    usage: Usage = Usage()
    suggestions: list[Suggestion] = []
    trace_id: str
    status: Literal["complete", "stopped", "failed"] = "complete"

    def told(self) -> list[tuple[str, str]]:
        """Each agent of the route with the note it was handed; none for the first, nor in documents without notes."""
        return list(
            zip_longest(self.route, ["", *(each.note for each in self.hand_offs)][: len(self.route)], fillvalue="")
        )


class DoneEvent(BaseModel):
    type: Literal["done"] = "done"
    document: TurnDocument


TurnEvent = Annotated[
    AgentEvent
    | TokenEvent
    | ToolStarted
    | ToolFinished
    | BlockEvent
    | ApprovalEvent
    | SuggestionsEvent
    | UsageEvent
    | ErrorEvent
    | DoneEvent,
    Field(discriminator="type"),
]
