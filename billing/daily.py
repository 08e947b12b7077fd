"""Model calls by UTC day, over all workspaces, for operators' charts: exact to the unit while calls go on.

Days are put together from `billing.rollup` where it agrees with the rows and counted from the rows elsewhere, both in
one snapshot; `by_rows=True` counts all of it from the rows, which is what the other way is held to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rollup.raw import within
from billing.rollup.stretches import KEPT, Cover, cover, micros
from billing.rollup.window import Watermark, stored, watermark
from camarad.clock import Clock
from camarad.database import Database
from camarad.models import UsageRollup, UsageRow

DAY: Final = timedelta(days=1)
AGENT: Final = "agent"  # every call has one, so agents add up to all
Sums = dict[str, list[int]]  # by the day as YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Day:
    """`cost` in micro-EUR, of the calls whose cost is known."""

    day: date
    calls: int = 0
    ct_actual: int = 0
    ct_shadow: int = 0
    cost: int = 0


async def by_day(database: Database, clock: Clock, days: int = 7, *, by_rows: bool = False) -> list[Day]:
    """The last days, today last; a day without calls is there too."""
    async with database.snapshot() as session:
        return await counted(session, clock.now(), days, by_rows=by_rows)


async def counted(session: AsyncSession, now: datetime, days: int, *, by_rows: bool = False) -> list[Day]:
    """The same in a caller's transaction, which has to show one moment throughout."""
    today = now.astimezone(UTC).date()
    wanted = [today - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    found = Sums()
    for statement in _statements(await _covered(session, now, wanted, by_rows=by_rows), session):
        for name, *figures in await session.execute(statement):
            before = found.get(name, [0] * len(figures))
            found[name] = [mine + int(more) for mine, more in zip(before, figures, strict=True)]
    return [Day(each, *found.get(each.isoformat(), ())) for each in wanted]


async def _covered(session: AsyncSession, now: datetime, wanted: Sequence[date], *, by_rows: bool) -> Cover:
    """Rollups reach back for KEPT; the day they end in may be cut off, so that the next one is the first to trust."""
    first, end = _midnight(wanted[0]), _midnight(wanted[-1]) + DAY
    kept = max(first, min(end, _midnight((now - KEPT).astimezone(UTC).date()) + DAY))
    mark = Watermark() if by_rows else await watermark(session, kept)
    covered = cover(micros(kept), micros(end), mark.upto, mark.marks)
    if first < kept:
        covered.raw.append((micros(first), micros(kept)))
    return covered


def _statements(covered: Cover, session: AsyncSession) -> list[Any]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    rolled = UsageRollup.ct_actual, UsageRollup.ct_shadow, UsageRollup.cost_eur_micro
    counts = UsageRow.ct_actual_debit, UsageRow.ct_shadow_debit, UsageRow.cost_micro_eur
    summed = _sums(UsageRollup.start, sqlite, func.sum(UsageRollup.rows), rolled)
    plain = _sums(UsageRow.at, sqlite, func.count(), counts)
    where = stored(covered)
    return [
        *([] if where is None else [summed.where(UsageRollup.dim == AGENT, where)]),
        *(plain.where(within(runs)) for runs in covered.raw_by_day()),
    ]


def _sums(at: Any, sqlite: bool, calls: ColumnElement[int], figures: Sequence[Any]) -> Any:
    day = _day_of(at, sqlite=sqlite)
    return select(day, calls, *(func.coalesce(func.sum(each), 0) for each in figures)).group_by(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _day_of(at: Any, *, sqlite: bool) -> ColumnElement[str]:
    """The UTC day as YYYY-MM-DD. SQLite keeps times as UTC text."""
    return func.substr(at, 1, 10) if sqlite else func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")
