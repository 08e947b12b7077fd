"""What recorded calls cost by what is known now: at the prices the catalogue has today for the time of the call, at
today's exchange rate, and with the calls that were lost on the way.

A price that was entered late, an operator's correction or an invoice's figure, is one with a `valid_from` in the past:
calls since then were priced too low, and how much too low is what a buffer is for. A rise that the catalogue knew in
time changes nothing, since the calls were priced with it. The provider is paid later than the call is made, so the
exchange rate is today's for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import pricefile
from billing.calibration.gather import Cell, Gathered
from billing.catalog import Catalog
from billing.price import Price, Tokens
from billing.stamp import Stamp
from camarad.models import PricingEntry
from camarad.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """One price of the catalogue with its time. `own` says that the entry has the model's very name and no alias."""

    price: Price
    own: bool
    valid_from: datetime
    valid_to: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_to is None or self.valid_to > moment)


class Prices:
    """Prices as they are known today, for any moment. What the table does not hold has no time and holds always."""

    def __init__(self, settings: Settings, stored: Mapping[str, Sequence[Known]]) -> None:
        self._always = Catalog(settings)
        self._stored = stored

    @classmethod
    async def load(cls, settings: Settings, session: AsyncSession, models: Collection[str]) -> Prices:
        """Of these models, by every name that the catalogue knows them by."""
        statement = select(PricingEntry).where(PricingEntry.kind == "model").order_by(PricingEntry.valid_from)
        stored: dict[str, list[Known]] = defaultdict(list)
        for entry in await session.scalars(statement):
            for name in {entry.model, *pricefile.aliases(entry.provider, entry.model)}.intersection(models):
                own = name == entry.model
                stored[name].append(Known(_price(entry), own, entry.valid_from, entry.valid_to))
        return cls(settings, stored)

    def at(self, model: str, moment: datetime) -> Price | None:
        """The newest one valid at `moment`, which begins a stretch without a change of price; own names come first."""
        fitting = [known for known in self._stored.get(model, ()) if known.holds(moment)]
        chosen = [known for known in fitting if known.own] or fitting
        return chosen[-1].price if chosen else self._always.price(model)

    @property
    def changes(self) -> list[datetime]:
        every = (known for several in self._stored.values() for known in several)
        ends = (end for known in every for end in (known.valid_from, known.valid_to))
        return sorted({end for end in ends if end is not None})


def _price(entry: PricingEntry) -> Price:
    return Price(entry.input_price, entry.cached_input_price, entry.output_price, entry.source, entry.cache_write_price)


def recounted(cell: Cell, gathered: Gathered, prices: Prices, eur_per_usd_ppm: int) -> int:
    """What a cell's calls cost as is known now, in micro-EUR: the recorded cost, and the difference that today's price
    and exchange rate make to their tokens, off by less than 1. What tools cost stays as it was recorded. A cell without
    a stamp, or whose model has no price now, is believed as it is."""
    numbers = gathered.stamps.get(cell.stamp or "")
    price = prices.at(cell.model, cell.start)
    if numbers is None or price is None:
        return cell.cost
    then = Stamp.of(numbers)
    tokens = Tokens(cell.tokens_in, cell.tokens_cached, cell.tokens_out, cell.tokens_cache_write)
    now_cost, then_cost = price.cost(tokens, eur_per_usd_ppm), then.price.cost(tokens, then.rate.eur_per_usd_ppm)
    return max(0, cell.cost + now_cost - then_cost)


def mean_costs(actual: Sequence[tuple[Cell, int]]) -> dict[str, Fraction]:
    """What a priced call of each model cost on average; under the empty name, of all of them."""
    cost: dict[str, int] = defaultdict(int)
    calls: dict[str, int] = defaultdict(int)
    for cell, amount in actual:
        for name in (cell.model, ""):
            cost[name] += amount
            calls[name] += cell.with_cost
    return {name: Fraction(cost[name], calls[name]) for name in cost if calls[name]}
