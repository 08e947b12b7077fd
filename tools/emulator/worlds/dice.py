"""Randomness by key: the same seed, key and purpose always give the same draw, whatever else was drawn before.

So a day's data does not change when other days, clients or incidents do. SplitMix64 over arrays; no global state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEP = 0x9E3779B97F4A7C15
_GOLDEN = np.uint64(_STEP)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SMALL = 24.0  # means up to this are drawn exactly; above, the normal curve is close enough


@dataclass(frozen=True, slots=True)
class Dice:
    """`seed` names a world or a part of it."""

    seed: str

    def uniform(self, keys: NDArray[Any], purpose: str) -> Floats:
        """One number in (0, 1) for each key."""
        salt = np.uint64(crc32(f"{self.seed}/{purpose}".encode()) * _STEP % 2**64)
        with np.errstate(over="ignore"):
            z = keys.astype(np.uint64) * _GOLDEN + salt
            z = (z ^ (z >> np.uint64(30))) * _MIX_1
            z = (z ^ (z >> np.uint64(27))) * _MIX_2
            z ^= z >> np.uint64(31)
        return ((z >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53

    def normal(self, keys: NDArray[Any], purpose: str) -> Floats:
        radius = np.sqrt(-2.0 * np.log(self.uniform(keys, purpose + ":r")))
        return radius * np.cos(2.0 * np.pi * self.uniform(keys, purpose + ":a"))

    def poisson(self, keys: NDArray[Any], purpose: str, mean: Floats) -> Ints:
        """A count for each key, around its mean."""
        count = np.floor(mean + np.sqrt(mean) * self.normal(keys, purpose) + 0.5).clip(0).astype(np.int64)
        small = mean <= _SMALL
        count[small] = _inverse_poisson(self.uniform(keys[small], purpose), mean[small])
        return count

    def choice(self, keys: NDArray[Any], purpose: str, weights: Floats) -> Ints:
        """An index into `weights` for each key, as often as its weight says."""
        return pick(self.uniform(keys, purpose), weights)


def pick(uniform: Floats, weights: Floats) -> Ints:
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges[:-1], uniform, side="right").astype(np.int64)


def _inverse_poisson(uniform: Floats, mean: Floats) -> Ints:
    term = np.exp(-mean)
    total = term.copy()
    count = np.zeros(len(mean), dtype=np.int64)
    for k in range(1, int(_SMALL * 4)):
        above = uniform > total
        if not above.any():
            break
        count += above
        term = term * mean / k
        total += term
    return count
