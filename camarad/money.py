"""Money as integers: micro-EUR and micro-USD. Nothing here, and nothing in billing, touches a float."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

MICRO = 1_000_000
MOST = 2**53  # of CT or of micro-units: what JSON and every column hold exactly


def ceil_div(numerator: int, denominator: int) -> int:
    """Integer division rounded towards plus infinity; the denominator is positive."""
    return -(-numerator // denominator)


def micro(amount: Decimal) -> int:
    """An amount in units as micro-units, half to even."""
    return int((amount * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def units(micro_amount: int) -> Decimal:
    return Decimal(micro_amount) / MICRO
