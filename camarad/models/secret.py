"""What Google gave for one connection, sealed by the vault; the database alone opens nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base, ClientOwned


class ConnectionSecret(ClientOwned, Base):
    """Tokens are sealed text. `version` rises with every write of them; `lease_*` is held by the one worker that
    refreshes. `source` is which Google gave them: `live`, or `demo` for the emulator's."""

    __tablename__ = "connection_secrets"

    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(server_default="live")
    subject: Mapped[str] = mapped_column(index=True)  # Google's id of the person who consented
    email: Mapped[str]
    scopes: Mapped[str]  # space-separated, as Google granted them
    refresh_token: Mapped[str | None]
    access_token: Mapped[str | None]
    access_expires_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    lease_until: Mapped[datetime | None]
    lease_holder: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
