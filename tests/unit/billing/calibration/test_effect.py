"""What plans earn: exact, in whole numbers, and on the careful side."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calibration.effect import Tariff, Use, monthly, plan_effects
from billing.calibration.tariffs import cost_of_ct, lowest_ct_value, net_micro_eur
from billing.calibration.window import Window
from billing.plans import PACKS, PLANS
from billing.rates import Rate
from camarad.money import ceil_div
from camarad.settings import Settings

rates = st.builds(
    Rate,
    ct_value_micro_eur=st.integers(1, 100_000),
    buffer_bp=st.integers(0, 20_000),
    margin_bp=st.integers(0, 9_000),
)


@given(rates, st.integers(0, 10**9))
def test_a_debit_leaves_the_margin_and_is_less_than_a_ct_above_it(rate: Rate, cost: int) -> None:
    ct = rate.shadow_ct(cost)
    wanted = Fraction(cost * (10_000 + rate.buffer_bp), 10_000 - rate.margin_bp)
    assert wanted <= ct * rate.ct_value_micro_eur < wanted + rate.ct_value_micro_eur


@given(rates, st.integers(0, 10**8), st.integers(0, 10**8))
def test_debits_grow_with_the_cost_and_a_split_call_is_never_cheaper(rate: Rate, one: int, other: int) -> None:
    assert rate.shadow_ct(one) <= rate.shadow_ct(one + other) <= rate.shadow_ct(one) + rate.shadow_ct(other)


@given(rates, st.lists(st.integers(0, 10**6), max_size=50), st.integers(0, 20_000))
def test_a_future_within_the_bound_leaves_at_least_the_margin(rate: Rate, costs: list[int], over_bp: int) -> None:
    """The promise behind the buffer: recorded cost times bound is covered by the debits, whatever the calls are."""
    actual = sum(costs) * (10_000 + min(over_bp, rate.buffer_bp)) // 10_000
    income = sum(map(rate.shadow_ct, costs)) * rate.ct_value_micro_eur
    assert actual * 10_000 <= income * (10_000 - rate.margin_bp)


@pytest.mark.parametrize(("cents", "left"), [(600, 5_660_000), (4_000, 39_150_000), (0, 0), (20, 0), (1, 0)])
def test_what_is_left_of_a_price_after_the_payment_fee(settings: Settings, cents: int, left: int) -> None:
    assert net_micro_eur(cents, settings) == left


def test_a_ct_is_worth_what_the_cheapest_offer_brings_in(settings: Settings) -> None:
    value = lowest_ct_value(settings)
    for cents, ct in [
        *((p.price_eur_cents, p.ct_included) for p in PLANS if p.paid),
        *((p.price_eur_cents, p.ct) for p in PACKS),
    ]:
        assert value * ct <= net_micro_eur(cents, settings)
    assert value == 783


def test_full_use_at_the_proposed_value_leaves_every_plan_the_margin(settings: Settings) -> None:
    rate = Rate(lowest_ct_value(settings), buffer_bp=700, margin_bp=4_000)
    effects = plan_effects(Tariff((), cost_of_ct(rate, 1_070_000)), settings)
    margins = {e["plan"]: e["full_use_margin_bp"] for e in effects}
    assert margins.pop("free") is None
    assert min(margins.values()) >= 4_000 and set(margins) == {"starter", "pro", "enterprise"}
    assert {type(value) for e in effects for value in e.values()} <= {int, str, type(None)}


def test_expected_margin_and_fifth_percentile_are_those_of_the_workspaces(settings: Settings) -> None:
    uses = tuple(Use("starter", Fraction(100 * n), Fraction(100_000 * n)) for n in range(1, 21))
    starter = next(e for e in plan_effects(Tariff(uses, Fraction(1_000)), settings) if e["plan"] == "starter")
    assert starter["basis"] == "plan" and starter["workspaces"] == 20
    assert starter["expected_profit_eur_micro"] == 5_660_000 - 1_050_000
    assert starter["expected_margin_bp"] == (5_660_000 - 1_050_000) * 10_000 // 5_660_000
    assert starter["p5_margin_bp"] == (5_660_000 - 1_900_000) * 10_000 // 5_660_000
    assert starter["full_use_margin_bp"] < 0
    assert starter["break_even_use_bp"] == 5_660_000 * 10_000 // 6_000_000


def test_use_beyond_what_a_plan_includes_is_not_the_plans_cost(settings: Settings) -> None:
    uses = tuple(Use("starter", Fraction(12_000), Fraction(4_000_000)) for _ in range(5))
    starter = next(e for e in plan_effects(Tariff(uses, Fraction(1)), settings) if e["plan"] == "starter")
    assert starter["expected_profit_eur_micro"] == 5_660_000 - 2_000_000


def test_a_plan_that_hardly_anyone_has_is_judged_by_those_it_would_fit(settings: Settings) -> None:
    uses = tuple(Use("free", Fraction(15_000 + n), Fraction(1_000_000)) for n in range(6))
    found = {e["plan"]: (e["basis"], e["workspaces"]) for e in plan_effects(Tariff(uses, Fraction(1)), settings)}
    assert found == {"free": ("plan", 6), "starter": ("none", 0), "pro": ("fitting", 6), "enterprise": ("none", 0)}


def test_a_window_is_scaled_to_a_month_and_idle_workspaces_count() -> None:
    used = monthly({"a": 10}, {"a": 900}, {"a": "pro", "b": "pro"}, hours=48)
    assert used == (Use("pro", Fraction(150), Fraction(13_500)), Use("pro", Fraction(0), Fraction(0)))


@given(st.integers(24, 720))
def test_slots_tile_the_window(hours: int) -> None:
    window = Window(hours, datetime(2026, 11, 20, 12, tzinfo=UTC))
    starts = window.slots
    assert starts[0] == window.since and len(starts) == 2 * window.blocks
    assert [window.slot_from(start) for start in starts] == list(range(len(starts)))
    assert [window.is_late(n) for n in range(len(starts))].count(True) == window.blocks
    assert abs(hours - 24 * window.blocks) <= 12 and ceil_div(hours, 24) - window.blocks in {0, 1}
