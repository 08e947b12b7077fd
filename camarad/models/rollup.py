"""Sums of usage rows by stretch of time, kept beside them so that operators' figures need not read a million rows.

What is not marked in `usage_marks` and ends before `usage_rolled.upto` agrees with its rows; triggers of the database
(migration 0005) mark every stretch in which a row was written, changed or deleted after it was summed up. See
`billing.rollup`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base, BigId


def _figure() -> Mapped[int]:
    return mapped_column(BigInteger, default=0)


class UsageRollup(Base):
    """One agent's, model's or workspace's calls in the `level` seconds from `start` on. `*_values` count the calls by
    value for agents and models (billing.rollup.spread)."""

    __tablename__ = "usage_rollups"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    dim: Mapped[str] = mapped_column(primary_key=True)  # agent, model or workspace_id
    key: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int] = _figure()
    rows_with_tokens: Mapped[int] = _figure()
    rows_with_cost: Mapped[int] = _figure()
    rows_estimated: Mapped[int] = _figure()
    tokens_in: Mapped[int] = _figure()
    tokens_cached: Mapped[int] = _figure()
    tokens_cache_write: Mapped[int] = _figure()
    tokens_out: Mapped[int] = _figure()
    cost_eur_micro: Mapped[int] = _figure()
    billable_eur_micro: Mapped[int] = _figure()
    ct_actual: Mapped[int] = _figure()
    ct_shadow: Mapped[int] = _figure()
    phase3_rows: Mapped[int] = _figure()
    phase3_ct: Mapped[int] = _figure()
    flag_tokens: Mapped[int] = _figure()
    flag_cached: Mapped[int] = _figure()
    flag_cache_write: Mapped[int] = _figure()
    flag_estimated: Mapped[int] = _figure()
    flag_priced: Mapped[int] = _figure()
    flag_catalog: Mapped[int] = _figure()
    flag_calls: Mapped[int] = _figure()
    flag_call_cost: Mapped[int] = _figure()
    flag_late: Mapped[int] = _figure()
    ct_actual_values: Mapped[bytes | None] = mapped_column(LargeBinary)
    ct_shadow_values: Mapped[bytes | None] = mapped_column(LargeBinary)
    cost_values: Mapped[bytes | None] = mapped_column(LargeBinary)


class UsageMark(Base):
    """A moment whose stretch does not agree with its rows any more, or was never summed up."""

    __tablename__ = "usage_marks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)


class UsageRolled(Base):
    """One row: stretches before `upto` are summed up, or marked."""

    __tablename__ = "usage_rolled"

    id: Mapped[str] = mapped_column(primary_key=True)  # of what is summed up: usage
    upto: Mapped[datetime]
    turn: Mapped[int] = mapped_column(BigInteger, default=0)  # goes up with each change of the rollups
