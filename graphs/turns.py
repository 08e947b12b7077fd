"""Turns in the database: accepted with the person's message in one transaction, ended with the answer in another.

Two transactions a turn, a heartbeat only for turns that take seconds. The unique index on running turns is what makes
two tabs safe; the lock on the conversation's row makes the loser's refusal a clean one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import Conflict, NotFound
from camarad.ids import new_id
from camarad.models import Client, Conversation, Message, ToolCall, Turn, UsageRow
from camarad.scope import Scope
from graphs.conversations import NO_CONVERSATION, title_of
from graphs.events import TurnDocument
from graphs.language import detect
from graphs.memory import TURNS_KEPT, Row, history
from graphs.owners import Owner


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to answer, as the door gave it."""

    conversation_id: str
    text: str
    request_id: str
    agent: str | None = None
    user_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored turn with all that running it needs; the three rows are written again when it ends."""

    turn: Turn
    conversation: Conversation
    answer: Message
    words: str
    language: str
    agent: str
    client: Client
    history: tuple[Row, ...]
    resumed: bool = False

    @property
    def turn_id(self) -> str:
        return self.turn.id

    @property
    def request_id(self) -> str:
        return self.turn.request_id

    @property
    def conversation_id(self) -> str:
        return self.turn.conversation_id

    @property
    def answer_message_id(self) -> str:
        return self.answer.id


@dataclass(frozen=True, slots=True)
class Stored:
    """A turn that was asked for before under the same request id."""

    turn_id: str
    state: str
    answer: Message
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """What a turn leaves behind."""

    state: str
    status: str
    text: str
    language: str
    document: TurnDocument
    trace: dict[str, Any]
    calls: list[ToolCall]


async def accept(database: Database, scope: Scope, clock: Clock, owner: Owner, asked: Asked) -> Accepted | Stored:
    """Store the message and open its turn. Raises NotFound, and Conflict while another message is being answered.

    Nothing is looked up that the unique indexes know: only when they refuse does a second look tell why.
    """
    try:
        return await _opened(database, scope, clock, owner, asked)
    except IntegrityError:
        if (earlier := await _earlier(database, scope, clock, owner, asked)) is not None:
            return earlier
    try:
        return await _opened(database, scope, clock, owner, asked)
    except IntegrityError as error:
        raise Conflict(
            "This message id was used before.", code="message_id_used", hint="Send it under a new id."
        ) from error


async def _opened(database: Database, scope: Scope, clock: Clock, owner: Owner, asked: Asked) -> Accepted:
    async with database.write(scope) as session:
        conversation, client = await _place(session, scope, asked.conversation_id)
        past = await past_messages(session, asked.conversation_id) if conversation.title else []
        language = detect(asked.text, conversation.language)
        user, answer = _messages(asked, past, language, clock.now())
        turn = _turn(asked, user, answer, owner, clock.now())
        agent = asked.agent or conversation.pinned_agent or conversation.agent
        answer.agent = agent
        session.add_all([user, answer, turn])
        conversation.title = conversation.title or title_of(asked.text)
        conversation.language = language
        conversation.updated_at = clock.now()
        rows = await past_calls(session, past)
    return Accepted(turn, conversation, answer, asked.text, language, agent, client, rows)


async def _place(session: AsyncSession, scope: Scope, conversation_id: str) -> tuple[Conversation, Client]:
    """The conversation, locked so that messages to it are taken one by one, and its client."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    client = await session.get(Client, scope.client_id)
    if conversation is None or client is None or client.workspace_id != scope.workspace_id:
        raise NotFound(NO_CONVERSATION)
    return conversation, client


async def _earlier(database: Database, scope: Scope, clock: Clock, owner: Owner, asked: Asked) -> Stored | None:
    """The turn of the same request id, if any; a turn still running is refused, or closed when its process died."""
    async with database.write(scope) as session:
        rows = await session.scalars(
            select(Turn).where(
                Turn.conversation_id == asked.conversation_id,
                or_(Turn.request_id == asked.request_id, Turn.state == "running"),
            )
        )
        turns = list(rows)
        same = next((turn for turn in turns if turn.request_id == asked.request_id), None)
        if same is not None:
            return await _stored(session, same, asked)
        for turn in turns:
            if not owner.is_gone(turn.owner, turn.heartbeat_at, clock.now()):
                raise Conflict(
                    "This conversation is still answering the message before.",
                    code="turn_in_progress",
                    hint="Wait for the answer or stop it, then send again.",
                    retry_after=2,
                )
            await close_dead(session, turn, clock.now())
    return None


