"""How a subscription stands, for the banner on pages: what is open, and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from camarad.models import Subscription

Step = Literal["pay", "finish", "choose"]
BANNERS: Final[dict[str, Step]] = {
    "past_due": "pay",
    "unpaid": "pay",
    "incomplete": "finish",
    "paused": "pay",
}


@dataclass(frozen=True, slots=True)
class Banner:
    """Words are `billing.banner.<status>` and `.text`; `step` is what a manager's button does."""

    status: str
    step: Step
    urgent: bool


def banner(subscription: Subscription | None) -> Banner | None:
    """None while nothing is open."""
    if subscription is None or subscription.status not in BANNERS:
        return None
    return Banner(subscription.status, BANNERS[subscription.status], urgent=subscription.status != "incomplete")
