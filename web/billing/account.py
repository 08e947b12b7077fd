"""Everything the billing page shows of a workspace, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from billing import entitlements, statement, wallet
from billing.entitlements import COUNTED
from billing.plans import Limit
from billing.statement import Buckets
from billing.stripe.view import BillingStatus, SubscriptionView
from web.billing.offers import manages
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
    status: BillingStatus
    balance: dict[str, Any]
    buckets: Buckets
    uses: list[Use]
    manages: bool

    @property
    def running(self) -> SubscriptionView | None:
        """The subscription while it is not over."""
        found = self.status.subscription
        return found if found is not None and found.standing.live else None


async def account(services: Services, who: SignedIn) -> Account:
    database, now = services.database, services.clock.now()
    status = await services.payments.status(who.workspace_id)
    taken = await entitlements.uses(database, who.workspace_id, now)
    return Account(
        status=status,
        balance=await wallet.snapshot(database, who.workspace_id, services.settings, services.clock),
        buckets=await statement.buckets(database, who.workspace_id),
        uses=[Use(limit, taken.get(limit), status.plan.limit(limit)) for limit in _limits()],
        manages=manages(who),
    )


def _limits() -> list[Limit]:
    """What can be made first, then what cannot be made yet."""
    return sorted(get_args(Limit), key=lambda limit: limit not in COUNTED)
