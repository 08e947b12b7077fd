"""The catalogue's table beside LiteLLM's list: what is compared, put in, kept, and left alone by a dry run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from billing import price_list, pricefile
from billing.catalog import Catalog
from billing.price import Price
from billing.rate_book import set_price
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import BadInput, Conflict
from camarad.ids import new_id
from camarad.models import PricingEntry
from camarad.settings import Settings

Listed = Callable[..., None]
PRICES = ("input_price", "cached_input_price", "cache_write_price", "output_price")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """LiteLLM's list with these input prices in it; a model's output costs as much."""

    def put(**prices: int) -> None:
        found = {name: ("openai", Price(price, price, price, "litellm")) for name, price in prices.items()}
        monkeypatch.setattr(pricefile, "listed", lambda: found)

    put(one=1, two=2)
    return put


def priced(at: datetime, model: str, price: int = 9, **other: object) -> PricingEntry:
    columns: dict[str, object] = {"id": new_id(), "kind": "model", "provider": "openai", "model": model}
    columns |= {**dict.fromkeys(PRICES, price), "call_price": 0, "source": "invoice", "valid_from": at}
    return PricingEntry(**(columns | other))


async def table(database: Database) -> list[tuple[str, int, str, datetime, datetime | None]]:
    async with database.read() as session:
        rows = await session.scalars(select(PricingEntry).order_by(PricingEntry.model, PricingEntry.valid_from))
        return [(row.model, row.input_price, row.source, row.valid_from, row.valid_to) for row in rows]


async def test_a_dry_run_names_what_differs_and_writes_nothing(
    database: Database, clock: ManualClock, listed: Listed
) -> None:
    found = await price_list.sync(database, clock, apply=False)
    assert found.changes == ["one: new → (1, 1, 1, 1)", "two: new → (2, 2, 2, 2)"]
    assert await table(database) == []


async def test_what_was_put_in_is_the_same_the_next_time(
    database: Database, clock: ManualClock, listed: Listed
) -> None:
    assert len((await price_list.sync(database, clock, apply=True)).changes) == 2
    clock.advance(timedelta(hours=1))
    again = await price_list.sync(database, clock, apply=True)
    assert (again.changes, again.same, again.kept) == ([], 2, 0)
    assert [row[:3] for row in await table(database)] == [("one", 1, "litellm"), ("two", 2, "litellm")]


async def test_a_new_price_begins_where_the_old_one_ends(
    database: Database, settings: Settings, clock: ManualClock, listed: Listed
) -> None:
    before = clock.now()
    await price_list.sync(database, clock, apply=True)
    clock.advance(timedelta(hours=1))
    listed(one=5)  # and `two` is listed no more: calls of it still have to be priced
    found = await price_list.sync(database, clock, apply=True)
    assert found.changes == ["one: (1, 1, 1, 1) → (5, 5, 5, 5)"]
    assert await table(database) == [
        ("one", 1, "litellm", before, clock.now()),
        ("one", 5, "litellm", clock.now(), None),
        ("two", 2, "litellm", before, None),
    ]
    catalog = Catalog(settings)
    await catalog.load(database, clock.now())
    assert [catalog.require(name).input for name in ("one", "openai/one", "two")] == [5, 5, 2]


async def test_what_an_operator_set_stays_now_and_later(database: Database, clock: ManualClock, listed: Listed) -> None:
    await set_price(database, priced(clock.now(), "one"))
    await set_price(database, priced(clock.now() + timedelta(days=1), "two"))
    tool = {"kind": "tool", "call_price": 7}
    await set_price(database, priced(clock.now() + timedelta(hours=9), "three", 0, **tool))
    listed(one=1, two=2, three=3)
    before = await table(database)
    found = await price_list.sync(database, clock, apply=True)
    assert (found.kept, found.changes) == (2, ["three: new → (3, 3, 3, 3)"])
    assert [row for row in await table(database) if row[2] == "invoice"] == before


async def test_two_at_once_put_everything_in_once(database: Database, clock: ManualClock, listed: Listed) -> None:
    both = await asyncio.gather(*(price_list.sync(database, clock, apply=True) for _ in range(2)))
    assert sorted(len(found.changes) for found in both) == [0, 2]
    assert len(await table(database)) == 2


async def test_one_moment_holds_one_version_of_a_name_whatever_its_kind(database: Database, clock: ManualClock) -> None:
    await set_price(database, priced(clock.now(), "ga4", 0, kind="connector", call_price=5))
    for kind in ("connector", "tool", "model"):
        with pytest.raises(Conflict) as refused:
            await set_price(database, priced(clock.now(), "ga4", 0, kind=kind, call_price=6))
        assert refused.value.code == "version_exists"
    await set_price(database, priced(clock.now() + timedelta(microseconds=1), "ga4", 0, kind="tool", call_price=6))
    assert len(await table(database)) == 2


@pytest.mark.parametrize("column", [*PRICES, "call_price"])
@pytest.mark.parametrize("value", [-1, 2**53 + 1, True, None, "5"])
async def test_a_price_that_is_none_is_refused(
    sqlite_database: Database, clock: ManualClock, column: str, value: object
) -> None:
    with pytest.raises(BadInput) as refused:
        await set_price(sqlite_database, priced(clock.now(), "one", **{column: value}))
    assert refused.value.code == "bad_price" and column in refused.value.message
    assert await table(sqlite_database) == []
