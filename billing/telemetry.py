"""What model calls cost and were charged, over all workspaces, for operators: recounted from the rows themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rates import DEFAULT_RATE, WHOLE_BP, Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import UsageRow

WINDOWS = (24, 48, 168)
ALWAYS = {"24h": 24, "7d": 168}
LATEST = 50

COUNTS: dict[str, ColumnElement[int]] = {
    "rows": func.count(),
    "rows_with_tokens": func.count(case((UsageRow.tokens_in + UsageRow.tokens_out > 0, 1))),
    "rows_with_cost": func.count(UsageRow.cost_micro_eur),
    "rows_estimated": func.count(case((UsageRow.estimated, 1))),
}
SUMS: dict[str, ColumnElement[Any]] = {
    "tokens_in": func.sum(UsageRow.tokens_in),
    "tokens_out": func.sum(UsageRow.tokens_out),
    "cost_eur_micro": func.sum(UsageRow.cost_micro_eur),
    "ct_actual": func.sum(UsageRow.ct_actual_debit),
    "ct_shadow": func.sum(UsageRow.ct_shadow_debit),
}


async def telemetry(database: Database, clock: Clock, window_hours: int) -> dict[str, Any]:
    """Both standing windows; models, agents and workspaces of the asked window; the latest calls.

    All of it is read in one transaction, so that the parts agree while calls go on. Raises BadInput for a window
    that is not 24, 48 or 168 hours.
    """
    if window_hours not in WINDOWS:
        raise BadInput(f"window must be one of {WINDOWS} hours.", code="bad_window")
    now = clock.now()
    since = now - timedelta(hours=window_hours)
    async with database.snapshot() as session:
        return {
            "as_of": now.isoformat(),
            "window_hours": window_hours,
            "windows": {name: await _window(session, now - timedelta(hours=h)) for name, h in ALWAYS.items()},
            "by_model": await _groups(session, "model", UsageRow.model, since),
            "by_agent": await _groups(session, "agent", UsageRow.agent, since),
            "by_workspace": await _groups(session, "workspace_id", UsageRow.workspace_id, since),
            "phase3": {"enabled": False, "applied": 0, "debited_ct": 0, "refused": {}, "window": None},
            "latest": await _latest(session, since),
        }


async def _window(session: AsyncSession, since: datetime) -> dict[str, Any]:
    row = (await session.execute(select(*_columns()).where(UsageRow.at > since))).one()
    return _figures([*row])


async def _groups(session: AsyncSession, name: str, by: Any, since: datetime) -> list[dict[str, Any]]:
    found = await session.execute(select(by, *_columns()).where(UsageRow.at > since).group_by(by).order_by(by))
    return [{name: key, **_figures(values)} for key, *values in found]


def _columns() -> list[ColumnElement[Any]]:
    return [*COUNTS.values(), *(func.coalesce(each, 0) for each in SUMS.values())]


def _figures(values: list[Any]) -> dict[str, Any]:
    figures: dict[str, Any] = dict(zip((*COUNTS, *SUMS), map(int, values), strict=True))
    cost, actual = figures["cost_eur_micro"], figures["ct_actual"]
    return figures | {
        "billable_eur_micro": _billable(cost, DEFAULT_RATE),
        "ct_delta": figures["ct_shadow"] - actual,
        "implied_ct_value_eur_micro": cost // actual if actual else None,
    }


def _billable(cost_micro_eur: int, rate: Rate) -> int:
    """What a cost has to bring in: with the buffer on top and the margin inside, rounded up, in micro-EUR."""
    return -(-cost_micro_eur * (WHOLE_BP + rate.buffer_bp) // (WHOLE_BP - rate.margin_bp))


async def _latest(session: AsyncSession, since: datetime) -> list[dict[str, Any]]:
    statement = select(UsageRow).where(UsageRow.at > since).order_by(UsageRow.at.desc(), UsageRow.id.desc())
    return [_call(row) for row in await session.scalars(statement.limit(LATEST))]


def _call(row: UsageRow) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "at": row.at.isoformat(),
        "workspace_id": row.workspace_id,
        "agent": row.agent,
        "model": row.model,
        "status": row.status,
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "cost_eur_micro": row.cost_micro_eur,
        "ct_actual": row.ct_actual_debit,
        "ct_shadow": row.ct_shadow_debit,
    }
