"""What models, tools and connectors cost and what a CT is worth at this moment.

A model's price is looked up in this order: the `pricing_catalog` table, CAMARAD_MODEL_PRICES, our own models, LiteLLM's
list. A rate is the newest valid one of its scope, else of the scope `default`, else the built-in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import pricefile
from billing.price import Price
from billing.rates import DEFAULT_RATE, Rate
from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.models import CtRate, PricingEntry
from camarad.money import MOST
from camarad.settings import Settings

CATALOG: Final = "catalog"  # the source of prices from the table
OWN = {"camarad/embedded": Price(input=10_000, cached_input=1_000, output=20_000, source="camarad")}
HINT = (
    'Set CAMARAD_MODEL_PRICES to micro-USD per million tokens, e.g. {"%s": {"input": 150000, "output": 600000, '
    '"cached_input": 75000}}; cached_input and cache_write may be left out.'
)
STAMPED = (PricingEntry.input_price, PricingEntry.cached_input_price, PricingEntry.cache_write_price)
COLUMNS = (
    *(PricingEntry.kind, PricingEntry.provider, PricingEntry.model, *STAMPED),
    *(PricingEntry.output_price, PricingEntry.call_price),
)
PROBE: tuple[ColumnElement[Any], ...] = (
    *(func.count(), func.max(PricingEntry.valid_from), func.max(PricingEntry.valid_to)),
    *(func.sum(column) for column in (*STAMPED, PricingEntry.output_price, PricingEntry.call_price)),
)


class Catalog:
    """Prices and the rates in force. `load` reads the tables; until it ran, settings and LiteLLM's list answer."""

    def __init__(self, settings: Settings) -> None:
        self._set = {name: _from_settings(name, given) for name, given in settings.camarad_model_prices.items()}
        self._stored: dict[str, Price] = {}
        self._calls: dict[str, int] = {}  # micro-USD a call, by `tool:<name>` and `connector:<provider>`
        self._seen: tuple[Any, ...] = ()  # what the table looked like when it was read
        self._changes: datetime | None = None  # when a version that is known now begins or ends next
        self.rate: Rate = DEFAULT_RATE  # of what is recorded
        self.debit_rate: Rate = DEFAULT_RATE  # of what Phase 3 charges

    def price(self, model: str) -> Price | None:
        """The model's price, or None when nobody knows it."""
        for known in (self._stored, self._set, OWN):
            if model in known:
                return known[model]
        return pricefile.prices().get(model)

    def require(self, model: str) -> Price:
        """The model's price; an unpriced model is refused with the way to price it."""
        price = self.price(model)
        if price is None:
            raise Misconfigured(f"The model {model} has no price.", code="model_unpriced", hint=HINT % model)
        return price

    def call_prices(self, calls: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        """Those of these calls that cost something, with their micro-USD a call."""
        if not self._calls or not calls:
            return ()
        return tuple((name, self._calls[name]) for name in sorted(calls) if self._calls.get(name))

    async def load(self, database: Database, now: datetime) -> None:
        """Take over what is valid now. The price table is read only when it changed or a version began or ended."""
        async with database.read() as session:
            seen = tuple((await session.execute(select(*PROBE))).one())
            if seen != self._seen or (self._changes is not None and now >= self._changes):
                await self._read(session, now)
                self._seen = seen
            self.rate = await rate_at(session, "shadow", now)
            self.debit_rate = await rate_at(session, "debit", now)

    async def _read(self, session: AsyncSession, now: datetime) -> None:
        valid = select(*COLUMNS).where(*valid_at(PricingEntry, now)).order_by(PricingEntry.valid_from)
        self._stored, self._calls = taken_over((await session.execute(valid)).all())
        ends = [
            await session.scalar(select(func.min(column)).where(column > now))
            for column in (PricingEntry.valid_from, PricingEntry.valid_to)
        ]
        self._changes = min((end for end in ends if end is not None), default=None)


def taken_over(rows: Any) -> tuple[dict[str, Price], dict[str, int]]:
    """Prices of models by every name they go by, and of calls, from rows of COLUMNS, later ones first."""
    stored: dict[str, Price] = {}
    others: dict[str, Price] = {}
    calls: dict[str, int] = {}
    for kind, provider, model, into, cached, write, out, call in rows:
        if kind != "model":
            calls[f"{kind}:{model}"] = call
            continue
        stored[model] = price = Price(into, cached, out, CATALOG, write)
        others.update(dict.fromkeys(pricefile.aliases(provider, model), price))
    return others | stored, calls


async def rate_at(session: AsyncSession, scope: str, moment: datetime) -> Rate:
    for name in (scope, "default"):
        newest = select(CtRate).where(CtRate.scope == name, *valid_at(CtRate, moment))
        row = await session.scalar(newest.order_by(CtRate.valid_from.desc()).limit(1))
        if row is not None:
            return Rate(row.ct_value_micro_eur, row.buffer_bp, row.margin_bp, row.eur_per_usd_ppm)
    return DEFAULT_RATE


def valid_at(table: type[PricingEntry] | type[CtRate], moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return table.valid_from <= moment, or_(table.valid_to.is_(None), table.valid_to > moment)


def _from_settings(model: str, given: dict[str, int]) -> Price:
    if not {"input", "output"} <= given.keys() or not all(0 <= value <= MOST for value in given.values()):
        said = f"CAMARAD_MODEL_PRICES: {model} needs input and output, whole numbers from 0 to {MOST}."
        raise Misconfigured(said, hint=HINT % model)
    cached = given.get("cached_input", given["input"])
    return Price(given["input"], cached, given["output"], "settings", given.get("cache_write"))
