"""Conversations, their messages, what the agents did for them, and how the reader liked it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base, ScopeOwned

CONVERSATION = "conversations.id"
RUNNING = text("state = 'running'")


class Conversation(ScopeOwned, Base):
    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_recent", "workspace_id", "client_id", "user_id", "updated_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="personal-assistant")  # the sticky one: who answers next
    pinned_agent: Mapped[str | None]  # set when the user opened a specialist directly
    language: Mapped[str] = mapped_column(default="en")
    origin: Mapped[str] = mapped_column(default="chat", server_default="chat")  # `v1`: told by a program, unlisted
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Message(ScopeOwned, Base):
    """One side's say. An answer's `document` holds blocks, route, grounding, usage and suggestions as sent."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint("role IN ('user', 'assistant')", name="role"),
        CheckConstraint("status IN ('complete', 'streaming', 'stopped', 'failed')", name="status"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    role: Mapped[str]
    agent: Mapped[str | None]
    text: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    status: Mapped[str] = mapped_column(default="complete")
    document: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class ToolCall(ScopeOwned, Base):
    __tablename__ = "tool_calls"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    name: Mapped[str]
    agent: Mapped[str]
    args: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    source: Mapped[str | None]
    ok: Mapped[bool]
    error: Mapped[str | None]
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]


class Turn(ScopeOwned, Base):
    """One run of the graph for one user message. `heartbeat_at` tells a live run from one whose process died.

    `owner` is the optimistic lock: a row that was read is written back only while the same process owns it.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "request_id"),
        CheckConstraint("state IN ('running', 'done', 'stopped', 'failed')", name="state"),
        Index(
            "uq_turns_running",
            "conversation_id",
            unique=True,
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # also the trace id
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    request_id: Mapped[str]
    user_message_id: Mapped[str]
    answer_message_id: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column()
    heartbeat_at: Mapped[datetime]
    trace: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": owner, "version_id_generator": False}  # noqa: RUF012


class Feedback(ScopeOwned, Base):
    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("message_id"), CheckConstraint("value IN (0, 1)", name="value"))

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    value: Mapped[int]
    comment: Mapped[str | None]
    created_at: Mapped[datetime]
