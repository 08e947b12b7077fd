"""What things cost and what a CT is worth, each with its time, and the very numbers a call was priced with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base


class PricingEntry(Base):
    """Prices from a moment on. Of a model: micro-USD per million tokens of each kind. Of a tool or a connector:
    micro-USD a call in `call_price`. `model` holds the name of whichever it is; `kind` is model, tool or connector."""

    __tablename__ = "pricing_catalog"
    __table_args__ = (UniqueConstraint("model", "valid_from"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="model", server_default="model")
    provider: Mapped[str] = mapped_column(default="", server_default="")
    model: Mapped[str]
    input_price: Mapped[int] = mapped_column(BigInteger)
    cached_input_price: Mapped[int] = mapped_column(BigInteger)
    cache_write_price: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    output_price: Mapped[int] = mapped_column(BigInteger)
    call_price: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    source: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class CtRate(Base):
    """How a cost becomes CT from a moment on: ct_value in micro-EUR, buffer and margin in basis points, FX in ppm.

    `scope` says for what: `shadow` for what is only recorded, `debit` for what Phase 3 charges, `default` for both.
    """

    __tablename__ = "ct_rates"
    __table_args__ = (UniqueConstraint("scope", "valid_from"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    ct_value_micro_eur: Mapped[int] = mapped_column(BigInteger)
    buffer_bp: Mapped[int]
    margin_bp: Mapped[int]
    eur_per_usd_ppm: Mapped[int]
    source: Mapped[str] = mapped_column(default="operator", server_default="operator")
    note: Mapped[str] = mapped_column(default="", server_default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PriceStamp(Base):
    """The numbers a call was priced with, by a hash of them: a call can be priced again to the unit years later,
    whatever became of the catalogue, the settings and LiteLLM's list. Rows are never changed."""

    __tablename__ = "price_stamps"

    id: Mapped[str] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
