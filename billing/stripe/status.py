"""What each status of a subscription at Stripe means here: one table, for access, for words and for what may be done.

https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Access = Literal["full", "grace", "none"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`access`: the plan counts fully, counts while a payment is late, or does not count. `may_change`: whether another
    plan can be chosen for the running subscription. `live`: whether Stripe may still charge for it. The words for
    people stand under `payments.status.<status>` in web/i18n."""

    status: str
    access: Access
    may_change: bool
    live: bool

    @property
    def words(self) -> str:
        return f"payments.status.{self.status}"


STANDINGS: Final = (
    Standing("active", "full", may_change=True, live=True),
    Standing("trialing", "full", may_change=True, live=True),
    Standing("past_due", "grace", may_change=False, live=True),
    Standing("incomplete", "none", may_change=False, live=True),
    Standing("incomplete_expired", "none", may_change=False, live=False),
    Standing("unpaid", "none", may_change=False, live=True),
    Standing("paused", "none", may_change=False, live=True),
    Standing("canceled", "none", may_change=False, live=False),
)
_BY_STATUS: Final = {each.status: each for each in STANDINGS}


def standing(status: str) -> Standing:
    """A status that Stripe adds later gives no access until somebody has thought about it."""
    return _BY_STATUS.get(status) or Standing(status, "none", may_change=False, live=True)
