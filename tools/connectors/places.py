"""A connection takes one of the places that the workspace's plan has; it is taken before the consent is written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import entitlements
from camarad.database import Database
from camarad.held import hold_client
from camarad.ids import new_id
from camarad.models import Client, Connection
from camarad.scope import Scope
from tools.record import Provider

REASON = "a plan counts the connections of all of a workspace's clients"


async def take(database: Database, scope: Scope, provider: Provider, source: str, now: datetime) -> None:
    """Make sure that this client's connection has a place. Raises PlanLimit when the plan has none left.

    Counting goes over all clients of the workspace, which no scoped session may read, so the place is taken in a
    transaction of its own: the row is there as `reconnect` until the consent is written, and stays so if it never is.
    A demo client's connections take no places.
    """
    async with database.unscoped(REASON) as session:
        row = await _room(session, scope, provider)
        await session.run_sync(hold_client, scope)
        if row is not None and row.state != entitlements.ENDED:
            return
        if row is None:
            row = _new(scope, provider, source, now)
            session.add(row)
        row.state, row.reason, row.updated_at = "reconnect", "consent_not_kept", now


async def check(database: Database, scope: Scope, provider: Provider) -> None:
    """The same question before a person is sent to Google; nothing is taken."""
    async with database.unscoped(REASON) as session:
        await _room(session, scope, provider)


async def _room(session: AsyncSession, scope: Scope, provider: Provider) -> Connection | None:
    """The connection as it is, with the workspace locked. Raises PlanLimit when it has no place and none is left."""
    await entitlements.locked_plan(session, scope.workspace_id)
    row: Connection | None = await session.scalar(
        select(Connection).where(
            Connection.workspace_id == scope.workspace_id,
            Connection.client_id == scope.client_id,
            Connection.provider == provider,
        )
    )
    if row is not None and row.state != entitlements.ENDED:
        return row
    client = await session.get(Client, scope.client_id)
    if client is None or not client.demo:
        used = entitlements.connections_of(scope.workspace_id)
        await entitlements.require(session, scope.workspace_id, "connections", used)
    return row


def _new(scope: Scope, provider: Provider, source: str, now: datetime) -> Connection:
    return Connection(
        id=new_id(),
        workspace_id=scope.workspace_id,
        client_id=scope.client_id,
        provider=provider,
        source=source,
        created_at=now,
    )
