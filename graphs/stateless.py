"""Turns whose caller tells the whole conversation each time, as programs do that speak OpenAI's API.

What was told is stored as a conversation of its own, so that such a turn is run, paid, stopped, resumed and repeated
like any other; it is listed nowhere, and put away a day later. Its id follows from the request's: the same request
again finds the same turn.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agents import roster
from camarad.clock import Clock
from camarad.database import Database
from camarad.held import hold_client
from camarad.ids import new_id
from camarad.models import Conversation, Message
from camarad.rows import insert_rows
from camarad.scope import Scope
from graphs.conversations import title_of
from graphs.memory import TURNS_KEPT

ORIGIN: Final = "v1"
KEPT_FOR: Final = timedelta(days=1)
MOST_LINES: Final = 2 * TURNS_KEPT  # what a model gets to read of earlier messages


class Line(NamedTuple):
    """One earlier message as the caller tells it: claims of theirs, whoever they say spoke."""

    role: Literal["user", "assistant"]
    text: str


def conversation_of(scope: Scope, request_id: str) -> str:
    parts = (scope.workspace_id, scope.client_id, scope.user_id, request_id)
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))  # looks like other ids; hashed as RFC 9562, 5.5, by SHA-256


async def begin(
    database: Database, scope: Scope, clock: Clock, conversation_id: str, agent: str, told: Sequence[Line], text: str
) -> None:
    """Store what was told before `text`, once. Raises NotFound for an agent or a client that is not there."""
    slug = roster.agent(agent).slug
    try:
        await database.transact(scope, lambda s: _begin(s, scope, clock.now(), conversation_id, slug, told, text))
    except IntegrityError:
        return  # the same request came twice at once, and the other one has stored it


def _begin(
    session: Session, scope: Scope, now: datetime, conversation_id: str, slug: str, told: Sequence[Line], text: str
) -> None:
    hold_client(session, scope)
    old = (Conversation.origin == ORIGIN, Conversation.updated_at < now - KEPT_FOR)
    session.execute(delete(Conversation).where(*old).execution_options(synchronize_session=False))
    if session.scalar(select(Conversation.id).where(Conversation.id == conversation_id)) is not None:
        return
    made = {"id": conversation_id, "title": title_of(text), "agent": slug, "pinned_agent": None, "language": "en"}
    insert_rows(session, Conversation, [{**made, "origin": ORIGIN, "created_at": now, "updated_at": now}])
    lines = enumerate(told[-MOST_LINES:], start=1)
    insert_rows(session, Message, [_row(conversation_id, seq, line, slug, now) for seq, line in lines])


def _row(conversation_id: str, seq: int, line: Line, slug: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "conversation_id": conversation_id,
        "seq": seq,
        "role": line.role,
        "agent": slug if line.role == "assistant" else None,
        "text": line.text,
        "language": "en",
        "status": "complete",
        "document": {},
        "created_at": now,
    }
