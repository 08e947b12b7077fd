"""What recorded calls cost by what is known now: at the prices the catalogue has today for the time of the call, at
today's exchange rate, and with the calls that were lost on the way.

A price that was entered late, an operator's correction or an invoice's figure, is one with a `valid_from` in the past:
calls since then were priced too low, and how much too low is what a buffer is for. A rise that the catalogue knew in
time changes nothing, since the calls were priced with it. The provider is paid later than the call is made, so the
exchange rate is today's for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.gather import Cell, Gathered
from billing.catalog import Catalog
from billing.price import Price
from camarad.models import PricingEntry
from camarad.money import ceil_div
from camarad.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """One price of the catalogue with its time."""

    price: Price
    valid_from: datetime
    valid_to: datetime | None


class Prices:
    """Prices as they are known today, for any moment. What the table does not hold has no time and holds always."""

    def __init__(self, settings: Settings, stored: Mapping[str, Sequence[Known]]) -> None:
        self._always = Catalog(settings)
        self._stored = stored

    @classmethod
    async def load(cls, settings: Settings, session: AsyncSession) -> Prices:
        statement = select(PricingEntry).where(PricingEntry.kind == "model").order_by(PricingEntry.valid_from)
        stored: dict[str, list[Known]] = defaultdict(list)
        for entry in await session.scalars(statement):
            price = Price(entry.input_price, entry.cached_input_price, entry.output_price, "catalog")
            stored[entry.model].append(Known(price, entry.valid_from, entry.valid_to))
        return cls(settings, stored)

    def at(self, model: str, moment: datetime) -> Price | None:
        """The newest one valid just after `moment`, which begins a stretch without a change of price."""
        fitting = [
            known
            for known in self._stored.get(model, ())
            if known.valid_from <= moment and (known.valid_to is None or known.valid_to > moment)
        ]
        return fitting[-1].price if fitting else self._always.price(model)

    @property
    def changes(self) -> list[datetime]:
        ends = (end for known in self._all for end in (known.valid_from, known.valid_to))
        return sorted({end for end in ends if end is not None})

    @property
    def _all(self) -> list[Known]:
        return [known for several in self._stored.values() for known in several]


def stamped(numbers: Mapping[str, Any]) -> tuple[Price, int]:
    """The price and the exchange rate that a stamp holds."""
    price = Price(numbers["input"], numbers["cached_input"], numbers["output"], "stamp")
    return price, int(numbers["eur_per_usd_ppm"])


def recounted(cell: Cell, gathered: Gathered, prices: Prices, eur_per_usd_ppm: int) -> int:
    """What a cell's calls cost as is known now, in micro-EUR: the recorded cost in the proportion in which price and
    exchange rate changed since. A cell without a stamp, or whose model has no price now, is believed as it is."""
    numbers = gathered.stamps.get(cell.stamp or "")
    price = prices.at(cell.model, cell.start)
    if numbers is None or price is None or not cell.cost:
        return cell.cost
    then_price, then_ppm = stamped(numbers)
    then, now = _cost(then_price, cell, then_ppm), _cost(price, cell, eur_per_usd_ppm)
    return cell.cost if then == now or not then else ceil_div(cell.cost * now, then)


def _cost(price: Price, cell: Cell, eur_per_usd_ppm: int) -> int:
    return price.cost_micro_eur(cell.tokens_in, cell.tokens_cached, cell.tokens_out, eur_per_usd_ppm)


def mean_costs(actual: Sequence[tuple[Cell, int]]) -> dict[str, Fraction]:
    """What a priced call of each model cost on average; under the empty name, of all of them."""
    cost: dict[str, int] = defaultdict(int)
    calls: dict[str, int] = defaultdict(int)
    for cell, amount in actual:
        for name in (cell.model, ""):
            cost[name] += amount
            calls[name] += cell.with_cost
    return {name: Fraction(cost[name], calls[name]) for name in cost if calls[name]}
