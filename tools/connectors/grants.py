"""A person's consent kept for one client: written at connecting, forgotten at disconnecting, its account chosen.

Google has one grant for a person and an OAuth client, whatever was consented to and for whom. Revoking any token of it
ends all of it, so it is revoked only when nothing else here lives from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.database import Database
from camarad.errors import CamaradError, Conflict, NotFound
from camarad.held import hold_client
from camarad.ids import new_id
from camarad.log import get_logger
from camarad.models import Connection, ConnectionSecret
from camarad.scope import Scope
from tools.connectors import places
from tools.connectors.oauth import SCOPES, Google, Granted
from tools.connectors.vault import SealBroken, Vault
from tools.record import Provider

log = get_logger("connectors")

Kept = Literal["shared", "unreachable", "unreadable", "no_grant"]


@dataclass(frozen=True, slots=True)
class Disconnection:
    """`revoked`: Google ended the grant. Else why not: another connection lives from it (`shared`), Google could not be
    reached (`unreachable`), the vault cannot open it (`unreadable`), or there was none (`no_grant`)."""

    provider: Provider
    revoked: bool
    kept: Kept | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What was chosen, as Google describes it."""

    id: str
    name: str
    currency: str | None
    timezone: str | None
    login_account_id: str | None = None


async def connect(
    database: Database, scope: Scope, provider: Provider, granted: Granted, vault: Vault, source: str, now: datetime
) -> None:
    """Write the consent. Without a new refresh token the same person's old one is kept; without the scope that the
    provider needs the connection is `missing_scope`. Raises PlanLimit when the plan holds no more connections."""
    await places.take(database, scope, provider, source, now)
    try:
        await _write(database, scope, provider, granted, vault, source, now)
    except IntegrityError:  # a second tab made the row in between: it is there now
        await _write(database, scope, provider, granted, vault, source, now)


async def _write(
    database: Database, scope: Scope, provider: Provider, granted: Granted, vault: Vault, source: str, now: datetime
) -> None:
    async with database.write(scope) as session:
        await session.run_sync(hold_client, scope)
        row = await session.scalar(select(Connection).where(Connection.provider == provider))
        secret = await session.get(ConnectionSecret, row.id) if row is not None else None
        if row is None:
            row = Connection(id=new_id(), provider=provider, source=source, created_at=now)
            session.add(row)
        if (secret.source if secret is not None else row.source) not in (source, "gateway"):
            _forget_account(row)  # what was chosen at the other Google does not exist at this one
        _state_after(row, provider, granted, source, now)
        await session.flush()
        if secret is None:
            secret = ConnectionSecret(connection_id=row.id, version=0, created_at=now)
            session.add(secret)
        _fill(secret, granted, vault, source, now)


def _state_after(row: Connection, provider: Provider, granted: Granted, source: str, now: datetime) -> None:
    has = SCOPES[provider] in granted.scopes
    row.state, row.reason = ("connected", None) if has else ("missing_scope", "missing_scope")
    row.source = row.source if row.source == "gateway" else source
    row.updated_at = now


def _fill(secret: ConnectionSecret, granted: Granted, vault: Vault, source: str, now: datetime) -> None:
    same_person = (secret.source, secret.subject) == (source, granted.subject)
    if granted.refresh_token is not None:
        secret.refresh_token = vault.seal(granted.refresh_token)
    elif not same_person:
        secret.refresh_token = None
    secret.source, secret.subject, secret.email = source, granted.subject, granted.email
    secret.scopes = " ".join(sorted(granted.scopes))
    secret.access_token, secret.access_expires_at = vault.seal(granted.access_token), granted.expires_at
    secret.version += 1
    secret.lease_until = secret.lease_holder = None
    secret.updated_at = now


def _forget_account(row: Connection) -> None:
    row.account_id = row.account_name = row.login_account_id = row.currency = row.timezone = None
    row.last_read_at = None


