"""A client's connections as the product's other parts see them, read from the database under the scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import RowMapping, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from camarad.database import Database
from camarad.log import get_logger
from camarad.models import Client, Connection, ConnectionSecret
from camarad.rows import select_rows
from camarad.scope import Scope
from tools.record import Provider
from tools.result import Source

PROVIDERS: tuple[Provider, ...] = get_args(Provider)
TOUCH_EVERY = timedelta(minutes=15)
GRANT = ("connection_id", "source", "email", "scopes", "version")

log = get_logger("connectors")


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's consent behind a connection, without its tokens. `source` is which Google gave it."""

    source: Source
    email: str
    scopes: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """`state` is connected, expired, reconnect, missing_scope, no_access, disconnected, or not_connected.

    `reason` is the last trouble in a stable code. Connected without an `account_id`: one is still to be chosen.
    """

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
    reason: str | None = None
    grant: Grant | None = None
    updated_at: datetime | None = None

    @property
    def connected(self) -> bool:
        return self.state == "connected"


async def load(database: Database, scope: Scope) -> dict[Provider, ConnectionView]:
    """Every provider's view. Currency and time zone are the account's; before it is known, the client's."""
    views = {provider: ConnectionView(provider, "not_connected") for provider in PROVIDERS}
    for view in await database.glance(scope, lambda session: _views(session, scope)):
        views[view.provider] = view
    return views


def _views(session: Session, scope: Scope) -> list[ConnectionView]:
    rows = select_rows(session, Connection)
    grants = (
        {row["connection_id"]: _grant(row) for row in select_rows(session, ConnectionSecret, GRANT)} if rows else {}
    )
    unknown = any(row["currency"] is None or row["timezone"] is None for row in rows)
    client = session.get(Client, scope.client_id) if unknown else None
    return [_view(row, client, grants.get(row["id"])) for row in rows]


def _grant(row: RowMapping) -> Grant:
    return Grant(row["source"], row["email"], frozenset(row["scopes"].split()), row["version"])


def _view(row: RowMapping, client: Client | None, grant: Grant | None) -> ConnectionView:
    if row["state"] == "disconnected":
        return ConnectionView(row["provider"], row["state"], row["id"], reason=row["reason"])
    return ConnectionView(
        row["provider"],
        row["state"],
        row["id"],
        row["source"],
        row["account_id"],
        row["account_name"],
        row["login_account_id"],
        row["currency"] or (client.currency if client else None),
        row["timezone"] or (client.timezone if client else None),
        row["last_read_at"],
        row["reason"],
        grant,
        row["updated_at"],
    )


async def touch(database: Database, scope: Scope, view: ConnectionView, now: datetime) -> None:
    """Note a good read, at most every quarter of an hour, and that what was wrong before is over."""
    well = view.connected and view.reason is None
    if well and view.last_read_at is not None and now - view.last_read_at < TOUCH_EVERY:
        return
    mended: dict[str, Any] = {} if well else {"state": "connected", "reason": None, "updated_at": now}
    await _note(database, scope, view, {"last_read_at": now} | mended)


async def mark(
    database: Database, scope: Scope, view: ConnectionView, state: str | None, reason: str, now: datetime
) -> None:
    """Note a trouble: another `state`, or with None only the `reason`."""
    if view.reason == reason and (state is None or view.state == state):
        return
    log.info("connection_trouble", provider=view.provider, state=state or view.state, reason=reason)
    await _note(database, scope, view, {"state": state or view.state, "reason": reason, "updated_at": now})


async def _note(database: Database, scope: Scope, view: ConnectionView, values: dict[str, Any]) -> None:
    """Write to the row as it was seen; one that was connected, chosen or ended anew since is left as it is. Failing to
    note it harms no answer."""
    seen = (Connection.id == view.id, Connection.updated_at == view.updated_at)
    try:
        async with database.write(scope) as session:
            await session.execute(update(Connection).where(*seen).values(**values))
    except SQLAlchemyError as error:
        log.warning("connection_not_noted", cause=type(error).__name__)
