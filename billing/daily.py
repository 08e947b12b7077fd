"""Model calls by UTC day, over all workspaces, for operators' charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from camarad.clock import Clock
from camarad.database import Database
from camarad.models import UsageRow


@dataclass(frozen=True, slots=True)
class Day:
    """`cost` in micro-EUR, of the calls whose cost is known."""

    day: date
    calls: int = 0
    ct_actual: int = 0
    ct_shadow: int = 0
    cost: int = 0


async def by_day(database: Database, clock: Clock, days: int = 7) -> list[Day]:
    """The last days, today last; a day without calls is there too."""
    today = clock.now().astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    day = _day_of(UsageRow.at, sqlite=database.is_sqlite)
    sums = (UsageRow.ct_actual_debit, UsageRow.ct_shadow_debit, UsageRow.cost_micro_eur)
    statement = (
        select(day, func.count(), *(func.coalesce(func.sum(each), 0) for each in sums))
        .where(UsageRow.at >= datetime.combine(first, time.min, UTC))
        .group_by(day)
    )
    async with database.read() as session:
        found = {name: [int(each) for each in figures] for name, *figures in await session.execute(statement)}
    wanted = [first + timedelta(days=n) for n in range(days)]
    return [Day(each, *found.get(each.isoformat(), ())) for each in wanted]


def _day_of(at: Any, *, sqlite: bool) -> ColumnElement[str]:
    """The UTC day as YYYY-MM-DD. SQLite keeps times as UTC text."""
    return func.substr(at, 1, 10) if sqlite else func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")
