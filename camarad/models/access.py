"""Ways in that are given to others, and what was done that matters for security."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base

WORKSPACE = "workspaces.id"


class ApiKey(Base):
    """A key of one user for one workspace, or for one client of it. Only a hash is kept; `prefix` is what a list shows
    of it."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]  # space-separated
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """A link into a workspace, by a hash of its token; good once, until it expires or is withdrawn."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("role IN ('admin', 'member')", name="role"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), index=True)
    invited_by: Mapped[str]
    email: Mapped[str | None]  # set, only this person may use it
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]


class AuditEvent(Base):
    """One security-relevant act. `workspace_id` has no foreign key: the record outlives what it is about."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_workspace_at", "workspace_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str | None]
    user_id: Mapped[str | None]
    act: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(index=True)
