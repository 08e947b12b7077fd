from __future__ import annotations

import numpy as np
import pytest

from tools.emulator.worlds.dice import Dice

KEYS = np.arange(20_000)


def test_a_draw_depends_on_key_seed_and_purpose_alone():
    dice = Dice("a")
    assert (dice.uniform(KEYS, "x")[7:9] == dice.uniform(np.array([7, 8]), "x")).all()
    assert (dice.uniform(KEYS, "x") != dice.uniform(KEYS, "y")).all()
    assert (dice.uniform(KEYS, "x") != Dice("b").uniform(KEYS, "x")).all()


def test_uniform_draws_spread_evenly():
    draws = Dice("a").uniform(KEYS, "x")
    assert 0 < draws.min() < draws.max() < 1
    assert draws.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("mean", [0.0, 0.02, 1.5, 11.0, 24.0, 400.0])
def test_counts_have_their_mean_and_spread(mean):
    counts = Dice("a").poisson(KEYS, "x", np.full(len(KEYS), mean))
    assert (counts >= 0).all()
    assert counts.mean() == pytest.approx(mean, rel=0.05, abs=0.01)
    assert counts.var() == pytest.approx(mean, rel=0.1, abs=0.01)


def test_choices_follow_their_weights():
    chosen = Dice("a").choice(KEYS, "x", np.array([1.0, 0.0, 3.0]))
    assert np.bincount(chosen, minlength=3)[1] == 0
    assert (chosen == 2).mean() == pytest.approx(0.75, abs=0.02)
