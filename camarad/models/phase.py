"""When cost-based debit was on, and which calls the caps refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base


class Phase3Window(Base):
    """Cost-based debit holds from `opens_at` until `closes_at`, or until it was closed by hand at `closed_at`."""

    __tablename__ = "phase3_windows"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="order"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class CtRefusal(Base):
    """A call that was refused before it began. Nothing was held and nothing was charged for it."""

    __tablename__ = "ct_refusals"
    __table_args__ = (
        CheckConstraint("phase IN (2, 3)", name="phase"),
        Index("ix_ct_refusals_workspace_at", "workspace_id", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    request_id: Mapped[str]
    code: Mapped[str]
    phase: Mapped[int]
    amount: Mapped[int]  # CT that were asked for
    at: Mapped[datetime] = mapped_column(index=True)
