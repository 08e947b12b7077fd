"""How often a proposed buffer holds: replications of a past that is calibrated on and a future that is not seen.

    python scripts/calibration_coverage.py [--replications 1500] [--calls 6000] [--seed 5]

Each replication draws workspaces of very unequal size, each with a cost level of its own; calls with heavy tails; and
days with (or without) troubles of their own. The buffer is proposed from the past alone. It holds when the future
cost stays within the recorded cost and the buffer: then the margin is at least its target, whatever it is. That each
debit is also rounded up to whole CT is left out, since it hides what is tested here.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from billing.calibration.estimate import Part, estimate
from billing.rates import WHOLE_BP


@dataclass(frozen=True)
class World:
    """`day_sd`: days differ at random. `walk_sd`: each differs from the one before. `trend`: each day costs more."""

    name: str
    days: int
    day_sd: float = 0.0
    walk_sd: float = 0.0
    trend: float = 0.0
    least: float = 0.95  # the share of replications in which the proposal has to hold


WORLDS = (
    World("48 h, no drift", 2),
    World("48 h, days differ by 2 %", 2, day_sd=0.02),
    World("48 h, 2 % more each day", 2, trend=0.02),
    World("48 h, 2 % walk from day to day", 2, walk_sd=0.02),
    World("7 d, no drift", 7),
    World("7 d, days differ by 2 %", 7, day_sd=0.02),
    World("7 d, 2 % walk from day to day", 7, walk_sd=0.02, least=0.93),
)


def calls(world: World, levels: np.ndarray, days: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Columns: workspace, slot (two a day), recorded and actual cost in micro-EUR."""
    workspace = rng.zipf(1.6, count) % len(levels)
    recorded = np.maximum(1, rng.lognormal(5.5, 1.6, count)).astype(np.int64)
    slot = rng.integers(0, 2 * world.days, count)
    factor = 1.06 * rng.lognormal(0, 0.15, count) * np.exp(levels[workspace] + days[slot // 2])
    return np.stack([workspace, slot, recorded, np.ceil(recorded * factor).astype(np.int64)])


def parts(drawn: np.ndarray, world: World) -> list[Part]:
    key = drawn[0] * 1000 + drawn[1]
    keys, where = np.unique(key, return_inverse=True)
    recorded, actual = (np.bincount(where, drawn[row]).astype(np.int64) for row in (2, 3))
    return [
        Part(str(k // 1000), int(k % 1000) // 2, bool(k % 1000 >= world.days), int(r), int(a))
        for k, r, a in zip(keys, recorded, actual, strict=True)
    ]


def holds(future: np.ndarray, buffer_bp: int) -> bool:
    return int(future[3].sum()) * WHOLE_BP <= int(future[2].sum()) * (WHOLE_BP + buffer_bp)


def replicate(world: World, count: int, rng: np.random.Generator) -> tuple[bool, bool, int]:
    """Whether the proposal held, whether the bare mean would have, and the buffer beyond the mean."""
    levels = rng.normal(0, 0.05, 400)
    days = rng.normal(0, world.day_sd, 2 * world.days) + np.cumsum(
        rng.normal(world.trend, world.walk_sd, 2 * world.days)
    )
    past = calls(world, levels, days[: world.days], count, rng)
    future = calls(world, levels, days[world.days :], count, rng)
    found = estimate(parts(past, world))
    assert found is not None
    mean_bp = -(-(found.ratio - 1_000_000) // 100)
    return holds(future, found.buffer_bp), holds(future, mean_bp), found.buffer_bp - mean_bp


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=1500)
    parser.add_argument("--calls", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    print("| world | the proposal holds | the bare mean would | buffer beyond the mean |\n| --- | --- | --- | --- |")
    for world in WORLDS:
        rng = np.random.default_rng(given.seed)
        seen = np.array([replicate(world, given.calls, rng) for _ in range(given.replications)])
        kept, mean, extra = seen.mean(axis=0)
        print(f"| {world.name} | {kept:.1%} | {mean:.1%} | {extra / 100:.2f} % |", flush=True)


if __name__ == "__main__":
    main()
