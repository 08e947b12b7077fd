"""The estimator: exact, order-free, wider where calls hang together, and never a float."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calibration.estimate import PPM, Part, estimate

parts = st.lists(
    st.builds(
        Part,
        workspace=st.sampled_from(["a", "b", "c", "d", "e"]),
        block=st.integers(0, 3),
        late=st.booleans(),
        recorded=st.integers(0, 10**9),
        actual=st.integers(0, 2 * 10**9),
    ),
    max_size=40,
)


def even(ratio_ppm: int = PPM, workspaces: int = 20, blocks: int = 2) -> list[Part]:
    return [
        Part(f"w{n}", block, block >= blocks / 2, 10**6, ratio_ppm)
        for n in range(workspaces)
        for block in range(blocks)
    ]


@given(parts)
def test_the_ratio_is_the_sums_quotient_and_lies_in_its_interval_below_its_bound(drawn: list[Part]) -> None:
    found = estimate(drawn)
    recorded, actual = sum(p.recorded for p in drawn), sum(p.actual for p in drawn)
    if recorded == 0:
        assert found is None
        return
    assert found is not None
    assert found.ratio == actual * PPM // recorded
    assert found.interval[0] <= found.ratio <= found.interval[1]
    assert found.ratio < found.upper
    assert found.buffer_bp >= 0 and (PPM + 100 * found.buffer_bp) >= found.upper


@given(parts, st.randoms())
def test_the_order_of_rows_and_the_names_of_workspaces_do_not_matter(drawn: list[Part], chance: object) -> None:
    mixed = list(drawn)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    renamed = [Part(f"other-{p.workspace}", p.block, p.late, p.recorded, p.actual) for p in mixed]
    assert estimate(drawn) == estimate(mixed) == estimate(renamed)


@given(parts, st.integers(2, 50))
def test_a_currency_of_smaller_units_changes_nothing(drawn: list[Part], factor: int) -> None:
    scaled = [Part(p.workspace, p.block, p.late, p.recorded * factor, p.actual * factor) for p in drawn]
    assert estimate(drawn) == estimate(scaled)


def test_every_figure_is_a_whole_number() -> None:
    found = estimate(even(1_060_000))
    assert found is not None
    figures = (found.ratio, *found.interval, found.upper, found.workspace_error, found.day_error, found.drift)
    assert {type(figure) for figure in (*figures, found.trend, found.buffer_bp)} == {int}


def test_calls_that_cost_what_they_were_priced_at_still_get_the_buffer_of_unseen_days() -> None:
    found = estimate(even())
    assert found is not None and found.ratio == PPM and found.workspace_error == 0
    floor = math.isqrt(2 * 20_000**2 // 2)  # twice the floor's variance over two days
    assert found.upper == pytest.approx(PPM + 1.729 * floor, abs=3)
    assert found.buffer_bp == 346


def test_the_error_between_workspaces_is_that_of_the_textbook() -> None:
    drawn = [Part(f"w{n}", n % 2, n % 2 == 1, 1000 + 10 * n, 1000 + 30 * n) for n in range(30)]
    found = estimate(drawn)
    recorded, actual = sum(p.recorded for p in drawn), sum(p.actual for p in drawn)
    ratio = Fraction(actual, recorded)
    residuals = sum((p.actual - ratio * p.recorded) ** 2 for p in drawn)
    expected = math.sqrt(float(residuals) * 30 / 29) / recorded
    assert found is not None and found.workspace_error == pytest.approx(expected * PPM, abs=1.5)


def test_the_same_calls_in_fewer_workspaces_are_less_sure() -> None:
    costs = [900_000 + 20_000 * (n % 11) for n in range(110)]
    many = [Part(f"w{n}", n % 2, n % 2 == 1, 10**6, c) for n, c in enumerate(costs)]
    few = [Part(f"w{n % 11}", n % 2, n % 2 == 1, 10**6, c) for n, c in enumerate(costs)]
    loose, tight = estimate(few), estimate(many)
    assert loose is not None and tight is not None
    assert loose.ratio == tight.ratio and loose.workspace_error > 2 * tight.workspace_error


def test_days_that_differ_more_than_the_floor_widen_the_bound() -> None:
    calm = estimate(even(blocks=4))
    restless = estimate(
        [*even(900_000, blocks=2), *(Part(p.workspace, p.block + 2, p.late, p.recorded, 1_100_000) for p in even())]
    )
    assert calm is not None and restless is not None and restless.day_error > 4 * calm.day_error


def test_a_rise_is_taken_to_go_on_and_a_fall_is_not() -> None:
    def moving(first: int, last: int) -> list[Part]:
        return [Part(f"w{n}", b, b == 1, 10**6, (first, last)[b]) for n in range(20) for b in (0, 1)]

    rising, falling = estimate(moving(1_000_000, 1_020_000)), estimate(moving(1_020_000, 1_000_000))
    assert rising is not None and falling is not None
    assert (rising.drift, rising.trend) == (20_000, 40_000)
    assert (falling.drift, falling.trend) == (-20_000, 0)


def test_a_single_workspace_and_a_single_day_are_no_reason_to_stumble() -> None:
    found = estimate([Part("only", 0, False, 5, 7)])
    assert found is not None and found.ratio == 1_400_000 and found.drift == 0
    assert estimate([]) is None and estimate([Part("only", 0, False, 0, 7)]) is None
