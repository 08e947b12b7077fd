"""The flat tariff: whole CT for a number of tokens, rounded up once a call."""

from __future__ import annotations

from camarad.money import ceil_div
from camarad.settings import Settings


def flat_ct(tokens_in: int, tokens_out: int, settings: Settings) -> int:
    """CT to debit. Cached input tokens count like any other; a call without tokens is free."""
    milli = tokens_in * settings.ct_per_1k_input_tokens + tokens_out * settings.ct_per_1k_output_tokens
    return ceil_div(milli, 1000)
