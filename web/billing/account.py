"""Everything the billing page shows of a workspace, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from billing import entitlements, statement, wallet
from billing.entitlements import COUNTED
from billing.plans import Limit, Plan, plan
from billing.statement import Buckets
from camarad.models import Invoice, PaymentReversal, Subscription
from web.billing.offers import OVER, manages
from web.billing.till import Till
from web.services import Services
from web.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is taken. `share` is percent, at most 100; `used` is None for what cannot be made yet."""

    limit: str
    used: int | None
    allowed: int

    @property
    def share(self) -> int:
        return share(self.used or 0, self.allowed)

    @property
    def full(self) -> bool:
        return self.used is not None and self.used >= self.allowed

    @property
    def over(self) -> bool:
        return self.used is not None and self.used > self.allowed


def share(part: int, whole: int) -> int:
    """Percent, rounded down, so that a bar is full only when nothing is left; at most 100."""
    return min(100, 100 * part // whole) if whole else 100 if part else 0


@dataclass(frozen=True, slots=True)
class Account:
    """`subscription` is the latest one, also after its end. Invoices and reversals are for those who manage."""

    plan: Plan
    subscription: Subscription | None
    synced_at: datetime | None
    balance: dict[str, Any]
    buckets: Buckets
    uses: list[Use]
    invoices: list[Invoice]
    reversals: list[PaymentReversal]
    manages: bool

    @property
    def running(self) -> Subscription | None:
        """The subscription while it is not over."""
        found = self.subscription
        return None if found is None or found.status in OVER else found


async def account(services: Services, who: SignedIn, till: Till) -> Account:
    database, now = services.database, services.clock.now()
    has, may = plan(who.plan_code), manages(who)
    taken = await entitlements.uses(database, who.workspace_id, now)
    return Account(
        plan=has,
        subscription=await till.subscription(who.workspace_id),
        synced_at=await till.synced_at(who.workspace_id),
        balance=await wallet.snapshot(database, who.workspace_id, services.settings, services.clock),
        buckets=await statement.buckets(database, who.workspace_id),
        uses=[Use(limit, taken.get(limit), has.limit(limit)) for limit in _limits()],
        invoices=await till.invoices(who.workspace_id) if may else [],
        reversals=await till.reversals(who.workspace_id) if may else [],
        manages=may,
    )


def _limits() -> list[Limit]:
    """What can be made first, then what cannot be made yet."""
    return sorted(get_args(Limit), key=lambda limit: limit not in COUNTED)