async def _stored(session: AsyncSession, turn: Turn, asked: Asked) -> Stored:
    question = await session.get_one(Message, turn.user_message_id)
    if question.text != asked.text:
        raise Conflict(
            "This request id was used for another message.",
            code="idempotency_mismatch",
            hint="Use a new Idempotency-Key for each new message.",
        )
    return Stored(turn.id, turn.state, await session.get_one(Message, turn.answer_message_id), turn.trace)


async def close_dead(session: AsyncSession, turn: Turn, now: datetime) -> None:
    """Its process died and nobody resumed it: what was shown stays, marked as cut short."""
    turn.state, turn.finished_at = "failed", now
    turn.trace = {**turn.trace, "error": {"code": "turn_interrupted"}}
    await session.execute(update(Message).where(Message.id == turn.answer_message_id).values(status="failed"))


async def past_messages(session: AsyncSession, conversation_id: str, before: int | None = None) -> list[Message]:
    statement = select(Message).where(Message.conversation_id == conversation_id)
    if before is not None:
        statement = statement.where(Message.seq < before)
    rows = await session.scalars(statement.order_by(Message.seq.desc()).limit(2 * TURNS_KEPT))
    return list(rows)[::-1]


async def past_calls(session: AsyncSession, past: list[Message]) -> tuple[Row, ...]:
    """Earlier turns as a model reads them, with the tool calls of the latest answer."""
    latest = next((message for message in reversed(past) if message.role == "assistant"), None)
    if latest is None or not latest.document.get("tool_calls"):
        return history(past, ())
    rows = await session.scalars(select(ToolCall).where(ToolCall.message_id == latest.id).order_by(ToolCall.seq))
    return history(past, list(rows))


def _messages(asked: Asked, past: list[Message], language: str, now: datetime) -> tuple[Message, Message]:
    seq = past[-1].seq + 1 if past else 1
    shared: dict[str, Any] = {"conversation_id": asked.conversation_id, "language": language, "created_at": now}
    user = Message(
        id=asked.user_message_id or new_id(), seq=seq, role="user", text=asked.text, status="complete", **shared
    )
    answer = Message(id=new_id(), seq=seq + 1, role="assistant", text="", status="streaming", **shared)
    return user, answer


def _turn(asked: Asked, user: Message, answer: Message, owner: Owner, now: datetime) -> Turn:
    return Turn(
        id=new_id(),
        conversation_id=asked.conversation_id,
        request_id=asked.request_id,
        user_message_id=user.id,
        answer_message_id=answer.id,
        state="running",
        owner=owner.name,
        heartbeat_at=now,
        trace={"agent": asked.agent} if asked.agent else {},
        created_at=now,
        finished_at=None,
    )


async def finish(database: Database, scope: Scope, clock: Clock, turn: Accepted, end: Ending) -> bool:
    """Store how the turn ended. False when it is no longer ours: deleted, or taken over by another process."""
    answer, conversation = turn.answer, turn.conversation
    try:
        async with database.write(scope) as session:
            session.add_all([turn.turn, answer, conversation, *end.calls])
            turn.turn.state, turn.turn.trace, turn.turn.finished_at = end.state, end.trace, clock.now()
            answer.text, answer.status, answer.language = end.text, end.status, end.language
            answer.agent = conversation.agent = end.document.message.agent
            answer.document = end.document.model_dump(mode="json")
            conversation.updated_at = clock.now()
    except StaleDataError:
        return False
    return True


async def beat(database: Database, scope: Scope, owner: Owner, turn_id: str, now: datetime) -> bool:
    """Say that the turn is alive. False when somebody stopped it or took it over."""
    async with database.write(scope) as session:
        mine = update(Turn).where(Turn.id == turn_id, Turn.state == "running", Turn.owner == owner.name)
        done = await session.execute(mine.values(heartbeat_at=now))
        return bool(done.rowcount)  # type: ignore[attr-defined]


async def keep_partial(database: Database, scope: Scope, message_id: str, text: str) -> None:
    async with database.write(scope) as session:
        await session.execute(
            update(Message).where(Message.id == message_id, Message.status == "streaming").values(text=text)
        )


async def spent(database: Database, turn_id: str) -> dict[str, int]:
    """What the meter wrote for the turn: the whole truth when a call was cut short."""
    columns = (UsageRow.tokens_in, UsageRow.tokens_out, UsageRow.ct_actual_debit, UsageRow.ct_shadow_debit)
    sums = [func.coalesce(func.sum(column), 0) for column in columns]
    async with database.read() as session:
        statement = select(func.count(), *sums).where(UsageRow.turn_id == turn_id)
        row = (await session.execute(statement)).one()
    names = ("requests", "tokens_in", "tokens_out", "ct_actual", "ct_shadow")
    return {name: int(value) for name, value in zip(names, row, strict=True)}
