"""A client's connections as the product's other parts see them, read from the database under the scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast, get_args

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from camarad.database import Database
from camarad.log import get_logger
from camarad.models import Client, Connection
from camarad.scope import Scope
from tools.record import Provider
from tools.result import Source

PROVIDERS: tuple[Provider, ...] = get_args(Provider)
TOUCH_EVERY = timedelta(minutes=15)

log = get_logger("connectors")


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """`state` is connected, expired, reconnect, missing_scope, no_access, disconnected, or not_connected."""

    provider: Provider
    state: str
    id: str | None = None
    source: Source | None = None
    account_id: str | None = None
    account_name: str | None = None
    login_account_id: str | None = None
    currency: str | None = None
    timezone: str | None = None
    last_read_at: datetime | None = None

    @property
    def connected(self) -> bool:
        return self.state == "connected"


async def load(database: Database, scope: Scope) -> dict[Provider, ConnectionView]:
    """Every provider's view. Currency and time zone are the account's; before it is known, the client's."""
    async with database.read(scope) as session:
        rows = (await session.scalars(select(Connection))).all()
        unknown = any(row.currency is None or row.timezone is None for row in rows)
        client = await session.get(Client, scope.client_id) if unknown else None
    views = {provider: ConnectionView(provider, "not_connected") for provider in PROVIDERS}
    for row in rows:
        if row.state != "disconnected":
            provider = cast("Provider", row.provider)
            views[provider] = _view(provider, row, client)
    return views


def _view(provider: Provider, row: Connection, client: Client | None) -> ConnectionView:
    return ConnectionView(
        provider,
        row.state,
        row.id,
        cast("Source", row.source),
        row.account_id,
        row.account_name,
        row.login_account_id,
        row.currency or (client.currency if client else None),
        row.timezone or (client.timezone if client else None),
        row.last_read_at,
    )


async def touch(database: Database, scope: Scope, view: ConnectionView, now: datetime) -> None:
    """Note that the connection was read, at most every quarter of an hour; failing to note it harms no answer."""
    if view.last_read_at is not None and now - view.last_read_at < TOUCH_EVERY:
        return
    try:
        async with database.write(scope) as session:
            await session.execute(update(Connection).where(Connection.id == view.id).values(last_read_at=now))
    except SQLAlchemyError as error:
        log.warning("last_read_not_noted", cause=type(error).__name__)
