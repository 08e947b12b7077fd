"""The shadow price: what a call costs us and what cost-based pricing would charge. Recorded, never debited."""

from __future__ import annotations

from billing.price import Price
from billing.rates import Rate


def shadow(
    price: Price | None, rate: Rate, tokens_in: int, tokens_cached: int, tokens_out: int
) -> tuple[int | None, int | None]:
    """(cost in micro-EUR, CT); both None when the model has no price."""
    if price is None:
        return None, None
    cost = price.cost_micro_eur(tokens_in, tokens_cached, tokens_out, rate.eur_per_usd_ppm)
    return cost, rate.shadow_ct(cost)
