"""For each plan, what a month's traffic says of its profit, and what would bring it to the margin wanted."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from billing.calibration.effect import Tariff, monthly, plan_effects
from billing.calibration.estimate import PPM, estimate
from billing.calibration.evidence import Evidence, collect
from billing.calibration.guards import guards
from billing.calibration.proposal import Ask, workspaces
from billing.calibration.standing import standing
from billing.calibration.tariffs import CENT, cost_of_ct, dearest_ct, debits
from billing.rates import WHOLE_BP, Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.money import ceil_div
from camarad.settings import Settings

LONGEST_DAYS = 30


async def recommend(settings: Settings, database: Database, clock: Clock, window_days: int) -> dict[str, Any]:
    """Plans under the flat tariff as it was debited and under the debit rate in force. It writes nothing.

    Raises BadInput for days out of 1 to 30. What it recommends with thin evidence is marked so by `reasons`.
    """
    if not 1 <= window_days <= LONGEST_DAYS:
        raise BadInput(f"window_days must be between 1 and {LONGEST_DAYS}.", code="bad_window")
    now = clock.now()
    window = Ask(window_days * 24).window(now)
    async with database.snapshot() as session:
        current = await standing(session, "debit", now)
        evidence = await collect(settings, session, window, current.rate.eur_per_usd_ppm)
        ct = await debits(session, window, current.rate)
        held = await workspaces(session)
    found = estimate(evidence.parts())
    by_workspace = evidence.by("workspace")
    cost = {name: actual for name, (_, actual, _) in by_workspace.items()}
    flat_ct = {name: amount for name, (_, _, amount) in by_workspace.items()}
    flat = Tariff(monthly(flat_ct, cost, held, window.hours), dearest_ct(evidence))
    upper = found.upper if found else PPM
    cost_based = Tariff(monthly(ct, cost, held, window.hours), cost_of_ct(current.rate, upper))
    checked = guards(evidence, found)
    return {
        "window_days": window_days,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "debit_rate": current.view(),
        "reliable": bool(found) and all(guard.ok for guard in checked),
        "reasons": [guard.sentence() for guard in checked if not guard.ok],
        "tariffs": {
            "flat": _advised(flat, current.rate, settings, known=_known(evidence)),
            "cost_based": _advised(cost_based, current.rate, settings, known=True),
        },
    }


def _known(evidence: Evidence) -> bool:
    return evidence.total("ct_actual") > 0 and evidence.cost > 0


def _advised(tariff: Tariff, rate: Rate, settings: Settings, *, known: bool) -> list[dict[str, Any]]:
    return [
        {**effect, **(_advice(effect, tariff.most_per_ct, rate, settings) if known else NOTHING)}
        for effect in plan_effects(tariff, settings)
    ]


NOTHING = {"advice": "unknown", "ct_included_at_target": None, "price_eur_cents_at_target": None}


def _advice(effect: dict[str, Any], per_ct: Fraction, rate: Rate, settings: Settings) -> dict[str, Any]:
    """What includes so many CT, or costs so much, that full use leaves the target margin."""
    if not effect["net_eur_micro"]:
        return {**NOTHING, "advice": "given_away"}
    share = Fraction(WHOLE_BP - rate.margin_bp, WHOLE_BP)
    held = effect["full_use_margin_bp"] >= rate.margin_bp
    ct = floor(effect["net_eur_micro"] * share / per_ct) if per_ct else None
    needed = ceil(effect["ct_included"] * per_ct / share)
    return {
        "advice": "keep" if held else "raise_price_or_include_fewer_ct",
        "ct_included_at_target": ct,
        "price_eur_cents_at_target": _gross_cents(needed, settings),
    }


def _gross_cents(net_eur_micro: int, settings: Settings) -> int:
    """The least price in cents that leaves a net amount after the payment fee."""
    with_fixed = net_eur_micro + settings.stripe_fee_cents * CENT
    return ceil_div(with_fixed * WHOLE_BP, (WHOLE_BP - settings.stripe_fee_bp) * CENT)
