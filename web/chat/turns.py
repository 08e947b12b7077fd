"""What the page needs to know of stored turns: which one goes on, why one failed, where an answer's numbers came
from.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from camarad.models import ToolCall, Turn
from tools.result import Meta
from web.chat.foot import metas_of
from web.chat.visit import Visit


async def running(visit: Visit, conversation_id: str) -> str | None:
    """The user's message whose turn goes on in this conversation."""
    async with visit.services.database.read(visit.scope) as session:
        found: str | None = await session.scalar(
            select(Turn.user_message_id).where(Turn.conversation_id == conversation_id, Turn.state == "running")
        )
    return found


async def errors(visit: Visit, conversation_id: str) -> dict[str, dict[str, Any]]:
    """Why turns failed, by the id of their answer."""
    async with visit.services.database.read(visit.scope) as session:
        rows = await session.execute(
            select(Turn.answer_message_id, Turn.trace).where(
                Turn.conversation_id == conversation_id, Turn.state == "failed"
            )
        )
    return {answer_id: trace.get("error") or {} for answer_id, trace in rows}


async def metas(visit: Visit, answer_id: str) -> list[Meta]:
    """Source, period and time of each result the answer rests on."""
    async with visit.services.database.read(visit.scope) as session:
        rows = await session.scalars(
            select(ToolCall).where(ToolCall.message_id == answer_id, ToolCall.ok.is_(True)).order_by(ToolCall.seq)
        )
        return metas_of(row.result for row in rows)
