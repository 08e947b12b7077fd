"""How a turn ends: with its answer in one transaction, while it is still ours; or found dead and closed.

A heartbeat only for turns that take seconds, so that most turns are two transactions: accepted and ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from camarad.clock import Clock
from camarad.database import Database
from camarad.models import Conversation, Message, ToolCall, Turn, UsageRow
from camarad.rows import insert_rows, update_rows
from camarad.scope import Scope
from graphs.events import TurnDocument
from graphs.owners import Owner

if TYPE_CHECKING:
    from graphs.turns import Accepted


@dataclass(frozen=True, slots=True)
class Ending:
    """What a turn leaves behind."""

    state: str
    status: str
    text: str
    language: str
    document: TurnDocument
    trace: dict[str, Any]
    calls: list[dict[str, Any]]  # rows of tool_calls


def close_dead(session: Session, turn: Turn, now: datetime) -> None:
    """Its process died and nobody resumed it: what was shown stays, marked as cut short."""
    turn.state, turn.finished_at = "failed", now
    turn.trace = {**turn.trace, "error": {"code": "turn_interrupted"}}
    session.flush()  # the turn's row before the message's, as everywhere
    update_rows(session, Message, {"status": "failed"}, id=turn.answer_message_id)


class _NotOurs(Exception):
    """The turn that is to be ended was deleted or taken over."""


async def finish(database: Database, scope: Scope, clock: Clock, turn: Accepted, end: Ending) -> bool:
    """Store how the turn ended. False when it is no longer ours: deleted, or taken over by another process."""
    try:
        await database.transact(scope, lambda session: _finish(session, clock.now(), turn, end))
    except _NotOurs:
        return False
    return True


def _finish(session: Session, now: datetime, turn: Accepted, end: Ending) -> None:
    """The conversation's row first, as in `_open`: two transactions that lock in one order cannot block each other."""
    document = end.document.model_dump(mode="json")
    agent = end.document.message.agent
    update_rows(session, Conversation, {"agent": agent, "updated_at": now}, id=turn.conversation_id)
    over = {"state": end.state, "trace": end.trace, "finished_at": now}
    if not update_rows(session, Turn, over, id=turn.turn_id, owner=turn.owner):
        raise _NotOurs
    answer = {"text": end.text, "status": end.status, "language": end.language, "agent": agent, "document": document}
    update_rows(session, Message, answer, id=turn.answer_message_id)
    insert_rows(session, ToolCall, end.calls)


async def beat(database: Database, scope: Scope, owner: Owner, turn_id: str, now: datetime) -> bool:
    """Say that the turn is alive. False when somebody stopped it or took it over."""
    mine = {"id": turn_id, "state": "running", "owner": owner.name}
    alive = {"heartbeat_at": now}
    return bool(await database.transact(scope, lambda session: update_rows(session, Turn, alive, **mine)))


async def keep_partial(database: Database, scope: Scope, message_id: str, text: str) -> None:
    mine = {"id": message_id, "status": "streaming"}
    await database.transact(scope, lambda session: update_rows(session, Message, {"text": text}, **mine))


async def spent(database: Database, turn_id: str) -> dict[str, int]:
    """What the meter wrote for the turn: the whole truth when a call was cut short."""
    columns = (UsageRow.tokens_in, UsageRow.tokens_out, UsageRow.ct_actual_debit, UsageRow.ct_shadow_debit)
    sums = [func.coalesce(func.sum(column), 0) for column in columns]
    async with database.read() as session:
        statement = select(func.count(), *sums).where(UsageRow.turn_id == turn_id)
        row = (await session.execute(statement)).one()
    names = ("requests", "tokens_in", "tokens_out", "ct_actual", "ct_shadow")
    return {name: int(value) for name, value in zip(names, row, strict=True)}
