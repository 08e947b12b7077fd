"""CT: what a workspace has, what is held for calls under way, and every change, append-only.

Invariants, audited by `billing.audit`: wallet buckets = sum of ledger deltas; held = sum of open holds; no bucket below
zero; one ledger row for each (workspace, request, kind); every settled hold has exactly one debit and one usage row.

Keys begin with the request, whose id grows with time: calls of many workspaces that are booked together land on the
same pages. A workspace's debits are therefore found through its usage rows, see `billing.statement`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base, BigId

WORKSPACE = "workspaces.id"
OPEN = text("state = 'held'")
NOT_DEBIT = text("kind <> 'debit'")


class CtWallet(Base):
    __tablename__ = "ct_wallets"
    __table_args__ = (
        CheckConstraint("plan_balance >= 0", name="plan_balance"),
        CheckConstraint("topup_balance >= 0", name="topup_balance"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("plan_balance + topup_balance >= held", name="cover"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), primary_key=True)
    plan_balance: Mapped[int] = mapped_column(BigInteger, default=0)
    topup_balance: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    day: Mapped[int] = mapped_column(default=0)  # UTC date of day_used as yyyymmdd
    day_used: Mapped[int] = mapped_column(BigInteger, default=0)
    shortfall: Mapped[int] = mapped_column(BigInteger, default=0)  # used beyond the balance, never collected
    daily_cap: Mapped[int | None] = mapped_column(BigInteger)  # the plan's; None leaves the server's alone


class CtHold(Base):
    __tablename__ = "ct_holds"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("state IN ('held', 'settled', 'released', 'expired')", name="state"),
        PrimaryKeyConstraint("request_id", "workspace_id"),
        Index("ix_ct_holds_open", "expires_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"))
    request_id: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    actual: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str]
    phase: Mapped[int] = mapped_column(default=2, server_default="2")  # by which the call will be charged
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CtLedgerEntry(Base):
    """`amount` = `plan_delta` + `topup_delta`, signed CT. A debit is written with the usage row of its request, and has
    its time and amount."""

    __tablename__ = "ct_ledger"
    __table_args__ = (
        UniqueConstraint("request_id", "workspace_id", "kind"),
        Index("ix_ct_ledger_bookings", "workspace_id", "at", sqlite_where=NOT_DEBIT, postgresql_where=NOT_DEBIT),
        CheckConstraint("amount = plan_delta + topup_delta", name="sum"),
        CheckConstraint("kind IN ('grant', 'topup', 'debit', 'refund', 'expire', 'adjust')", name="kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"))
    request_id: Mapped[str]
    kind: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    plan_delta: Mapped[int] = mapped_column(BigInteger)
    topup_delta: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
