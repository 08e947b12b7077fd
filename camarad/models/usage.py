"""One row a model call: who, which model, how many tokens, what it cost and what it was charged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base


class UsageRow(Base):
    __tablename__ = "usage"
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_id"),
        Index("ix_usage_workspace_at", "workspace_id", "at"),
        CheckConstraint("status IN ('settled', 'cancelled', 'failed')", name="status"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    client_id: Mapped[str | None]
    user_id: Mapped[str | None]
    conversation_id: Mapped[str | None]
    turn_id: Mapped[str | None] = mapped_column(index=True)
    request_id: Mapped[str]
    agent: Mapped[str]
    model: Mapped[str]  # the one that answered, after fallbacks
    status: Mapped[str]
    tokens_in: Mapped[int]
    tokens_cached: Mapped[int]
    tokens_out: Mapped[int]
    estimated: Mapped[bool]  # the provider named no usage, so tokens were counted here
    cost_micro_eur: Mapped[int | None] = mapped_column(BigInteger)
    ct_actual_debit: Mapped[int] = mapped_column(BigInteger)
    ct_shadow_debit: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[list[Any]]
    duration_ms: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class PricingEntry(Base):
    """A model's prices from a moment on, in micro-USD per million tokens."""

    __tablename__ = "pricing_catalog"
    __table_args__ = (UniqueConstraint("model", "valid_from"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    input_price: Mapped[int] = mapped_column(BigInteger)
    cached_input_price: Mapped[int] = mapped_column(BigInteger)
    output_price: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class CtRate(Base):
    """How a cost becomes CT from a moment on: ct_value in micro-EUR, buffer and margin in basis points, FX in ppm."""

    __tablename__ = "ct_rates"
    __table_args__ = (UniqueConstraint("scope", "valid_from"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    ct_value_micro_eur: Mapped[int] = mapped_column(BigInteger)
    buffer_bp: Mapped[int]
    margin_bp: Mapped[int]
    eur_per_usd_ppm: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
