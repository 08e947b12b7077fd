"""Coming back from Checkout: Stripe is asked what became of that very session, and only that is said.

paid        complete, and what was bought is booked        open     not finished: the page was left, or never used
processing  complete, and the money is not there yet       expired  over without a payment
unknown     no session that was opened for this workspace  unasked  Stripe does not answer just now
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from billing.plans import PACKS, PLANS, Plan
from billing.stripe.view import BillingStatus
from camarad.errors import CamaradError
from camarad.models import CheckoutSession
from web.services import Services

Outcome = Literal["paid", "processing", "open", "expired", "unknown", "unasked"]
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Returned:
    """Words are `billing.back.<outcome>`. `bought` is the name of a plan or the CT of a pack."""

    outcome: Outcome
    plan: str = ""
    ct: int = 0

    @property
    def good(self) -> bool:
        return self.outcome == "paid"


async def returned(services: Services, workspace_id: str, session_id: str) -> Returned:
    """Asks Stripe about the workspace, then says how the session stands. Raises nothing."""
    if await _session(services, workspace_id, session_id) is None:
        return Returned("unknown")
    try:
        status = await services.payments.refresh(workspace_id)
    except CamaradError:
        return Returned("unasked")
    row = await _session(services, workspace_id, session_id)
    if row is None:
        return Returned("unknown")
    return _said(row, status)


def _said(row: CheckoutSession, status: BillingStatus) -> Returned:
    plan = next((each for each in PLANS if each.code == row.code), None)
    pack = next((each for each in PACKS if each.code == row.code), None)
    return Returned(_outcome(row, plan, status), plan.name if plan else "", pack.ct if pack else 0)


def _outcome(row: CheckoutSession, plan: Plan | None, status: BillingStatus) -> Outcome:
    if row.state == "expired":
        return "expired"
    if row.state == "open":  # a pack whose payment a bank takes days for is open here until the money is there
        return "open" if row.purpose == "plan" else "processing"
    holds = row.purpose == "topup" or (plan is not None and status.plan.price_eur_cents >= plan.price_eur_cents)
    return "paid" if holds else "processing"


async def _session(services: Services, workspace_id: str, session_id: str) -> CheckoutSession | None:
    if not session_id or len(session_id) > LONGEST:
        return None
    async with services.database.read() as session:
        found = await session.get(CheckoutSession, session_id)
    return found if found is not None and found.workspace_id == workspace_id else None
