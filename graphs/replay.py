"""Events of a turn that is not running here: a stored one told again, or another process's once it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from sqlalchemy import select

from camarad.database import Database
from camarad.models import Message, Turn
from camarad.scope import Scope
from graphs.events import (
    AgentEvent,
    BlockEvent,
    DoneEvent,
    ErrorEvent,
    SuggestionsEvent,
    TokenEvent,
    TurnDocument,
    TurnEvent,
    UsageEvent,
)
from graphs.turns import Stored

POLL = 0.5  # seconds
INTERRUPTED = ErrorEvent(
    code="turn_interrupted",
    message="The server stopped while it was answering this message.",
    hint="Send the message again.",
    status=503,
)


def events(stored: Stored) -> Iterator[TurnEvent]:
    """The stored turn as a door would have seen it, words in one piece."""
    if not stored.answer.document:
        yield INTERRUPTED
        return
    document = TurnDocument.model_validate(stored.answer.document)
    yield from (AgentEvent(agent=agent, note=note or None) for agent, note in document.told())
    yield from (BlockEvent(block=block) for block in document.message.blocks)
    if document.message.text:
        yield TokenEvent(text=document.message.text)
    if error := stored.trace.get("error"):
        yield ErrorEvent(**error) if "status" in error else INTERRUPTED
    if document.suggestions:
        yield SuggestionsEvent(suggestions=document.suggestions)
    yield UsageEvent(usage=document.usage)
    yield DoneEvent(document=document)


async def wait(database: Database, scope: Scope, conversation_id: str) -> AsyncIterator[TurnEvent]:
    """The turn another process is running, given when it is stored; nothing when none is."""
    turn_id = await _running(database, scope, conversation_id)
    while turn_id is not None:
        async with database.read(scope) as session:
            turn = await session.get(Turn, turn_id)
            answer = await session.get(Message, turn.answer_message_id) if turn else None
        if turn is None or answer is None:
            return
        if turn.state != "running":
            for event in events(Stored(turn.id, turn.state, answer, turn.trace)):
                yield event
            return
        await asyncio.sleep(POLL)


async def _running(database: Database, scope: Scope, conversation_id: str) -> str | None:
    async with database.read(scope) as session:
        statement = select(Turn.id).where(Turn.conversation_id == conversation_id, Turn.state == "running")
        return (await session.scalars(statement)).one_or_none()
