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
        UniqueConstraint("request_id", "workspace_id"),
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
    phase: Mapped[int] = mapped_column(default=2, server_default="2")  # 2 the flat tariff was debited, 3 the cost
    stamp: Mapped[str | None]  # the numbers it was priced with, in price_stamps; None when it had no price
    coverage: Mapped[int] = mapped_column(default=0, server_default="0")  # bits of billing.coverage
    tokens_cache_write: Mapped[int] = mapped_column(default=0, server_default="0")
    calls: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # tool and connector calls it read
    billable_micro_eur: Mapped[int | None] = mapped_column(BigInteger)  # the cost with its own rate's buffer and margin
    attempts: Mapped[list[Any]]
    duration_ms: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
