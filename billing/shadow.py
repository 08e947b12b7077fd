"""Prices calls that had no price when they were made. Only what is recorded changes: no CT move, nothing is debited.

A call gets the price and the rates of its own moment; where the catalogue has none that early, the first one after.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from billing.catalog import COLUMNS, Catalog, rate_at, taken_over, valid_at
from billing.coverage import Coverage
from billing.pricing import coverage
from billing.stamp import Quote, Stamp, stamp
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import PriceStamp, PricingEntry, UsageRow
from camarad.settings import Settings

LIMIT = 500
MOST = 5_000


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
    priced, left = 0, dict[str, int]()
    for row in rows:
        numbers = await _numbers(database, settings, row)
        if numbers is None:
            left[row.model] = left.get(row.model, 0) + 1
        else:
            priced += await _write(database, clock.now(), row, numbers)
    following = rows[-1].id if len(rows) == limit else None
    return {"looked": len(rows), "priced": priced, "unpriced": left, "next": following}


async def _numbers(database: Database, settings: Settings, row: UsageRow) -> Stamp | None:
    async with database.read() as session:
        valid = select(*COLUMNS).where(*valid_at(PricingEntry, row.at)).order_by(PricingEntry.valid_from)
        stored, calls = taken_over((await session.execute(valid)).all())
        price = stored.get(row.model) or Catalog(settings).price(row.model)
        if price is None:
            later = select(*COLUMNS).where(PricingEntry.model == row.model, PricingEntry.valid_from > row.at)
            first = (await session.execute(later.order_by(PricingEntry.valid_from).limit(1))).all()
            price = taken_over(first)[0].get(row.model)
        if price is None:
            return None
        used = tuple((name, calls[name]) for name in sorted(row.calls) if calls.get(name))
        flat = settings.ct_per_1k_input_tokens, settings.ct_per_1k_output_tokens
        rate, debit = await rate_at(session, "shadow", row.at), await rate_at(session, "debit", row.at)
    return stamp(price, rate, debit, flat, used)


async def _write(database: Database, now: datetime, row: UsageRow, numbers: Stamp) -> int:
    """1, or 0 when somebody else priced the row meanwhile."""
    insert = sqlite_insert if database.is_sqlite else postgresql_insert
    named = insert(PriceStamp).values(id=numbers.id, numbers=numbers.numbers(), created_at=now)
    quote: Quote = numbers.quote(row)
    mine = update(UsageRow).where(UsageRow.id == row.id, UsageRow.cost_micro_eur.is_(None))
    async with database.write() as session:
        await session.execute(named.on_conflict_do_nothing())
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
