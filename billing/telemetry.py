"""What model calls cost and were charged, over all workspaces, for operators: exact to the unit while calls go on.

Sums come from `billing.rollup` where it agrees with the rows and from the rows elsewhere; `by_rows=True` counts all of
it from the rows, which is what the other way is held to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import phase3
from billing.coverage import NAMES as FLAGS
from billing.rollup.columns import DIMS, FIGURES, SPREAD
from billing.rollup.groups import Group, Groups
from billing.rollup.spread import percentiles
from billing.rollup.stretches import Runs
from billing.rollup.window import Watermark, groups, watermark
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import UsageRow
from camarad.settings import Settings

WINDOWS = (24, 48, 168)
ALWAYS = {"24h": 24, "7d": 168}
LATEST = 50
TOTAL = "agent"  # every call has one, so agents add up to all
LISTS = {"model": "by_model", "agent": "by_agent", "workspace_id": "by_workspace"}
PHASE3_OFF: dict[str, Any] = {"enabled": False, "applied": 0, "debited_ct": 0, "refused": {}, "window": None}


async def telemetry(
    database: Database,
    clock: Clock,
    window_hours: int,
    settings: Settings | None = None,
    *,
    by_rows: bool = False,
    written: Callable[[], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Both standing windows; models, agents and workspaces of the asked window; the latest calls.

    A window holds the calls after `as_of` less its hours, up to `as_of`. All of it is read in one transaction, so that
    the parts agree while calls go on; `written` waits for calls that ended by `as_of` and are still being written, so
    that a recount of the same time says the same later. Raises BadInput for a window that is not 24, 48 or 168 hours.
    """
    check(window_hours)
    now = clock.now()
    if written is not None:
        await written()
    async with database.snapshot() as session:
        found = await figures(session, now, window_hours, by_rows=by_rows)
        if settings is not None:
            booked = found["window"]["phase3_rows"], found["window"]["phase3_ct"]
            since = now - timedelta(hours=window_hours)
            found["phase3"] = await phase3.report(session, settings, now, since, booked)
        return found


def check(window_hours: int) -> None:
    if window_hours not in WINDOWS:
        raise BadInput(f"window is one of {', '.join(map(str, WINDOWS))} hours.", code="bad_window")


async def figures(session: AsyncSession, now: datetime, window_hours: int, *, by_rows: bool = False) -> dict[str, Any]:
    """The same in a caller's transaction, which has to show one moment throughout."""
    mark = Watermark() if by_rows else await watermark(session, now - timedelta(hours=max(WINDOWS) + 24))
    found: dict[int, Groups] = {}
    counted: dict[Runs, Groups] = {}
    for hours in dict.fromkeys((window_hours, *ALWAYS.values())):
        dims = tuple(DIMS) if hours == window_hours else (TOTAL,)
        found[hours] = await groups(session, now - timedelta(hours=hours), now, mark, dims, counted)
    since = now - timedelta(hours=window_hours)
    return {
        "as_of": now.isoformat(),
        "window_hours": window_hours,
        "windows": {name: _total(found[hours]) for name, hours in ALWAYS.items()},
        "window": _total(found[window_hours]),
        **{name: _list(dim, found[window_hours]) for dim, name in LISTS.items()},
        "phase3": PHASE3_OFF,
        "latest": await _latest(session, since, now),
    }


def _total(found: Groups) -> dict[str, Any]:
    total = Group()
    for (dim, _), group in found.items():
        if dim == TOTAL:
            total.add(group)
    return _shown(total, spread=True)


def _list(dim: str, found: Groups) -> list[dict[str, Any]]:
    of_dim = sorted((key, group) for (each, key), group in found.items() if each == dim)
    return [{dim: key, **_shown(group, spread=dim in SPREAD)} for key, group in of_dim]


def _shown(group: Group, *, spread: bool) -> dict[str, Any]:
    shown: dict[str, Any] = dict(zip(FIGURES, group.figures, strict=True))
    flags = {name: shown.pop(f"flag_{name}") for name in FLAGS}
    cost, actual = shown["cost_eur_micro"], shown["ct_actual"]
    shown |= {
        "ct_delta": shown["ct_shadow"] - actual,
        "implied_ct_value_eur_micro": cost // actual if actual else None,
        "coverage": {name: _share(count, shown["rows"]) for name, count in flags.items()},
    }
    return (
        shown | {"percentiles": {name: percentiles(parts) for name, parts in group.values.items()}} if spread else shown
    )


def _share(count: int, rows: int) -> dict[str, int | None]:
    """`share_bp` in basis points, rounded down: 10,000 means all of them."""
    return {"rows": count, "share_bp": 10_000 * count // rows if rows else None}


async def _latest(session: AsyncSession, since: datetime, until: datetime) -> list[dict[str, Any]]:
    statement = select(UsageRow).where(UsageRow.at > since, UsageRow.at <= until)
    newest = statement.order_by(UsageRow.at.desc(), UsageRow.id.desc()).limit(LATEST)
    return [_call(row) for row in await session.scalars(newest)]


def _call(row: UsageRow) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "at": row.at.isoformat(),
        "workspace_id": row.workspace_id,
        "agent": row.agent,
        "model": row.model,
        "status": row.status,
        "phase": row.phase,
        "tokens_in": row.tokens_in,
        "tokens_cached": row.tokens_cached,
        "tokens_cache_write": row.tokens_cache_write,
        "tokens_out": row.tokens_out,
        "calls": row.calls,
        "cost_eur_micro": row.cost_micro_eur,
        "billable_eur_micro": row.billable_micro_eur,
        "ct_actual": row.ct_actual_debit,
        "ct_shadow": row.ct_shadow_debit,
        "stamp": row.stamp,
        "coverage": row.coverage,
    }
