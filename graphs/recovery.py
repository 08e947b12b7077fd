"""Turns of processes that died: found at start and taken up again; and turns of other processes, stopped from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.roster import PERSONAL_ASSISTANT
from camarad.clock import Clock
from camarad.database import Database
from camarad.models import Client, Message, Turn
from camarad.rows import update_rows
from camarad.scope import Scope
from graphs.checkpoints import thread_of
from graphs.endings import close_dead
from graphs.owners import Owner
from graphs.turns import Accepted, past_messages, told

MOST_RESUMES = 2  # a turn that takes its process down each time is not tried for ever


@dataclass(frozen=True, slots=True)
class Interrupted:
    """All turns marked as running, by their threads, and those of them whose process is gone."""

    threads: list[str]
    gone: list[tuple[str, Scope]]


async def interrupted(database: Database, owner: Owner, clock: Clock) -> Interrupted:
    async with database.unscoped("a starting server looks for turns that nobody runs any more") as session:
        rows = list(await session.scalars(select(Turn).where(Turn.state == "running")))
    scopes = {row.id: Scope(row.user_id, row.workspace_id, row.client_id) for row in rows}
    gone = [row for row in rows if owner.is_gone(row.owner, row.heartbeat_at, clock.now())]
    threads = [thread_of(scope, turn_id) for turn_id, scope in scopes.items()]
    return Interrupted(threads, [(row.id, scopes[row.id]) for row in gone])


async def take_over(database: Database, scope: Scope, clock: Clock, owner: Owner, turn_id: str) -> Accepted | None:
    """Make a dead turn ours and load it again. None when another process was faster, or when it failed too often."""
    return await database.transact(scope, lambda session: _take_over(session, scope, clock.now(), owner, turn_id))


def _take_over(session: Session, scope: Scope, now: datetime, owner: Owner, turn_id: str) -> Accepted | None:
    turn = session.scalars(select(Turn).where(Turn.id == turn_id).with_for_update()).one_or_none()
    if turn is None or turn.state != "running" or not owner.is_gone(turn.owner, turn.heartbeat_at, now):
        return None
    resumes = int(turn.trace.get("resumes", 0)) + 1
    if resumes > MOST_RESUMES:
        close_dead(session, turn, now)
        return None
    turn.owner, turn.heartbeat_at = owner.name, now
    turn.trace = {**turn.trace, "resumes": resumes}
    return _reloaded(session, scope, turn)


def _reloaded(session: Session, scope: Scope, turn: Turn) -> Accepted:
    question = session.get_one(Message, turn.user_message_id)
    answer = session.get_one(Message, turn.answer_message_id)
    return Accepted(
        turn_id=turn.id,
        request_id=turn.request_id,
        conversation_id=turn.conversation_id,
        answer_message_id=turn.answer_message_id,
        owner=turn.owner,
        words=question.text,
        language=question.language,
        agent=answer.agent or PERSONAL_ASSISTANT,
        client=session.get_one(Client, scope.client_id),
        history=told(session, past_messages(session, turn.conversation_id, before=question.seq)),
        resumed=True,
    )


async def stop_elsewhere(database: Database, scope: Scope, clock: Clock, conversation_id: str) -> bool:
    """Mark a running turn of another process as stopped; its next heartbeat sees it and ends. The partial answer
    is what its last heartbeat stored."""
    return await database.transact(scope, lambda session: _stop(session, clock.now(), conversation_id))


def _stop(session: Session, now: datetime, conversation_id: str) -> bool:
    running = (Turn.conversation_id == conversation_id, Turn.state == "running")
    turn = session.scalars(select(Turn).where(*running).with_for_update()).one_or_none()
    if turn is None:
        return False
    turn.state, turn.finished_at = "stopped", now
    update_rows(session, Message, {"status": "stopped"}, id=turn.answer_message_id)
    return True
