"""What a tariff does to each plan's profit: expected, at the fifth percentile, at full use, where it breaks even."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

from billing.calibration.tariffs import net_micro_eur
from billing.plans import PLANS, Plan
from billing.rates import WHOLE_BP
from camarad.settings import Settings

Basis = Literal["plan", "fitting", "none"]
LEAST_WORKSPACES = 5  # fewer say nothing about how a plan is used
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Use:
    """What a workspace would use in a month as it did in the window: CT of the tariff, and their cost in micro-EUR."""

    plan_code: str
    ct: Fraction
    cost: Fraction

    def cost_within(self, included: int) -> Fraction:
        """Of what the plan includes; use beyond it is paid for by packs."""
        return self.cost if self.ct <= included else self.cost * included / self.ct


@dataclass(frozen=True, slots=True)
class Tariff:
    """`most_per_ct` bounds the cost of one CT in micro-EUR, for a plan that is used to the last CT."""

    uses: tuple[Use, ...]
    most_per_ct: Fraction


def monthly(ct: Mapping[str, int], cost: Mapping[str, int], plans: Mapping[str, str], hours: int) -> tuple[Use, ...]:
    """Every known workspace's month; one without calls used nothing."""
    scale = Fraction(MONTH_DAYS * 24, hours)
    return tuple(Use(plan, ct.get(name, 0) * scale, cost.get(name, 0) * scale) for name, plan in sorted(plans.items()))


def plan_effects(tariff: Tariff, settings: Settings) -> list[dict[str, Any]]:
    return [_effect(plan, tariff, settings) for plan in PLANS if plan.available]


def _effect(plan: Plan, tariff: Tariff, settings: Settings) -> dict[str, Any]:
    net = net_micro_eur(plan.price_eur_cents, settings)
    basis, uses = _chosen(plan, tariff.uses)
    costs = sorted(use.cost_within(plan.ct_included) for use in uses)
    mean = sum(costs, Fraction(0)) / len(costs) if costs else None
    dear = costs[-_rank(len(costs))] if costs else None
    full = plan.ct_included * tariff.most_per_ct
    return {
        "plan": plan.code,
        "price_eur_cents": plan.price_eur_cents,
        "ct_included": plan.ct_included,
        "net_eur_micro": net,
        "basis": basis,
        "workspaces": len(costs),
        "expected_profit_eur_micro": None if mean is None else floor(net - mean),
        "expected_margin_bp": _margin(net, mean),
        "p5_margin_bp": _margin(net, dear),
        "full_use_profit_eur_micro": floor(net - full),
        "full_use_margin_bp": _margin(net, full),
        "break_even_use_bp": floor(net * WHOLE_BP / full) if net and full else None,
    }


def _chosen(plan: Plan, uses: Sequence[Use]) -> tuple[Basis, list[Use]]:
    """Those on the plan; too few, those whose use it would fit best; too few again, nobody."""
    own = [use for use in uses if use.plan_code == plan.code]
    if len(own) >= LEAST_WORKSPACES:
        return "plan", own
    fitting = [use for use in uses if use.ct and _fits(use) == plan.code]
    return ("fitting", fitting) if len(fitting) >= LEAST_WORKSPACES else ("none", [])


def _fits(use: Use) -> str:
    """The cheapest plan that includes the use, or the largest of them."""
    sizes = sorted((p for p in PLANS if p.available), key=lambda p: p.ct_included)
    return next((p.code for p in sizes if p.ct_included >= use.ct), sizes[-1].code)


def _rank(count: int) -> int:
    """The place from the top of the 95th percentile, by nearest rank."""
    return count - ceil(Fraction(95 * count, 100)) + 1


def _margin(net: int, cost: Fraction | None) -> int | None:
    """What is left of the net price, in basis points rounded down; None where nothing is paid or nothing is known."""
    return None if cost is None or not net else floor((net - cost) * WHOLE_BP / net)
