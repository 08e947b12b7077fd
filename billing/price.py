"""A model's price, in micro-USD per million tokens, and what a call costs at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from camarad.money import MICRO, ceil_div


class Tokens(NamedTuple):
    """Tokens of one call. Those read from a cache and those written to one are part of `input`."""

    input: int
    cached: int
    output: int
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """`source` says where the price is from: litellm, settings, catalog or camarad. Writing to a cache costs as much
    as reading anew unless `cache_write` says otherwise."""

    input: int
    cached_input: int
    output: int
    source: str
    cache_write: int | None = None

    def cost_micro_eur(
        self, tokens_in: int, tokens_cached: int, tokens_out: int, eur_per_usd_ppm: int, tokens_cache_write: int = 0
    ) -> int:
        """Rounded up, so that a sum of calls is never below what the provider bills. A provider that names more
        cached than input is read as having cached all of it."""
        tokens = Tokens(tokens_in, tokens_cached, tokens_out, tokens_cache_write)
        return self.cost(tokens, eur_per_usd_ppm)

    def cost(self, tokens: Tokens, eur_per_usd_ppm: int, calls_micro_usd: int = 0) -> int:
        """The same in micro-EUR, with what tools and connectors cost for it on top, rounded up once."""
        cached = min(tokens.cached, tokens.input)
        written = min(tokens.cache_write, tokens.input - cached)
        write_price = self.input if self.cache_write is None else self.cache_write
        usd = (tokens.input - cached - written) * self.input + cached * self.cached_input + written * write_price
        usd += tokens.output * self.output + calls_micro_usd * MICRO
        return ceil_div(usd * eur_per_usd_ppm, 10**12)
