"""What models cost and what a CT is worth at this moment.

A price is looked up in this order: the `pricing_catalog` table, CAMARAD_MODEL_PRICES, our own models, LiteLLM's list.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from billing import pricefile
from billing.price import Price
from billing.rates import DEFAULT_RATE, Rate
from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.models import CtRate, PricingEntry
from camarad.settings import Settings

OWN = {"camarad/embedded": Price(input=10_000, cached_input=1_000, output=20_000, source="camarad")}
HINT = (
    'Set CAMARAD_MODEL_PRICES to micro-USD per million tokens, e.g. {"%s": {"input": 150000, "output": 600000, '
    '"cached_input": 75000}}; cached_input may be left out.'
)


class Catalog:
    """Prices and the rate in force. `load` reads the tables; until it ran, settings and LiteLLM's list answer."""

    def __init__(self, settings: Settings) -> None:
        self._set = {name: _from_settings(name, given) for name, given in settings.camarad_model_prices.items()}
        self._stored: dict[str, Price] = {}
        self.rate: Rate = DEFAULT_RATE

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

    async def load(self, database: Database, now: datetime) -> None:
        """Take over the prices and the default rate that are valid now."""
        async with database.read() as session:
            entries = await session.scalars(
                select(PricingEntry).where(*_valid(PricingEntry, now)).order_by(PricingEntry.valid_from)
            )
            self._stored = {
                e.model: Price(e.input_price, e.cached_input_price, e.output_price, "catalog") for e in entries
            }
            rate = await session.scalar(
                select(CtRate)
                .where(CtRate.scope == "default", *_valid(CtRate, now))
                .order_by(CtRate.valid_from.desc())
                .limit(1)
            )
            self.rate = _from_table(rate) if rate else DEFAULT_RATE


def _valid(table: type[PricingEntry] | type[CtRate], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return table.valid_from <= now, or_(table.valid_to.is_(None), table.valid_to > now)


def _from_table(rate: CtRate) -> Rate:
    return Rate(rate.ct_value_micro_eur, rate.buffer_bp, rate.margin_bp, rate.eur_per_usd_ppm)


def _from_settings(model: str, given: dict[str, int]) -> Price:
    if not {"input", "output"} <= given.keys() or min(given.values()) < 0:
        raise Misconfigured(f"CAMARAD_MODEL_PRICES: {model} needs input and output, none below 0.", hint=HINT % model)
    return Price(given["input"], given.get("cached_input", given["input"]), given["output"], "settings")
