"""What plans and packs bring in a CT, net of the payment fee, and the exact CT that a rate would have debited."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.estimate import PPM
from billing.calibration.evidence import Evidence
from billing.calibration.gather import inside
from billing.calibration.window import Window
from billing.plans import PACKS, PLANS
from billing.rates import WHOLE_BP, Rate
from camarad.models import UsageRow
from camarad.money import ceil_div
from camarad.settings import Settings

CENT = 10_000  # micro-EUR


def net_micro_eur(price_eur_cents: int, settings: Settings) -> int:
    """What is left of a price without VAT after the payment fee, which is rounded up to a micro-EUR; never below 0."""
    if not price_eur_cents:
        return 0
    price = price_eur_cents * CENT
    fee = ceil_div(price * settings.stripe_fee_bp, WHOLE_BP) + settings.stripe_fee_cents * CENT
    return max(0, price - fee)


def lowest_ct_value(settings: Settings) -> int:
    """Micro-EUR that a CT brings in at the least, over everything that is sold; rounded down, at least 1."""
    plans = [(p.price_eur_cents, p.ct_included) for p in PLANS if p.paid and p.available]
    sold = [*plans, *((pack.price_eur_cents, pack.ct) for pack in PACKS)]
    return max(1, min(net_micro_eur(cents, settings) // ct for cents, ct in sold))


async def debits(session: AsyncSession, window: Window, rate: Rate) -> dict[str, int]:
    """By workspace, the CT that `rate` would have debited for the window's calls: each call rounded up, as the meter
    does it."""
    statement = (
        select(UsageRow.workspace_id, func.sum(_debit(rate)))
        .where(*inside(window), UsageRow.cost_micro_eur.is_not(None))
        .group_by(UsageRow.workspace_id)
        .order_by(UsageRow.workspace_id)
    )
    return {workspace: int(ct or 0) for workspace, ct in await session.execute(statement)}


def _debit(rate: Rate) -> ColumnElement[int | None]:
    """`Rate.shadow_ct` in SQL: integer division of non-negative numbers, on both databases."""
    divisor = (WHOLE_BP - rate.margin_bp) * rate.ct_value_micro_eur
    return (UsageRow.cost_micro_eur * (WHOLE_BP + rate.buffer_bp) + (divisor - 1)) // divisor


def cost_of_ct(rate: Rate, upper_ppm: int) -> Fraction:
    """The most a CT of a cost-based debit costs us, before debits are rounded up: cost · (1 − margin) · value /
    (1 + buffer), for a cost of `upper_ppm` of the recorded one."""
    return Fraction(
        upper_ppm * (WHOLE_BP - rate.margin_bp) * rate.ct_value_micro_eur, PPM * (WHOLE_BP + rate.buffer_bp)
    )


def dearest_ct(evidence: Evidence) -> Fraction:
    """What a debited CT cost with the model where it cost most: a workspace may use that one alone."""
    each = [Fraction(actual, ct) for _, actual, ct in evidence.by("model").values() if ct]
    return max(each, default=Fraction(0))
