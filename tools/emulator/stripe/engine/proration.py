"""What a change in the middle of a period is worth, to the second, in integers."""

from __future__ import annotations


def share(amount: int, left: int, whole: int) -> int:
    """`amount` for `left` of `whole` seconds, to the nearest cent, halves away from zero."""
    if whole <= 0:
        return 0
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * left + whole) // (2 * whole))
