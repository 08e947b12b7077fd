"""How much to hold before a call, so that what it really costs fits under the hold."""

from __future__ import annotations

from billing.tariff import flat_ct
from camarad.settings import Settings


def worst_case_ct(tokens_in: int, max_output_tokens: int, settings: Settings) -> int:
    """The flat price of the call if the model answers with all it is allowed; at least 1 CT, so that an empty wallet
    stops even the smallest call."""
    return max(1, flat_ct(tokens_in, max_output_tokens, settings))
