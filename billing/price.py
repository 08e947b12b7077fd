"""A model's price, in micro-USD per million tokens, and what a call costs at it."""

from __future__ import annotations

from dataclasses import dataclass

from camarad.money import ceil_div


@dataclass(frozen=True, slots=True)
class Price:
    """`source` says where the price is from: litellm, settings, catalog or camarad."""

    input: int
    cached_input: int
    output: int
    source: str

    def cost_micro_eur(self, tokens_in: int, tokens_cached: int, tokens_out: int, eur_per_usd_ppm: int) -> int:
        """Rounded up, so that a sum of calls is never below what the provider bills. Cached tokens are part of
        `tokens_in`; a provider that names more cached than input is read as having cached all of it."""
        cached = min(tokens_cached, tokens_in)
        usd = (tokens_in - cached) * self.input + cached * self.cached_input + tokens_out * self.output
        return ceil_div(usd * eur_per_usd_ppm, 10**12)
