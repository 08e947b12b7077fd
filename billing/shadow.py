"""Prices calls that had no price when they were made. Only what is recorded changes: no CT move, nothing is debited.

A call gets the price and the rates of its own moment; where the catalogue has none that early, the first one after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing.coverage import Coverage
from billing.history import History
from billing.pricing import coverage
from billing.stamp import Quote, Stamp, stamp
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import PriceStamp, UsageRow
from camarad.settings import Settings

LIMIT = 500
MOST = 5_000
AT_ONCE = 100  # rows in one transaction; calls that settle wait for no more than that

Found = list[tuple[UsageRow, Stamp]]


async def sync(
    database: Database, settings: Settings, clock: Clock, limit: int = LIMIT, after: str = ""
) -> dict[str, Any]:
    """Price the oldest rows without a price, at most `limit` of them, after the row `after`.

    Gives how many were `looked` at, `priced`, and left since nobody knows their model (`unpriced`, by model), and the
    row to go on after, `next`, None at the end. Doing it again changes nothing."""
    if not 1 <= limit <= MOST:
        raise BadInput(f"limit is a whole number from 1 to {MOST}.", code="bad_limit")
    waiting = select(UsageRow).where(UsageRow.cost_micro_eur.is_(None), UsageRow.id > after)
    async with database.read() as session:
        rows = [*await session.scalars(waiting.order_by(UsageRow.id).limit(limit))]
        found, left = await _priced(session, settings, rows)
    await _keep(database, clock.now(), {numbers.id: numbers for _, numbers in found})
    priced = 0
    for start in range(0, len(found), AT_ONCE):
        async with database.write() as session:
            for row, numbers in found[start : start + AT_ONCE]:
                priced += await _write(session, row, numbers)
    following = rows[-1].id if len(rows) == limit else None
    return {"looked": len(rows), "priced": priced, "unpriced": dict(left), "next": following}


async def _priced(session: AsyncSession, settings: Settings, rows: Sequence[UsageRow]) -> tuple[Found, Counter[str]]:
    """Rows with their numbers, and how many of which model have none. Prices and rates are read once for all."""
    found: Found = []
    left: Counter[str] = Counter()
    if rows:
        history = await History.since(session, settings, min(row.at for row in rows))
        for row in rows:
            numbers = _numbers(history, settings, row)
            if numbers is None:
                left[row.model] += 1
            else:
                found.append((row, numbers))
    return found, left


def _numbers(history: History, settings: Settings, row: UsageRow) -> Stamp | None:
    price = history.price(row.model, row.at)
    if price is None:
        return None
    rates = history.rate("shadow", row.at), history.rate("debit", row.at)
    flat = settings.ct_per_1k_input_tokens, settings.ct_per_1k_output_tokens
    return stamp(price, *rates, flat, history.call_prices(row.calls, row.at))


async def _keep(database: Database, now: datetime, stamps: dict[str, Stamp]) -> None:
    """Each by itself: two that insert the same ones in another order would wait for each other for ever."""
    insert = sqlite_insert if database.is_sqlite else postgresql_insert
    async with database.read() as session:
        known = set(await session.scalars(select(PriceStamp.id).where(PriceStamp.id.in_([*stamps]))))
    for numbers in (each for name, each in stamps.items() if name not in known):
        row = insert(PriceStamp).values(id=numbers.id, numbers=numbers.numbers(), created_at=now)
        async with database.write() as session:
            await session.execute(row.on_conflict_do_nothing())


async def _write(session: AsyncSession, row: UsageRow, numbers: Stamp) -> int:
    """1, or 0 when somebody else priced the row meanwhile, or it was erased."""
    quote: Quote = numbers.quote(row)
    mine = update(UsageRow).where(UsageRow.id == row.id, UsageRow.cost_micro_eur.is_(None))
    taken = await session.execute(
        mine.values(
            cost_micro_eur=quote.cost,
            ct_shadow_debit=quote.shadow,
            billable_micro_eur=quote.billable,
            stamp=numbers.id,
            coverage=coverage(row, numbers) | Coverage.LATE,
        ).returning(UsageRow.id)
    )
    return len(taken.all())
