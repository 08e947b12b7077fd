"""Prices and rates read once give what the catalogue would have given at each moment."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert

from billing.catalog import Catalog, rate_at
from billing.history import History
from billing.rate_book import SCOPES
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import CtRate, PricingEntry
from camarad.settings import Settings

MODELS = (("openai", "gpt-5-mini"), ("openai", "openai/gpt-5-mini"), ("", "nobody/knows"), ("camarad", "embedded"))
CALLS = (("tool", "report"), ("connector", "ga4"))
ASKED = ("gpt-5-mini", "openai/gpt-5-mini", "nobody/knows", "camarad/embedded", "embedded", "a/stranger")


def versions(draw: random.Random, clock: ManualClock, count: int) -> list[tuple[dict[str, object], int]]:
    """When each begins and ends: mostly where the next begins, with a gap now and then, and a number of its own."""
    begins = sorted(draw.sample(range(-50, 50), count))
    made: list[tuple[dict[str, object], int]] = []
    for first, after in zip(begins, [*begins[1:], None], strict=False):
        end = None if after is None else after - draw.choice((0, 0, 1)) if after > first + 1 else after
        until = None if end is None else clock.now() + timedelta(hours=end)
        made.append(({"id": new_id(), "valid_from": clock.now() + timedelta(hours=first), "valid_to": until}, first))
    return made


async def written(database: Database, clock: ManualClock, seed: int) -> None:
    draw = random.Random(seed)
    prices: list[dict[str, object]] = []
    for kind, provider, name in (*(("model", *each) for each in MODELS), *((kind, "", n) for kind, n in CALLS)):
        for when, number in versions(draw, clock, draw.randrange(5)):
            named = {"kind": kind, "provider": provider, "model": name, "source": "test", "call_price": number + 60}
            numbers = dict.fromkeys(("input_price", "cached_input_price", "output_price"), number + 100)
            prices.append({**when, **named, **numbers, "cache_write_price": draw.randrange(9)})
    rates = [
        {**when, "scope": scope, "ct_value_micro_eur": n + 60, "buffer_bp": 0, "margin_bp": 0, "eur_per_usd_ppm": 1}
        for scope in SCOPES
        for when, n in versions(draw, clock, draw.randrange(4))
    ]
    async with database.write() as session:
        for table, rows in ((PricingEntry, prices), (CtRate, rates)):
            if rows:
                await session.execute(insert(table), rows)


@pytest.mark.parametrize("seed", range(4))
async def test_a_history_answers_as_the_catalogue_did(
    database: Database, settings: Settings, clock: ManualClock, seed: int
) -> None:
    await written(database, clock, seed)
    first = clock.now() - timedelta(hours=40)
    async with database.read() as session:
        history = await History.since(session, settings, first)
        for hour in (*range(0, 81, 2), 100):
            moment = first + timedelta(hours=hour)
            then = Catalog(settings)
            await then.load(database, moment)
            calls = {f"{kind}:{name}": 1 for kind, name in CALLS}
            assert history.call_prices(calls, moment) == then.call_prices(calls)
            for scope in SCOPES:
                assert history.rate(scope, moment) == await rate_at(session, scope, moment)
            for model in ASKED:
                known = then.price(model)
                assert known is None or history.price(model, moment) == known, (model, hour)


async def test_a_model_nobody_knew_yet_gets_the_first_price_after(
    database: Database, settings: Settings, clock: ManualClock
) -> None:
    prices = [
        {
            "id": new_id(),
            "kind": kind,
            "provider": "openai",
            "model": "unheard-of",
            "source": "test",
            **dict.fromkeys(("input_price", "cached_input_price", "cache_write_price", "output_price"), hour),
            "call_price": 5,
            "valid_from": clock.now() + timedelta(hours=hour),
            "valid_to": None,
        }
        for kind, hour in (("tool", 1), ("model", 3), ("model", 7))
    ]
    async with database.write() as session:
        await session.execute(insert(PricingEntry), prices)
    async with database.read() as session:
        history = await History.since(session, settings, clock.now())
    for name in ("unheard-of", "openai/unheard-of"):
        found = history.price(name, clock.now())
        assert found is not None and found.input == 3
    assert history.price("tool:unheard-of", clock.now()) is None
    assert history.call_prices({"tool:unheard-of": 2}, clock.now()) == ()  # what costs nothing then is not made up
