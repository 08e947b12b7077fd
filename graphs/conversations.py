"""The store of conversations: what a person started, renamed, read again, exported or deleted, within one scope.

Every function takes the scope first-hand, so another client's id is answered exactly like one that never existed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import Row, Select, String, bindparam, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from agents import roster
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, NotFound
from camarad.held import hold_client
from camarad.ids import new_id
from camarad.models import Conversation, Message, ToolCall, Turn
from camarad.rows import owned_rows
from camarad.scope import Scope
from graphs.export import as_json, as_markdown

TITLE_CHARS = 60
NAME_CHARS = 200
PAGE = 50
LISTED = "chat"  # conversations of other origins are told whole by a program each time, see graphs/stateless.py
NO_CONVERSATION = "There is no such conversation for this client."
ESCAPE: Final = "/"


def _hanging_on(model: type[Message] | type[ToolCall]) -> Select[Any]:
    return select(model).where(model.conversation_id == bindparam("conversation")).order_by(model.seq)


BY_ID: Final = select(Conversation).where(Conversation.id == bindparam("conversation"))
SAID, CALLED = _hanging_on(Message), _hanging_on(ToolCall)


@dataclass(frozen=True, slots=True)
class ConversationView:
    id: str
    title: str
    agent: str
    pinned_agent: str | None
    language: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One tool call of an answer; `result` is the ToolResult as it was, with its own source, period and time."""

    name: str
    agent: str
    args: dict[str, Any]
    result: dict[str, Any] | None
    source: str | None
    ok: bool
    error: str | None
    started_at: datetime
    duration_ms: int


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """`document` is the TurnDocument of an answer, empty for what the person wrote."""

    id: str
    seq: int
    role: str
    agent: str | None
    text: str
    language: str
    status: str
    created_at: datetime
    document: dict[str, Any]
    tool_calls: tuple[StoredCall, ...] = ()


async def create(database: Database, scope: Scope, clock: Clock, agent: str | None = None) -> ConversationView:
    """A new, empty conversation. Naming a specialist opens it directly and keeps it (`pinned_agent`)."""
    slug = roster.agent(agent).slug if agent else roster.PERSONAL_ASSISTANT
    pinned = slug if slug != roster.PERSONAL_ASSISTANT else None
    now = clock.now()
    row = Conversation(
        id=new_id(), title="", agent=slug, pinned_agent=pinned, language="en", created_at=now, updated_at=now
    )
    async with database.write(scope) as session:
        await session.run_sync(hold_client, scope)
        session.add(row)
    return _view(row)


async def list_(
    database: Database, scope: Scope, *, query: str | None = None, before: datetime | None = None, limit: int = PAGE
) -> list[ConversationView]:
    """The latest first. `query` looks in titles; `before` (an `updated_at`) asks for the next page."""
    given: dict[str, Any] = {"most": limit, "query": query and _literally(query), "before": before}
    given = {name: value for name, value in given.items() if value}
    page = _page(*("query" in given, "before" in given))
    async with database.read(scope) as session:
        return await session.run_sync(lambda s: [_view(row) for row in owned_rows(s, Conversation, page, **given)])


async def get(database: Database, scope: Scope, conversation_id: str) -> ConversationView:
    return await database.glance(scope, lambda session: _view(_found(session, conversation_id)))


async def rename(database: Database, scope: Scope, conversation_id: str, title: str) -> ConversationView:
    """Set the title. Raises BadInput for an empty one or one over 200 characters."""
    clean = " ".join(title.split())
    if not clean or len(clean) > NAME_CHARS:
        raise BadInput(f"A title has 1 to {NAME_CHARS} characters.")
    async with database.write(scope) as session:
        row = await find(session, conversation_id)
        row.title = clean
    return _view(row)


async def delete(database: Database, scope: Scope, conversation_id: str) -> list[str]:
    """Remove the conversation and all that hangs on it; the ids of its turns. One still running ends unheard; see
    Assistant.forget."""
    async with database.write(scope) as session:
        await find(session, conversation_id)
        turns = list(await session.scalars(select(Turn.id).where(Turn.conversation_id == conversation_id)))
        await session.execute(delete_rows(Conversation).where(Conversation.id == conversation_id))
    return turns


async def messages(database: Database, scope: Scope, conversation_id: str) -> list[StoredMessage]:
    """All messages in order, answers with their tool calls."""

    def read(session: Session) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
        _found(session, conversation_id)
        rows = owned_rows(session, Message, SAID, conversation=conversation_id)
        return rows, owned_rows(session, ToolCall, CALLED, conversation=conversation_id)

    async with database.read(scope) as session:
        rows, calls = await session.run_sync(read)
    by_message: dict[str, list[StoredCall]] = {}
    for call in calls:
        by_message.setdefault(call.message_id, []).append(_call(call))
    return [_message(row, tuple(by_message.get(row.id, ()))) for row in rows]


async def export(
    database: Database, scope: Scope, conversation_id: str, kind: Literal["md", "json"] = "md"
) -> tuple[str, str]:
    """The conversation as the text of a file, and its media type."""
    view = await get(database, scope, conversation_id)
    stored = await messages(database, scope, conversation_id)
    if kind == "json":
        return as_json(view, stored, scope.client_id), "application/json"
    return as_markdown(view, stored), "text/markdown; charset=utf-8"


async def find(session: AsyncSession, conversation_id: str) -> Conversation:
    """The row, within the session's scope. Raises NotFound alike for foreign, deleted and invented ids."""
    row = (await session.scalars(select(Conversation).where(Conversation.id == conversation_id))).one_or_none()
    if row is None:
        raise NotFound(NO_CONVERSATION)
    return row


def _found(session: Session, conversation_id: str) -> Row[Any]:
    rows = owned_rows(session, Conversation, BY_ID, conversation=conversation_id)
    if not rows:
        raise NotFound(NO_CONVERSATION)
    return rows[0]


def title_of(text: str) -> str:
    """A title from a first message: its first line, cut at a word."""
    line = " ".join(text.strip().splitlines()[0].split())
    if len(line) <= TITLE_CHARS:
        return line
    head = line[: TITLE_CHARS - 1]
    cut = head.rsplit(" ", 1)[0] if " " in head[TITLE_CHARS // 2 :] else head
    return cut.rstrip(" ,.;:-") + "…"


def _literally(query: str) -> str:
    """What LIKE finds as it is written."""
    for special in (ESCAPE, "%", "_"):
        query = query.replace(special, ESCAPE + special)
    return query


@cache
def _page(query: bool, before: bool) -> Select[Any]:
    statement = select(Conversation).where(Conversation.origin == LISTED)
    if query:
        statement = statement.where(Conversation.title.icontains(bindparam("query", type_=String), escape=ESCAPE))
    if before:
        statement = statement.where(Conversation.updated_at < bindparam("before"))
    return statement.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(bindparam("most"))


def _view(row: Conversation | Row[Any]) -> ConversationView:
    return ConversationView(
        row.id, row.title, row.agent, row.pinned_agent, row.language, row.created_at, row.updated_at
    )


def _call(row: Row[Any]) -> StoredCall:
    return StoredCall(
        name=row.name,
        agent=row.agent,
        args=row.args,
        result=row.result,
        source=row.source,
        ok=row.ok,
        error=row.error,
        started_at=row.started_at,
        duration_ms=row.duration_ms,
    )


def _message(row: Row[Any], calls: tuple[StoredCall, ...]) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        seq=row.seq,
        role=row.role,
        agent=row.agent,
        text=row.text,
        language=row.language,
        status=row.status,
        created_at=row.created_at,
        document=row.document,
        tool_calls=calls,
    )
