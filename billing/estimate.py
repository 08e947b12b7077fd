"""How much to hold before a call, so that what it really costs fits under the hold."""

from __future__ import annotations

from collections.abc import Iterable

from billing.price import Price, Tokens
from billing.rates import Rate
from billing.tariff import flat_ct
from camarad.settings import Settings


def worst_case_ct(tokens_in: int, max_output_tokens: int, settings: Settings) -> int:
    """The flat price of the call if the model answers with all it is allowed; at least 1 CT, so that an empty wallet
    stops even the smallest call."""
    return max(1, flat_ct(tokens_in, max_output_tokens, settings))


def worst_case_by_cost(
    tokens_in: int, max_output_tokens: int, prices: Iterable[Price], rate: Rate, calls_micro_usd: int = 0
) -> int:
    """The same by cost, for the dearest of the models that may answer: nothing read from a cache, and all of it
    written to one where that is dearer."""
    most = 0
    for price in prices:
        for written in (0, tokens_in):
            cost = price.cost(Tokens(tokens_in, 0, max_output_tokens, written), rate.eur_per_usd_ppm, calls_micro_usd)
            most = max(most, rate.shadow_ct(cost))
    return max(1, most)
