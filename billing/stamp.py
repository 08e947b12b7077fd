"""The numbers a call is priced with, and what they make of it, then and at any later time.

A stamp is stored once under a hash of its numbers, before the first usage row that names it, and never changes. Prices
are micro-USD per million tokens, `calls` micro-USD for each call of a tool or connector; a name that is not there
costs nothing. `debit` is the rate of Phase 3; `flat` the tariff of Phase 2, CT per 1,000 tokens in and out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from billing.price import Price, Tokens
from billing.rates import Rate

ID_LENGTH = 24


class Quote(NamedTuple):
    """`cost` and `billable` in micro-EUR; `shadow` and `debit` in CT, by the shadow rate and by Phase 3's."""

    cost: int
    billable: int
    shadow: int
    debit: int


class Priced(Protocol):
    """What has to be known of a call to price it; usage rows have it all."""

    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_cached(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...
    @property
    def tokens_cache_write(self) -> int: ...
    @property
    def calls(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Stamp:
    price: Price
    rate: Rate
    debit: Rate
    flat: tuple[int, int]
    calls: tuple[tuple[str, int], ...] = ()
    id: str = field(init=False, default="", compare=False)

    def __post_init__(self) -> None:
        written = json.dumps(self.numbers(), sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "id", hashlib.sha256(written.encode()).hexdigest()[:ID_LENGTH])

    def numbers(self) -> dict[str, Any]:
        price = self.price
        return {
            "input": price.input,
            "cached_input": price.cached_input,
            "cache_write": price.input if price.cache_write is None else price.cache_write,
            "output": price.output,
            "source": price.source,
            **asdict(self.rate),
            "debit": asdict(self.debit),
            "flat": list(self.flat),
            "calls": dict(self.calls),
        }

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> Stamp:
        """A stamp from its stored numbers."""
        price = Price(
            numbers["input"], numbers["cached_input"], numbers["output"], numbers["source"], numbers["cache_write"]
        )
        rate = Rate(**{name: numbers[name] for name in Rate.__slots__})
        flat, calls = numbers["flat"], sorted(numbers["calls"].items())
        return stamp(price, rate, Rate(**numbers["debit"]), (flat[0], flat[1]), tuple(calls))

    def calls_micro_usd(self, calls: Mapping[str, int]) -> int:
        prices = dict(self.calls)
        return sum(prices.get(name, 0) * count for name, count in calls.items()) if prices else 0

    def quote(self, call: Priced) -> Quote:
        tokens = Tokens(call.tokens_in, call.tokens_cached, call.tokens_out, call.tokens_cache_write)
        extra = self.calls_micro_usd(call.calls)
        cost = self.price.cost(tokens, self.rate.eur_per_usd_ppm, extra)
        shadow = debit = self.rate.shadow_ct(cost)
        if self.debit != self.rate:
            debit = self.debit.shadow_ct(self.price.cost(tokens, self.debit.eur_per_usd_ppm, extra))
        return Quote(cost, self.rate.billable(cost), shadow, debit)


@lru_cache(maxsize=4096)
def stamp(
    price: Price, rate: Rate, debit: Rate, flat: tuple[int, int], calls: tuple[tuple[str, int], ...] = ()
) -> Stamp:
    """The stamp of these numbers; hashing them anew with every call would cost more than the price itself."""
    return Stamp(price, rate, debit, flat, calls)


def reprice(row: Priced, numbers: Mapping[str, Any]) -> tuple[int, int]:
    """(cost in micro-EUR, CT) of a usage row by the numbers of its stamp: what was written when it was priced."""
    quote = Stamp.of(numbers).quote(row)
    return quote.cost, quote.shadow
