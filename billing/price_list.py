"""The catalogue's table compared with LiteLLM's list. What differs becomes a new version from now on; the versions
before keep their time, and what an operator set is never touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update

from billing import pricefile
from billing.catalog import valid_at
from billing.price import Price
from billing.rate_book import one_at_a_time
from camarad.clock import Clock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import PricingEntry

SOURCE = "litellm"
Numbers = tuple[int, int, int, int]


@dataclass(slots=True)
class Compared:
    """`changes` in words, one a price; `kept` are prices that an operator set."""

    changes: list[str] = field(default_factory=list)
    same: int = 0
    kept: int = 0
    ended: list[str] = field(default_factory=list)  # ids of versions that end now
    fresh: list[dict[str, object]] = field(default_factory=list)  # rows that begin now


async def sync(database: Database, clock: Clock, *, apply: bool) -> Compared:
    """Without `apply` nothing is written. Doing it again finds nothing to change."""
    now = clock.now()
    async with database.write() if apply else database.read() as session:
        if apply:
            await one_at_a_time(session)
        current = select(PricingEntry).where(PricingEntry.kind == "model", *valid_at(PricingEntry, now))
        stored = {row.model: row for row in await session.scalars(current)}
        coming = select(PricingEntry.model).where(PricingEntry.kind == "model", PricingEntry.valid_from > now)
        later = await session.scalars(coming)
        found = compare(stored, set(later), now)
        if apply and found.fresh:
            for start in range(0, len(found.ended), 500):
                some = PricingEntry.id.in_(found.ended[start : start + 500])
                await session.execute(update(PricingEntry).where(some).values(valid_to=now))
            await session.execute(insert(PricingEntry), found.fresh)
    return found


def compare(stored: dict[str, PricingEntry], later: set[str], now: datetime) -> Compared:
    found = Compared()
    for name, (provider, price) in pricefile.listed().items():
        row = stored.get(name)
        if name in later or (row is not None and row.source != SOURCE):
            found.kept += 1
        elif row is not None and _stored(row) == _listed(price):
            found.same += 1
        else:
            if row is not None:
                found.ended.append(row.id)
            found.fresh.append(_row(name, provider, price, now))
            found.changes.append(f"{name}: {_stored(row) if row else 'new'} → {_listed(price)}")
    return found


def _listed(price: Price) -> Numbers:
    """Input, cached input, cache write, output."""
    write = price.input if price.cache_write is None else price.cache_write
    return price.input, price.cached_input, write, price.output


def _stored(row: PricingEntry) -> Numbers:
    return row.input_price, row.cached_input_price, row.cache_write_price, row.output_price


def _row(name: str, provider: str, price: Price, now: datetime) -> dict[str, object]:
    into, cached, write, out = _listed(price)
    return {
        "id": new_id(),
        "kind": "model",
        "provider": provider,
        "model": name,
        "input_price": into,
        "cached_input_price": cached,
        "cache_write_price": write,
        "output_price": out,
        "call_price": 0,
        "source": SOURCE,
        "valid_from": now,
        "valid_to": None,
    }
