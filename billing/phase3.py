"""Phase 3: for a time, calls are debited by what they cost instead of by the flat tariff.

It needs two keys: the setting BILLING_PHASE3_ENABLED, and a window that an operator opened, which ends by itself. The
ledger reads the window in the very transaction that takes a hold, so that opening and closing hold at once and in every
process. A call is charged by the phase its hold was taken in, whatever happens to the window meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.call import COST
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, Misconfigured
from camarad.ids import new_id
from camarad.models import CtRefusal, Phase3Window, UsageRow
from camarad.settings import Settings

MOST_HOURS: Final = 168
LOCK: Final = 7_301_220_418  # two operators opening at once


async def active_window(session: AsyncSession, now: datetime) -> Phase3Window | None:
    found: Phase3Window | None = await session.scalar(
        select(Phase3Window)
        .where(Phase3Window.closed_at.is_(None), Phase3Window.opens_at <= now, Phase3Window.closes_at > now)
        .order_by(Phase3Window.opens_at)
        .limit(1)
    )
    return found


async def open_window(
    database: Database, clock: Clock, settings: Settings, hours: int, note: str = "", starts: datetime | None = None
) -> Phase3Window:
    """Debit by cost from now, or from `starts`, for so many hours.

    Raises Misconfigured while the setting is off, BadInput for hours out of 1 to 168 or a start in the past, Conflict
    when it would overlap another window.
    """
    if not settings.billing_phase3_enabled:
        raise Misconfigured(
            "Phase 3 is switched off on this server.",
            hint="Set BILLING_PHASE3_ENABLED=true and start the server again, then open the window.",
        )
    if not 1 <= hours <= MOST_HOURS:
        raise BadInput(f"A window lasts 1 to {MOST_HOURS} hours, not {hours}.", code="bad_window")
    async with database.write() as session:
        now = await _alone(session, database, clock)
        opens = starts or now
        if opens < now:
            raise BadInput("A window cannot begin in the past.", code="bad_window")
        made = Phase3Window(
            id=new_id(), opens_at=opens, closes_at=opens + timedelta(hours=hours), note=note[:500], created_at=now
        )
        await _refuse_overlap(session, made)
        session.add(made)
    return made


async def close_window(database: Database, clock: Clock) -> list[Phase3Window]:
    """End every window that is open or yet to come, at once; those that were. None open is no error."""
    async with database.write() as session:
        now = await _alone(session, database, clock)
        return [window for window in await _end(session, now) if window.closed_at == now]


async def end_overdue(database: Database, clock: Clock) -> int:
    """Mark windows whose time is over as closed, so that a clock that is put back cannot open them again."""
    overdue = Phase3Window.closed_at.is_(None), Phase3Window.closes_at <= clock.now()
    async with database.read() as session:
        if await session.scalar(select(func.count()).select_from(Phase3Window).where(*overdue)) == 0:
            return 0
    async with database.write() as session:
        now = await _alone(session, database, clock)
        return len(await _end(session, now, *overdue))


async def _end(session: AsyncSession, now: datetime, *which: ColumnElement[bool]) -> list[Phase3Window]:
    rows = await session.scalars(select(Phase3Window).where(Phase3Window.closed_at.is_(None), *which))
    ended = list(rows)
    for window in ended:
        window.closed_at = min(now, window.closes_at)
    return ended


async def report(
    session: AsyncSession, settings: Settings, now: datetime, since: datetime, booked: tuple[int, int] | None = None
) -> dict[str, Any]:
    """What Phase 3 did since a moment up to now, for telemetry: calls and CT debited by cost, calls refused by reason.

    `booked` are calls and CT where they are known already and need not be counted."""
    window = await active_window(session, now)
    applied, debited = (
        booked
        or (
            await session.execute(
                select(func.count(), func.coalesce(func.sum(UsageRow.ct_actual_debit), 0)).where(
                    UsageRow.phase == COST, UsageRow.at > since, UsageRow.at <= now
                )
            )
        ).one()
    )
    counted = select(CtRefusal.code, func.count()).where(CtRefusal.at > since, CtRefusal.at <= now)
    refused = await session.execute(counted.group_by(CtRefusal.code).order_by(CtRefusal.code))
    return {
        "enabled": settings.billing_phase3_enabled,
        "open": settings.billing_phase3_enabled and window is not None,
        "applied": int(applied),
        "debited_ct": int(debited),
        "refused": {code: int(count) for code, count in refused},
        "window": view(window) if window else None,
    }


def view(window: Phase3Window) -> dict[str, Any]:
    return {
        "id": window.id,
        "opens_at": window.opens_at.isoformat(),
        "closes_at": window.closes_at.isoformat(),
        "closed_at": window.closed_at.isoformat() if window.closed_at else None,
        "note": window.note,
    }


async def _alone(session: AsyncSession, database: Database, clock: Clock) -> datetime:
    """The moment from which nobody else changes a window. On SQLite no hold is taken meanwhile either, so that a hold's
    time says on which side of the change it is."""
    await session.scalar(select(Phase3Window.id).limit(1))  # the transaction begins, and with it SQLite's lock
    if not database.is_sqlite:
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return clock.now()


async def _refuse_overlap(session: AsyncSession, wanted: Phase3Window) -> None:
    other = await session.scalar(
        select(Phase3Window)
        .where(
            Phase3Window.closed_at.is_(None),
            Phase3Window.opens_at < wanted.closes_at,
            Phase3Window.closes_at > wanted.opens_at,
        )
        .limit(1)
    )
    if other is not None:
        raise Conflict(
            f"A window is open from {other.opens_at:%Y-%m-%d %H:%M} to {other.closes_at:%Y-%m-%d %H:%M} UTC.",
            code="window_overlap",
            hint="Close it first: python -m camarad billing phase3 close.",
        )
