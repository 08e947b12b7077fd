"""A workspace's own model calls: the latest ones, their totals in a window, and the totals of one turn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import UsageRow

WINDOWS = (24, 168)
MOST_ROWS = 1_000
SUMS = {
    "tokens_in": UsageRow.tokens_in,
    "tokens_cached": UsageRow.tokens_cached,
    "tokens_out": UsageRow.tokens_out,
    "ct_actual": UsageRow.ct_actual_debit,
    "ct_shadow": UsageRow.ct_shadow_debit,
}


async def usage(database: Database, workspace_id: str, window_hours: int, clock: Clock) -> dict[str, Any]:
    """What `GET /api/usage` answers: the latest calls first, at most MOST_ROWS of them, and totals over all."""
    if window_hours not in WINDOWS:
        raise BadInput(f"window is one of {', '.join(map(str, WINDOWS))} hours.", code="bad_window")
    inside = (UsageRow.workspace_id == workspace_id, UsageRow.at > clock.now() - timedelta(hours=window_hours))
    latest = select(UsageRow).where(*inside).order_by(UsageRow.at.desc(), UsageRow.id.desc()).limit(MOST_ROWS)
    async with database.read() as session:
        rows = (await session.scalars(latest)).all()
    return {"rows": [_row(row) for row in rows], "totals": await _totals(database, inside)}


async def turn_totals(database: Database, workspace_id: str, turn_id: str) -> dict[str, Any]:
    """What one turn used: the sums and the model that answered last, None before the first call."""
    inside = (UsageRow.workspace_id == workspace_id, UsageRow.turn_id == turn_id)
    last = select(UsageRow.model).where(*inside).order_by(UsageRow.at.desc(), UsageRow.id.desc()).limit(1)
    async with database.read() as session:
        model = await session.scalar(last)
    return {**await _totals(database, inside), "model": model}


async def _totals(database: Database, inside: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    sums = [func.coalesce(func.sum(column), 0) for column in SUMS.values()]
    async with database.read() as session:
        found = (await session.execute(select(func.count(), *sums).where(*inside))).one()
    return dict(zip(("requests", *SUMS), map(int, found), strict=True))


def _row(row: UsageRow) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "at": row.at.isoformat(),
        "client_id": row.client_id,
        "agent": row.agent,
        "model": row.model,
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "ct_actual": row.ct_actual_debit,
        "ct_shadow": row.ct_shadow_debit,
        "estimated": row.estimated,
        "status": row.status,
    }
