"""How a reader liked an answer: one value a message, the latest one counts."""

from __future__ import annotations

from sqlalchemy import select

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import NotFound
from camarad.ids import new_id
from camarad.models import Feedback, Message
from camarad.scope import Scope


async def give(
    database: Database,
    clock: Clock,
    scope: Scope,
    conversation_id: str,
    message_id: str,
    value: int,
    comment: str | None,
) -> None:
    """Raises NotFound unless the message is an answer of this conversation, within the scope."""
    async with database.write(scope) as session:
        message = await session.scalar(
            select(Message.id).where(
                Message.id == message_id, Message.conversation_id == conversation_id, Message.role == "assistant"
            )
        )
        if message is None:
            raise NotFound("There is no such answer in this conversation.")
        row = await session.scalar(select(Feedback).where(Feedback.message_id == message_id))
        if row is None:
            row = Feedback(id=new_id(), conversation_id=conversation_id, message_id=message_id, created_at=clock.now())
            session.add(row)
        row.value, row.comment = value, comment
