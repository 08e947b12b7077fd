"""Connections of a test's client, written as the product's own rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from camarad.database import Database
from camarad.ids import new_id
from camarad.models import Connection
from camarad.scope import Scope

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