async def disconnect(
    database: Database, scope: Scope, provider: Provider, vault: Vault, google: Google, now: datetime
) -> Disconnection:
    """Forget the consent here first, then revoke it at Google when nothing else needs it. Raises NotFound."""
    async with database.write(scope) as session:
        row = await session.scalar(select(Connection).where(Connection.provider == provider))
        if row is None or row.state == "disconnected":
            raise NotFound("There is no such connection for this client.", code="not_connected")
        secret = await session.get(ConnectionSecret, row.id)
        if secret is not None:
            await session.delete(secret)
        _forget_account(row)
        row.source = secret.source if secret is not None else row.source.replace("gateway", "live")
        row.state, row.reason, row.updated_at = "disconnected", None, now
    if secret is None:
        return Disconnection(provider, False, "no_grant")
    if await _is_shared(database, secret):
        return Disconnection(provider, False, "shared", secret.email)
    kept = await _revoke(secret, vault, google)
    return Disconnection(provider, kept is None, kept, secret.email)


async def _is_shared(database: Database, secret: ConnectionSecret) -> bool:
    """Whether another connection, of whatever client or workspace, lives from the same grant at Google."""
    same = (ConnectionSecret.subject == secret.subject, ConnectionSecret.source == secret.source)
    async with database.unscoped("a grant at Google is one for a person, across clients") as session:
        return bool(await session.scalar(select(func.count()).select_from(ConnectionSecret).where(*same)))


async def _revoke(secret: ConnectionSecret, vault: Vault, google: Google) -> Kept | None:
    sealed = secret.refresh_token or secret.access_token
    if sealed is None or google.source != secret.source:
        return "unreachable"
    try:
        await google.revoke(vault.open(sealed))
    except SealBroken:
        return "unreadable"
    except CamaradError as error:
        log.warning("grant_not_revoked", code=error.code)
        return "unreachable"
    return None


async def choose(database: Database, scope: Scope, connection_id: str, account: Account, now: datetime) -> None:
    """Keep what was chosen; it was read at Google just now, so that the connection works."""
    async with database.write(scope) as session:
        row = await _row(session, connection_id)
        if row.account_id != account.id:
            row.last_read_at = None
        row.account_id, row.account_name, row.login_account_id = account.id, account.name, account.login_account_id
        row.currency, row.timezone = account.currency, account.timezone
        row.state, row.reason, row.updated_at = "connected", None, now


async def use_gateway(database: Database, scope: Scope, provider: Provider, use: bool, now: datetime) -> None:
    """Through the gateway, or again with the client's own consent; without one the connection then ends."""
    if use:
        await places.take(database, scope, provider, "gateway", now)
    async with database.write(scope) as session:
        row = await session.scalar(select(Connection).where(Connection.provider == provider))
        secret = await session.get(ConnectionSecret, row.id) if row is not None else None
        if row is not None and row.source == "demo" and row.state != "disconnected" and secret is None:
            raise Conflict("A demo connection reads demo data only.", hint="Connect the client's own account first.")
        if use:
            row = row or _new_row(session, provider, now)
            row.source = "gateway"
            row.state = "connected" if secret is None else row.state
        elif row is not None and row.source == "gateway":
            _leave_gateway(row, secret)
        if row is not None:
            row.reason, row.updated_at = (row.reason if row.state != "connected" else None), now


def _new_row(session: AsyncSession, provider: Provider, now: datetime) -> Connection:
    row = Connection(id=new_id(), provider=provider, state="connected", created_at=now)
    session.add(row)
    return row


def _leave_gateway(row: Connection, secret: ConnectionSecret | None) -> None:
    if secret is not None:
        row.source = secret.source
        return
    _forget_account(row)
    row.source, row.state = "live", "disconnected"


async def _row(session: AsyncSession, connection_id: str) -> Connection:
    row = await session.get(Connection, connection_id)
    if row is None or row.state == "disconnected":
        raise NotFound("There is no such connection for this client.", code="not_connected")
    return row
