"""The promise of the buffer, on futures it has not seen."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[4] / "scripts" / "calibration_coverage.py"))


@pytest.mark.slow
@pytest.mark.parametrize("world", SCRIPT["WORLDS"], ids=lambda world: world.name)
def test_the_future_keeps_the_margin_in_at_least_95_of_100_replications(world: Any) -> None:
    rng = np.random.default_rng(5)
    kept = [SCRIPT["replicate"](world, 6_000, rng)[0] for _ in range(300)]
    assert sum(kept) / len(kept) >= world.least


def test_a_small_run_says_the_same_twice() -> None:
    runs = [
        [SCRIPT["replicate"](SCRIPT["WORLDS"][1], 500, np.random.default_rng(3)) for _ in range(2)] for _ in range(2)
    ]
    assert runs[0] == runs[1]
