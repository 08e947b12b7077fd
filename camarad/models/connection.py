"""One client's authorised link to one provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base, ClientOwned


class Connection(ClientOwned, Base):
    """`account_id` is a GA4 property id or a Google Ads customer id, digits only; `login_account_id` the manager."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint("client_id", "provider"),
        CheckConstraint("provider IN ('ga4', 'google-ads')", name="provider"),
        CheckConstraint("source IN ('live', 'gateway', 'demo')", name="source"),
        CheckConstraint(
            "state IN ('connected', 'expired', 'reconnect', 'missing_scope', 'no_access', 'disconnected')", name="state"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    source: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]  # a stable code for why it is not, or not fully, usable
    account_id: Mapped[str | None]
    account_name: Mapped[str | None]
    login_account_id: Mapped[str | None]
    currency: Mapped[str | None]
    timezone: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None]
