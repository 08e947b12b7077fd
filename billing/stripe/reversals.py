"""CT of a pack whose money went back, by a refund or a dispute, are taken back in the same share.

All that went back of one payment takes `floor(CT of the pack · cents back / cents paid)` together, in whatever order it
came; each refund and each dispute is booked once, under `reversal:<its id>`. A dispute counts while its money is away
(open or lost) and not while it is an inquiry; won, its CT come again, and so do those of a refund that failed.
Of CT that were used meanwhile nothing is taken: how many were missing stays written at the refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import wallet
from billing.plans import PACKS
from billing.stripe.prices import CURRENCY
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.models import CheckoutSession, PaymentReversal

AWAY: Final = {  # Stripe's statuses in which the money is gone, or on its way
    "refund": frozenset({"succeeded", "pending", "requires_action"}),
    "dispute": frozenset({"needs_response", "under_review", "lost"}),
}
BACK: Final = {  # and those in which it came back, or never went
    "refund": frozenset({"failed", "canceled"}),
    "dispute": frozenset({"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"}),
}

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reversals:
    database: Database
    clock: Clock

    async def book(self, workspace_id: str) -> list[str]:
        """The request ids booked now."""
        async with self.database.read() as session:
            found = (
                await session.execute(
                    select(PaymentReversal.id, CheckoutSession.id)
                    .join(CheckoutSession, CheckoutSession.payment_id == PaymentReversal.payment_id)
                    .where(
                        PaymentReversal.workspace_id == workspace_id,
                        CheckoutSession.workspace_id == workspace_id,
                        CheckoutSession.purpose == "topup",
                        CheckoutSession.state == "complete",
                        PaymentReversal.currency == CURRENCY,
                    )
                    .order_by(PaymentReversal.created_at, PaymentReversal.id)
                )
            ).all()
        booked = [await self._one(workspace_id, *each) for each in found]
        return [each for each in booked if each]

    async def _one(self, workspace_id: str, reversal_id: str, checkout_id: str) -> str:
        async with self.database.write() as session:
            row = await session.get_one(PaymentReversal, reversal_id, with_for_update=True)
            checkout = await session.get_one(CheckoutSession, checkout_id)
            if row.ct_taken is None and row.status in AWAY[row.kind]:
                return await self._take(session, row, await _share(session, row, checkout))
            if row.ct_taken is not None and row.status in BACK[row.kind]:
                return await self._give(session, row)
        return ""

    async def _take(self, session: AsyncSession, row: PaymentReversal, share: int) -> str:
        request = _request(row)
        taken = await wallet.take_back(session, row.workspace_id, request, share, self.clock)
        if taken is None:  # taken and given again before: once is enough
            return ""
        row.ct_taken, row.ct_missing = taken, share - taken
        told = {"workspace_id": row.workspace_id, "reversal": row.id, "ct": taken, "missing": share - taken}
        (log.warning if taken < share else log.info)("pack_ct_taken_back", **told)
        return request

    async def _give(self, session: AsyncSession, row: PaymentReversal) -> str:
        given = await wallet.give_again(session, row.workspace_id, _request(row), self.clock)
        row.ct_taken = row.ct_missing = None
        log.info("pack_ct_given_again", workspace_id=row.workspace_id, reversal=row.id, ct=given)
        return _request(row)


def _request(row: PaymentReversal) -> str:
    return f"reversal:{row.id}"


async def _share(session: AsyncSession, row: PaymentReversal, checkout: CheckoutSession) -> int:
    """What this one takes beside those of the same payment that were booked before it."""
    others = select(PaymentReversal).where(
        PaymentReversal.workspace_id == row.workspace_id,
        PaymentReversal.payment_id == row.payment_id,
        PaymentReversal.ct_taken.is_not(None),
    )
    before = list(await session.scalars(others))
    ct = next((pack.ct for pack in PACKS if pack.code == checkout.code), 0)
    paid = checkout.paid_cents or 0
    back = min(row.amount_cents + sum(each.amount_cents for each in before), paid)
    accounted = sum((each.ct_taken or 0) + (each.ct_missing or 0) for each in before)
    return max(ct * back // paid - accounted, 0) if paid > 0 else 0
