"""One row of a workspace in every table there is, made from the tables' own description."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.models import Base
from camarad.models.base import UtcDateTime

AT = datetime(2026, 11, 1, tzinfo=UTC)
WORDS: dict[tuple[str, str], Any] = {
    ("connections", "provider"): "ga4",
    ("connections", "source"): "demo",
    ("connections", "state"): "disconnected",
    ("messages", "role"): "user",
    ("messages", "status"): "complete",
    ("turns", "state"): "done",
    ("ct_holds", "state"): "settled",
    ("ct_ledger", "kind"): "adjust",
    ("usage", "status"): "settled",
    ("checkout_sessions", "purpose"): "plan",
    ("checkout_sessions", "state"): "open",
    ("payment_reversals", "kind"): "refund",
    ("invitations", "role"): "member",
    ("memberships", "role"): "member",
    ("subscriptions", "status"): "canceled",
    ("phase3_windows", "closes_at"): datetime(2026, 11, 2, tzinfo=UTC),
}


async def fill(session: AsyncSession, owner: dict[str, str], mark: str) -> None:
    """Write what is missing. `owner` gives workspace_id, user_id, client_id; `mark` is in every other text."""
    made: dict[str, Any] = {
        "workspaces": owner["workspace_id"],
        "users": owner["user_id"],
        "clients": owner["client_id"],
    }
    for table in Base.metadata.sorted_tables:
        if table.name not in made and not await _there(session, table, owner):
            row = {column.name: _value(table, column, owner, made, mark) for column in table.c if _wanted(column)}
            await session.execute(insert(table).values(row))
            made[table.name] = row.get("id")


async def _there(session: AsyncSession, table: Table, owner: dict[str, str]) -> bool:
    if table.name not in ("ct_wallets", "memberships"):
        return False
    column = table.c["workspace_id"]
    return (await session.execute(select(column).where(column == owner["workspace_id"]))).first() is not None


def _wanted(column: Column[Any]) -> bool:
    return not (column.primary_key and isinstance(column.type, Integer) and column.autoincrement is not False)


def _value(table: Table, column: Column[Any], owner: dict[str, str], made: dict[str, Any], mark: str) -> Any:
    if (table.name, column.name) in WORDS:
        return WORDS[(table.name, column.name)]
    if column.name in owner:
        return owner[column.name]
    for key in column.foreign_keys:
        if made.get(key.column.table.name):
            return made[key.column.table.name]
    return _plain(column, mark) if column.name != "phase" else 2


def _plain(column: Column[Any], mark: str) -> Any:
    for kind, value in ((UtcDateTime, AT), (Boolean, False), (Integer, 0), (JSON, {"words": mark}), (LargeBinary, b"")):
        if isinstance(column.type, kind):
            return value
    return f"cus_{mark}" if column.name == "customer_id" else f"{mark}-{column.table.name}-{column.name}"
