"""A usage row names the numbers it was priced with, and they give its cost and its CT for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from billing.call import Reservation
from billing.catalog import Catalog
from billing.coverage import Coverage
from billing.meter import Meter
from billing.price import Price
from billing.rate_book import set_price, set_rate
from billing.rates import Rate
from billing.shadow import sync
from billing.stamp import Stamp, reprice, stamp
from camarad.errors import BadInput, Conflict
from camarad.ids import new_id
from camarad.models import Base, CtRate, PriceStamp, PricingEntry, UsageRow
from tests.support.metering import WORKSPACE, settlement

LEDGER = ("ct_wallets", "ct_holds", "ct_ledger")
counts = st.integers(0, 2**31 - 1)


def entry(clock, model="openai/unheard-of", kind="model", price=7, **other):
    prices = {"input_price": price, "cached_input_price": price, "cache_write_price": 2 * price, "output_price": price}
    given_ = {"valid_from": clock.now(), "call_price": 0, "source": "invoice", "provider": "", **prices, **other}
    return PricingEntry(id=new_id(), model=model, kind=kind, **given_)


async def used(meter, request_id="r1", **other):
    await meter.reserve(Reservation(WORKSPACE, request_id, 10))
    return await meter.settle(settlement(request_id, **other))


async def rows_of(database):
    async with database.read() as session:
        stamps = {each.id: each.numbers for each in await session.scalars(select(PriceStamp))}
        return [*await session.scalars(select(UsageRow).order_by(UsageRow.request_id))], stamps


async def test_a_call_is_priced_again_to_the_unit_after_everything_changed(meter, database, settings, clock):
    await set_price(database, entry(clock, "tool", "tool", call_price=70_000))
    await meter.catalog.load(database, clock.now())
    calls = {"tool:tool": 3, "connector:ga4": 3}
    for number, model in enumerate(("camarad/embedded", "openai/gpt-5-mini")):
        await used(meter, f"r{number}", model=model, tokens_cached=300, tokens_cache_write=90, calls=calls)
    before, _ = await rows_of(database)
    assert all(row.cost_micro_eur > 3 * 70_000 * 92 // 100 and row.coverage & Coverage.CALL_COST for row in before)
    clock.advance(timedelta(hours=1))
    for model in ("camarad/embedded", "openai/gpt-5-mini"):
        await set_price(database, entry(clock, model, price=10**6))
    await set_price(database, entry(clock, "tool", "tool", call_price=1))
    await set_rate(database, clock, "default", Rate(7, 0, 0, 1_000_000))
    changed = settings.model_copy(update={"ct_per_1k_input_tokens": 3})
    other = Meter(database, changed, clock)
    await other.start()
    await used(other, "r2", model="openai/gpt-5-mini", tokens_cached=300, tokens_cache_write=90, calls=calls)
    await other.close()
    rows, stamps = await rows_of(database)
    assert [reprice(row, stamps[row.stamp]) for row in rows] == [
        (row.cost_micro_eur, row.ct_shadow_debit) for row in rows
    ]
    assert len({row.stamp for row in rows}) == len({row.cost_micro_eur for row in rows}) == 3


@given(
    prices=st.tuples(*[st.integers(0, 10**9)] * 4),
    tokens=st.tuples(*[counts] * 4),
    rate=st.tuples(st.integers(1, 10**9), st.integers(0, 10**5), st.integers(0, 9_999), st.integers(1, 10**8)),
)
def test_a_stamp_read_back_gives_the_same_quote(prices, tokens, rate):
    price = Price(*prices[:3], "test", prices[3])
    made = stamp(price, Rate(*rate), Rate(), (1, 4), (("tool:t", 5),))
    call = settlement(
        tokens_in=tokens[0],
        tokens_out=tokens[1],
        tokens_cached=tokens[2],
        tokens_cache_write=tokens[3],
        calls={"tool:t": 2, "tool:free": 9},
    )
    assert Stamp.of(made.numbers()) == made
    assert Stamp.of(made.numbers()).quote(call) == made.quote(call)


async def everything(database, tables):
    """Every byte of some tables, in a fixed order."""
    async with database.read() as session:
        found = [Base.metadata.tables[name] for name in tables]
        return [[*map(tuple, await session.execute(select(each).order_by(*each.primary_key)))] for each in found]


async def test_pricing_afterwards_touches_no_ledger_and_happens_once(meter, database, settings, clock):
    for number in range(5):
        await used(meter, f"r{number}", model="openai/unheard-of")
    await used(meter, "r9", model="nobody/knows")
    debits = [row.ct_actual_debit for row in (await rows_of(database))[0]]
    clock.advance(timedelta(hours=1))
    await set_price(database, entry(clock))
    ledger = await everything(database, LEDGER)
    first = await sync(database, settings, clock, limit=3)
    assert (first["looked"], first["priced"]) == (3, 3)
    rest = await sync(database, settings, clock, after=first["next"])
    assert (rest["priced"], rest["unpriced"], rest["next"]) == (2, {"nobody/knows": 1}, None)
    assert (await sync(database, settings, clock))["priced"] == 0
    assert await everything(database, LEDGER) == ledger
    rows, stamps = await rows_of(database)
    assert [row.ct_actual_debit for row in rows] == debits
    for row in rows[:5]:
        assert reprice(row, stamps[row.stamp]) == (row.cost_micro_eur, row.ct_shadow_debit)
        assert row.coverage & Coverage.LATE and row.coverage & Coverage.PRICED
    assert rows[5].stamp is None and rows[5].cost_micro_eur is None


async def test_versions_follow_each_other_without_overlap_or_gap(database, clock):
    hour = timedelta(hours=1)
    for later in (0, 5, 3, 9, 1):
        await set_rate(database, clock, "shadow", Rate(100 + later), valid_from=clock.now() + later * hour)
    async with database.read() as session:
        found = [*await session.scalars(select(CtRate).order_by(CtRate.valid_from))]
    assert [each.ct_value_micro_eur for each in found] == [100, 101, 103, 105, 109]
    assert [each.valid_to for each in found] == [*(each.valid_from for each in found[1:]), None]
    with pytest.raises(Conflict):
        await set_rate(database, clock, "shadow", Rate(), valid_from=clock.now() + hour)
    with pytest.raises(BadInput):
        await set_rate(database, clock, "shadow", Rate(), valid_from=clock.now() - hour)
    for bad in (Rate(0), Rate(1, -1), Rate(1, 0, 10_000), Rate(1, 0, 0, 0)):
        with pytest.raises(BadInput):
            await set_rate(database, clock, "shadow", bad)


async def test_each_scope_has_its_own_rate_or_the_default(database, settings, clock):
    catalog = Catalog(settings)
    await set_rate(database, clock, "default", Rate(2_000))
    await catalog.load(database, clock.now())
    assert catalog.rate == catalog.debit_rate == Rate(2_000)
    await set_rate(database, clock, "shadow", Rate(3_000))
    await catalog.load(database, clock.now())
    assert (catalog.rate, catalog.debit_rate) == (Rate(3_000), Rate(2_000))


async def test_a_price_set_for_a_model_holds_under_all_its_names(database, settings, clock):
    catalog = Catalog(settings)
    await set_price(database, entry(clock, "gpt-5-mini", price=9))
    await catalog.load(database, clock.now())
    assert catalog.price("openai/gpt-5-mini").input == catalog.price("gpt-5-mini").input == 9


async def test_a_changed_price_is_read_though_nothing_was_added(database, settings, clock):
    catalog = Catalog(settings)
    async with database.write() as session:
        columns = {c.name: getattr(entry(clock), c.name) for c in PricingEntry.__table__.c}
        await session.execute(insert(PricingEntry).values(columns))
    await catalog.load(database, clock.now())
    async with database.write() as session:
        await session.execute(update(PricingEntry).values(input_price=8))
    await catalog.load(database, clock.now())
    assert catalog.price("openai/unheard-of").input == 8
