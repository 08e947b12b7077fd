"""Two subscriptions paid for at once, as by two people with a Checkout each: one stays, the other is given back.

The one that counts stays. The other is marked at Stripe first: from then on it gives no plan and no CT, whoever looks.
Then what was paid for it is refunded whole and it is cancelled. Each step may be done again, so a process that ends in
between leaves work for the next refresh and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from billing.stripe.client import PAGE, Obj, StripeApi
from billing.stripe.refused import NoSuchObject, Refused
from billing.stripe.state import RETURNED, CustomerState, id_of
from billing.stripe.status import standing
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.models import AuditEvent

WHY: Final = "Paid for beside another subscription of the same workspace."
GONE_ALREADY: Final = frozenset({"charge_already_refunded", "charge_disputed"})  # a dispute took the money itself
ACT: Final = "double_subscription_returned"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doubles:
    api: StripeApi
    database: Database
    clock: Clock

    async def give_back(self, workspace_id: str, state: CustomerState) -> bool:
        """Whether there was one. Raises Upstream or Misconfigured when Stripe cannot be asked."""
        done = [await self._give_back(workspace_id, each) for each in state.doubled]
        return any(done)

    async def _give_back(self, workspace_id: str, subscription_id: str) -> bool:
        """Only what a Checkout of this workspace made: another one is for people to look at."""
        found = await self.api.ask(lambda v1: v1.subscriptions.retrieve_async(subscription_id))
        about = found.get("metadata") or {}
        if about.get("camarad_workspace") != workspace_id or not standing(found["status"]).live:
            return False
        if RETURNED not in about:
            mark = {"metadata": {RETURNED: "double"}}
            await self.api.ask(lambda v1: v1.subscriptions.update_async(subscription_id, mark))
        refunded = [await self._refund(payment) for payment in await self._payments(subscription_id)]
        await self._record(workspace_id, subscription_id)
        asked = {"cancellation_details": {"comment": WHY}, "invoice_now": False, "prorate": False}
        with suppress(NoSuchObject):  # another process was quicker
            await self.api.ask(lambda v1: v1.subscriptions.cancel_async(subscription_id, asked))
        log.warning(
            "double_subscription_given_back",
            workspace_id=workspace_id,
            subscription=subscription_id,
            refunds=sum(refunded),
        )
        return True

    async def _record(self, workspace_id: str, subscription_id: str) -> None:
        """In the workspace's log, once: nobody did this, so no route records it."""
        insert = sqlite_insert if self.database.is_sqlite else postgresql_insert
        about = {"act": ACT, "subject": subscription_id, "detail": {}, "address": "", "request_id": ""}
        row = {"id": f"double:{subscription_id}", "workspace_id": workspace_id, "at": self.clock.now(), **about}
        async with self.database.write() as session:
            await session.execute(insert(AuditEvent).values(row).on_conflict_do_nothing())

    async def _payments(self, subscription_id: str) -> list[str]:
        of_it = {"subscription": subscription_id, "status": "paid", "limit": PAGE}
        invoices = await self.api.listed(lambda v1: v1.invoices.list_async(of_it))
        paid = [payment for each in invoices for payment in await self._paid(each["id"])]
        return [found for each in paid if (found := id_of(each["payment"].get("payment_intent")))]

    async def _paid(self, invoice_id: str) -> list[Obj]:
        of_it = {"invoice": invoice_id, "status": "paid", "limit": PAGE}
        return await self.api.listed(lambda v1: v1.invoice_payments.list_async(of_it))

    async def _refund(self, payment: str) -> bool:
        asked = {"payment_intent": payment, "reason": "duplicate"}
        once = {"idempotency_key": f"camarad:double:{payment}"}
        try:
            await self.api.ask(lambda v1: v1.refunds.create_async(asked, once))
        except NoSuchObject:
            return False
        except Refused as error:
            if error.reason not in GONE_ALREADY:
                raise
            return False
        return True
