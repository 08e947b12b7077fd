"""Every version of prices and rates from a moment on, read at once, for pricing many calls each at its own moment.

It answers as `Catalog` and `rate_at` would have at that moment, without a look into the tables for each call.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import pricefile
from billing.catalog import CATALOG, COLUMNS, Catalog
from billing.price import Price
from billing.rates import DEFAULT_RATE, Rate
from camarad.models import CtRate, PricingEntry
from camarad.settings import Settings

T = TypeVar("T")


class Versions(Generic[T]):
    """What followed what under one name; put in from the oldest on."""

    def __init__(self) -> None:
        self._begins: list[datetime] = []
        self._rest: list[tuple[datetime | None, T]] = []

    def put(self, begins: datetime, ends: datetime | None, value: T) -> None:
        self._begins.append(begins)
        self._rest.append((ends, value))

    def at(self, moment: datetime) -> T | None:
        """The newest one that holds then."""
        for ends, value in reversed(self._rest[: bisect_right(self._begins, moment)]):
            if ends is None or ends > moment:
                return value
        return None

    def after(self, moment: datetime) -> T | None:
        """The first one that begins later."""
        position = bisect_right(self._begins, moment)
        return self._rest[position][1] if position < len(self._rest) else None


class History:
    """Prices and rates since a moment; made by `since`."""

    def __init__(self, settings: Settings) -> None:
        self._elsewhere = Catalog(settings)  # never loaded: it knows settings, our own models and LiteLLM's list
        self._prices: dict[str, Versions[Price]] = defaultdict(Versions)
        self._aliased: dict[str, Versions[Price]] = defaultdict(Versions)
        self._calls: dict[str, Versions[int]] = defaultdict(Versions)
        self._rates: dict[str, Versions[Rate]] = defaultdict(Versions)

    @classmethod
    async def since(cls, session: AsyncSession, settings: Settings, first: datetime) -> History:
        made = cls(settings)
        entries = select(*COLUMNS, PricingEntry.valid_from, PricingEntry.valid_to).where(_reaches(PricingEntry, first))
        for row in await session.execute(entries.order_by(PricingEntry.valid_from)):
            made._take(*row)
        for each in await session.scalars(select(CtRate).where(_reaches(CtRate, first)).order_by(CtRate.valid_from)):
            rate = Rate(each.ct_value_micro_eur, each.buffer_bp, each.margin_bp, each.eur_per_usd_ppm)
            made._rates[each.scope].put(each.valid_from, each.valid_to, rate)
        return made

    def _take(self, kind: str, provider: str, model: str, *rest: Any) -> None:
        into, cached, write, out, call, begins, ends = rest
        if kind != "model":
            self._calls[f"{kind}:{model}"].put(begins, ends, call)
            return
        price = Price(into, cached, out, CATALOG, write)
        self._prices[model].put(begins, ends, price)
        for name in pricefile.aliases(provider, model):
            self._aliased[name].put(begins, ends, price)

    def price(self, model: str, moment: datetime) -> Price | None:
        """The price of that moment, else the first one after it; None when nobody knows the model."""
        stored = [known[model] for known in (self._prices, self._aliased) if model in known]
        then = next((price for each in stored if (price := each.at(moment))), None) or self._elsewhere.price(model)
        return then or next((price for each in stored if (price := each.after(moment))), None)

    def call_prices(self, calls: Mapping[str, int], moment: datetime) -> tuple[tuple[str, int], ...]:
        """Those of these calls that cost something then, with their micro-USD a call."""
        then = ((name, self._calls[name].at(moment)) for name in sorted(calls) if name in self._calls)
        return tuple((name, price) for name, price in then if price)

    def rate(self, scope: str, moment: datetime) -> Rate:
        known = (self._rates[name].at(moment) for name in (scope, "default") if name in self._rates)
        return next((rate for rate in known if rate is not None), DEFAULT_RATE)


def _reaches(table: type[PricingEntry] | type[CtRate], first: datetime) -> Any:
    """Versions that hold at that moment or begin later."""
    return or_(table.valid_to.is_(None), table.valid_to > first)
