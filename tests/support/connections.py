"""Connections of a test's client, written as the product's own rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import Connection
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.emulator import TODAY
from tools.connectors.hub import Connectors
from tools.emulator.agency import DEMO_CLIENTS, DemoClient
from tools.record import ToolContext
from tools.result import ToolResult

AT = datetime(2026, 11, 1, tzinfo=UTC)


async def connect(database: Database, scope: Scope, provider: str, account_id: str | None, **more: Any) -> str:
    """Write a connected demo connection for the scope's client and give its id."""
    row = Connection(
        id=new_id(),
        provider=provider,
        account_id=account_id,
        created_at=AT,
        updated_at=AT,
        **({"source": "demo", "state": "connected"} | more),
    )
    async with database.write(scope) as session:
        session.add(row)
    return row.id


def demo_client(client_id: str) -> DemoClient:
    return next(client for client in DEMO_CLIENTS if client.id == client_id)


async def connect_demo(database: Database, scope: Scope, client_id: str) -> None:
    """Give the scope's client the demo client's property and account, as seeding the demo workspace does."""
    client = demo_client(client_id)
    where = {"currency": client.currency, "timezone": client.timezone}
    if client.ga4 is not None:
        await connect(database, scope, "ga4", client.ga4.property_id, account_name=client.ga4.name, **where)
    if client.google_ads is not None:
        manager = client.google_ads.login_customer_id
        account = client.google_ads.customer_id
        await connect(database, scope, "google-ads", account, login_account_id=manager, **where)


@asynccontextmanager
async def toolbox(
    settings: Settings, database: Database, scope: Scope, address: str, client_id: str
) -> AsyncIterator[ToolContext]:
    """What tools get in a turn, for one demo client on a running emulator, with its date."""
    await connect_demo(database, scope, client_id)
    clock = SystemClock(pinned=TODAY)
    connectors = Connectors(settings, database, clock, address)
    try:
        yield ToolContext(scope, database, connectors, clock, "en")
    finally:
        await connectors.close()


def by_first(result: ToolResult) -> dict[str, dict[str, Any]]:
    """Rows by their first cell, cells by column name."""
    names = [column.name for column in result.columns]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in result.rows}
