"""Conversations of one client: listed, started, read, renamed, exported, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from graphs import conversations
from graphs.conversations import ConversationView, StoredMessage
from web.access import CurrentScope, CurrentServices, router
from web.inputs import Moment, Word, clean_text

routes = router("client", "conversations", prefix="/api/conversations", key="chat")
PAGE = 50


class NewConversation(BaseModel):
    """Naming an agent opens that specialist directly."""

    agent: Word | None = None


class Title(BaseModel):
    title: Annotated[str, StringConstraints(max_length=1000)]


class ConversationJson(BaseModel):
    id: str
    title: str
    agent: str
    language: str
    created_at: datetime
    updated_at: datetime


class OneConversation(BaseModel):
    conversation: ConversationJson


class ConversationPage(BaseModel):
    """`next` goes into `before` for the following page; null ends the list."""

    conversations: list[ConversationJson]
    next: datetime | None = None


class MessageJson(BaseModel):
    """`document` is the answer as POST …/messages gave it; null for what the person wrote."""

    id: str
    role: str
    agent: str | None
    text: str
    language: str
    status: str
    created_at: datetime
    document: dict[str, Any] | None = None


class Messages(BaseModel):
    messages: list[MessageJson]


def view(row: ConversationView) -> ConversationJson:
    return ConversationJson(
        id=row.id,
        title=row.title,
        agent=row.agent,
        language=row.language,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def message_view(row: StoredMessage) -> MessageJson:
    return MessageJson(
        id=row.id,
        role=row.role,
        agent=row.agent,
        text=row.text,
        language=row.language,
        status=row.status,
        created_at=row.created_at,
        document=row.document or None,
    )


@routes.get("", summary="The latest conversations first, a page at a time")
async def list_conversations(
    scope: CurrentScope,
    services: CurrentServices,
    q: Annotated[str | None, Query(max_length=200, description="Words in the title")] = None,
    before: Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
) -> ConversationPage:
    rows = await conversations.list_(services.database, scope, query=q, before=before, limit=limit + 1)
    page = [view(row) for row in rows[:limit]]
    return ConversationPage(conversations=page, next=page[-1].updated_at if len(rows) > limit else None)


@routes.post("/new", status_code=201, summary="Start a conversation")
async def new_conversation(
    scope: CurrentScope, services: CurrentServices, body: NewConversation | None = None
) -> OneConversation:
    agent = body.agent if body else None
    made = await conversations.create(services.database, scope, services.clock, agent=agent)
    return OneConversation(conversation=view(made))


@routes.get("/{conversation_id}", summary="One conversation")
async def get_conversation(conversation_id: str, scope: CurrentScope, services: CurrentServices) -> OneConversation:
    return OneConversation(conversation=view(await conversations.get(services.database, scope, conversation_id)))


@routes.patch("/{conversation_id}", summary="Rename a conversation")
async def rename_conversation(
    conversation_id: str, body: Title, scope: CurrentScope, services: CurrentServices
) -> OneConversation:
    renamed = await conversations.rename(services.database, scope, conversation_id, clean_text(body.title))
    return OneConversation(conversation=view(renamed))


@routes.delete("/{conversation_id}", status_code=204, summary="Delete a conversation and all that hangs on it")
async def delete_conversation(conversation_id: str, scope: CurrentScope, services: CurrentServices) -> Response:
    await services.assistant.forget(scope, conversation_id)
    return Response(status_code=204)


@routes.get("/{conversation_id}/messages", summary="All messages in order")
async def list_messages(conversation_id: str, scope: CurrentScope, services: CurrentServices) -> Messages:
    rows = await conversations.messages(services.database, scope, conversation_id)
    return Messages(messages=[message_view(row) for row in rows])


@routes.get("/{conversation_id}/export", response_class=Response, summary="The conversation as a file")
async def export_conversation(
    conversation_id: str,
    scope: CurrentScope,
    services: CurrentServices,
    kind: Annotated[Literal["md", "json"], Query(alias="format", description="Markdown or JSON")] = "md",
) -> Response:
    text, media_type = await conversations.export(services.database, scope, conversation_id, kind)
    name = f'attachment; filename="conversation-{conversation_id[:8]}.{kind}"'
    return Response(text, media_type=media_type, headers={"Content-Disposition": name})
