"""Round numbers for an axis: from zero, or from below it when there is something below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.blocks import Kind

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
CLOCK = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """`ticks` in rising order; the first and the last are the ends of the axis."""

    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)


def scale(values: Sequence[float], kind: Kind) -> Scale:
    """A scale that holds every value. Without one above zero it goes from 0 to 1."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        return Scale((0.0, 1.0))
    step = _step((high - low) / TICKS, kind)
    first, last = math.floor(low / step), math.ceil(round(high / step, 9))
    return Scale(tuple(round(n * step, 10) for n in range(first, last + 1)))


def _step(rough: float, kind: Kind) -> float:
    if kind == "seconds":
        return next((each for each in CLOCK if each >= rough), math.ceil(rough / 3600) * 3600.0)
    if kind == "integer":
        rough = max(rough, 1.0)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(each * size for each in STEPS if each * size >= rough * 0.999)
    return math.ceil(step) if kind == "integer" else step
