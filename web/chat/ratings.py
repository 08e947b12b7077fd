"""Feedback on answers, kept and removed within the scope. The page names a turn by its user's message."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, or_, select

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, NotFound
from camarad.ids import new_id
from camarad.models import Feedback, Turn
from camarad.scope import Scope
from web.chat.packets import message_id_of, request_id
from web.inputs import clean_text

COMMENT_CHARS = 2000


async def keep(database: Database, scope: Scope, clock: Clock, given: dict[str, Any]) -> str:
    """Keep the reader's judgement of a turn's answer, replacing an earlier one; gives its id."""
    run, value = clean_text(str(given.get("forId"))), given.get("value")
    comment = clean_text(str(given.get("comment") or ""))[:COMMENT_CHARS]
    if value not in (0, 1):
        raise BadInput("Feedback is 0 or 1.")
    async with database.write(scope) as session:
        turn = await session.scalar(_asked_by(message_id_of(run)))
        if turn is None:
            raise NotFound("There is no such answer for this client.")
        row = await session.scalar(select(Feedback).where(Feedback.message_id == turn.answer_message_id))
        if row is None:
            row = Feedback(
                id=new_id(),
                conversation_id=turn.conversation_id,
                message_id=turn.answer_message_id,
                created_at=clock.now(),
            )
            session.add(row)
        row.value, row.comment = int(value), comment or None
        return row.id


def _asked_by(message_id: str) -> Select[Turn]:
    """The turn of a message, by its stored id or by the one under which the page sent it."""
    sent = Turn.request_id == request_id(message_id)
    return select(Turn).where(or_(Turn.user_message_id == message_id, sent)).order_by(Turn.created_at.desc()).limit(1)


async def remove(database: Database, scope: Scope, feedback_id: str) -> bool:
    async with database.write(scope) as session:
        gone = await session.execute(delete(Feedback).where(Feedback.id == clean_text(feedback_id)))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


async def of_conversation(database: Database, scope: Scope, conversation_id: str) -> dict[str, dict[str, Any]]:
    """By the id of the answer, in the page's shape."""
    async with database.read(scope) as session:
        rows = await session.scalars(select(Feedback).where(Feedback.conversation_id == conversation_id))
    return {row.message_id: {"id": row.id, "forId": "", "value": row.value, "comment": row.comment} for row in rows}
