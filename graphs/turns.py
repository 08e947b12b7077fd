"""How a turn begins: accepted with the person's message in one transaction. How it ends is in graphs/endings.py.

The unique index on running turns is what makes
two tabs safe; the lock on the conversation's row makes the loser's refusal a clean one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agents.language import detect
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import Conflict, NotFound
from camarad.ids import new_id
from camarad.models import Client, Conversation, Message, ToolCall, Turn
from camarad.rows import insert_rows, update_rows
from camarad.scope import Scope
from graphs.conversations import NO_CONVERSATION, title_of
from graphs.endings import close_dead
from graphs.memory import TURNS_KEPT, Row, Said, history
from graphs.owners import Owner

FINGERPRINT = "fingerprint"  # in the document of a person's message


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to answer, as the door gave it. `fingerprint` stands for all that came with it, where a door tells the
    whole conversation each time: a request id is good for one of them only."""

    conversation_id: str
    text: str
    request_id: str
    agent: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored turn with all that running it needs. `owner` is whose it was then: it ends only while it still is."""

    turn_id: str
    request_id: str
    conversation_id: str
    answer_message_id: str
    owner: str
    words: str
    language: str
    agent: str
    client: Client
    history: tuple[Row, ...]
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A turn that was asked for before under the same request id."""

    turn_id: str
    state: str
    answer: Message
    trace: dict[str, Any]


async def accept(database: Database, scope: Scope, clock: Clock, owner: Owner, asked: Asked) -> Accepted | Stored:
    """Store the message and open its turn. Raises NotFound, and Conflict while another message is being answered.

    Nothing is looked up that the unique indexes know: only when they refuse does a second look tell why.
    """
    try:
        return await database.transact(scope, lambda session: _open(session, clock.now(), owner, asked))
    except IntegrityError:
        earlier = await database.transact(scope, lambda session: _earlier(session, clock.now(), owner, asked))
    if earlier is not None:
        return earlier
    try:
        return await database.transact(scope, lambda session: _open(session, clock.now(), owner, asked))
    except IntegrityError as error:
        raise _busy() from error  # another message came in between


def _open(session: Session, now: datetime, owner: Owner, asked: Asked) -> Accepted:
    conversation, client = _place(session, asked.conversation_id)
    past = past_messages(session, asked.conversation_id) if conversation.title else []
    language = detect(asked.text, conversation.language)
    agent = asked.agent or conversation.pinned_agent or conversation.agent
    user, answer = _messages(asked, past, language, agent, now)
    turn = _turn(asked, user["id"], answer["id"], owner, now)
    insert_rows(session, Message, [user, answer])
    insert_rows(session, Turn, [turn])
    title = conversation.title or title_of(asked.text)
    seen = {"title": title, "language": language, "updated_at": now}
    update_rows(session, Conversation, seen, id=asked.conversation_id)
    return Accepted(
        turn_id=turn["id"],
        request_id=asked.request_id,
        conversation_id=asked.conversation_id,
        answer_message_id=answer["id"],
        owner=owner.name,
        words=asked.text,
        language=language,
        agent=agent,
        client=client,
        history=told(session, past),
    )


PLACE = (
    select(Conversation.title, Conversation.language, Conversation.agent, Conversation.pinned_agent, Client)
    .join(Client, (Client.id == Conversation.client_id) & (Client.workspace_id == Conversation.workspace_id))
    .where(Conversation.id == bindparam("conversation"))
    .with_for_update(of=Conversation)
)


def _place(session: Session, conversation_id: str) -> tuple[Any, Client]:
    """The conversation, locked so that messages to it are taken one by one, and its client."""
    row = session.execute(PLACE, {"conversation": conversation_id}).one_or_none()
    if row is None:
        raise NotFound(NO_CONVERSATION)
    return row, row.Client


def _earlier(session: Session, now: datetime, owner: Owner, asked: Asked) -> Stored | None:
    """The turn of the same request id, if any; a turn still running is refused, or closed when its process died."""
    rows = session.scalars(
        select(Turn).where(
            Turn.conversation_id == asked.conversation_id,
            or_(Turn.request_id == asked.request_id, Turn.state == "running"),
        )
    )
    turns = list(rows)
    same = next((turn for turn in turns if turn.request_id == asked.request_id), None)
    if same is not None:
        return _stored(session, same, asked)
    for turn in turns:
        if not owner.is_gone(turn.owner, turn.heartbeat_at, now):
            raise _busy()
        close_dead(session, turn, now)
    return None


def _busy() -> Conflict:
    return Conflict(
        "This conversation is still answering the message before.",
        code="turn_in_progress",
        hint="Wait for the answer or stop it, then send again.",
        retry_after=2,
    )


def _stored(session: Session, turn: Turn, asked: Asked) -> Stored:
    question = session.get_one(Message, turn.user_message_id)
    if question.text != asked.text or question.document.get(FINGERPRINT, "") != asked.fingerprint:
        raise Conflict(
            "This request id was used for another message.",
            code="idempotency_mismatch",
            hint="Use a new Idempotency-Key for each new message.",
        )
    return Stored(turn.id, turn.state, session.get_one(Message, turn.answer_message_id), turn.trace)


def past_messages(session: Session, conversation_id: str, before: int | None = None) -> list[Said]:
    """The last turns in order; without the documents, which are large and of which only the words are told again."""
    statement = select(Message.id, Message.role, Message.text, Message.seq)
    statement = statement.where(Message.conversation_id == conversation_id)
    if before is not None:
        statement = statement.where(Message.seq < before)
    rows = session.execute(statement.order_by(Message.seq.desc()).limit(2 * TURNS_KEPT))
    return [Said(*row) for row in rows][::-1]


def told(session: Session, past: Sequence[Said]) -> tuple[Row, ...]:
    """Earlier turns as a model reads them, with the tool calls of the latest answer."""
    latest = next((message for message in reversed(past) if message.role == "assistant"), None)
    if latest is None:
        return history(past, ())
    calls = session.scalars(select(ToolCall).where(ToolCall.message_id == latest.id).order_by(ToolCall.seq))
    return history(past, list(calls))


def _messages(
    asked: Asked, past: list[Said], language: str, agent: str, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    seq = past[-1].seq + 1 if past else 1
    shared = {"conversation_id": asked.conversation_id, "language": language, "created_at": now}
    told = {FINGERPRINT: asked.fingerprint} if asked.fingerprint else {}
    user = {"id": new_id(), "seq": seq, "role": "user", "agent": None, "text": asked.text, "status": "complete"}
    answer = {"id": new_id(), "seq": seq + 1, "role": "assistant", "agent": agent, "text": "", "status": "streaming"}
    return {**user, "document": told, **shared}, {**answer, "document": {}, **shared}


def _turn(asked: Asked, user_id: str, answer_id: str, owner: Owner, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "conversation_id": asked.conversation_id,
        "request_id": asked.request_id,
        "user_message_id": user_id,
        "answer_message_id": answer_id,
        "state": "running",
        "owner": owner.name,
        "heartbeat_at": now,
        "trace": {"agent": asked.agent} if asked.agent else {},
        "created_at": now,
        "finished_at": None,
    }
