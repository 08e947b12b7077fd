"""Amounts in the currency a report asks for. The rates are fixed and made up for the demo."""

from __future__ import annotations

from fractions import Fraction

from tools.emulator.ga4 import errors

_PER_EURO = {"EUR": Fraction(1), "RON": Fraction(509, 100), "USD": Fraction(117, 100), "GBP": Fraction(87, 100)}


def rate(held: str, wanted: str) -> Fraction:
    """What a unit of the property's currency is in the wanted one; an empty wish is the property's own."""
    if wanted in ("", held):
        return Fraction(1)
    if wanted not in _PER_EURO or held not in _PER_EURO:
        raise errors.invalid(f"Invalid currency code: {wanted}.")
    return _PER_EURO[wanted] / _PER_EURO[held]


def units(micros: int, factor: Fraction) -> str:
    """An amount as the API writes it: plain decimals, no trailing zeros."""
    value = Fraction(micros) * factor / 1_000_000
    if factor != 1:
        return f"{float(value):.6f}".rstrip("0").rstrip(".")
    whole, part = divmod(abs(micros), 1_000_000)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micros < 0 else text
