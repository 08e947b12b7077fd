"""What is open about a subscription, for the banner on pages, and whether what was just done is still so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from billing.stripe.service import Payments
from billing.stripe.view import BillingStatus, ReversalView
from web import i18n

URGENT: Final = {"past_due": True, "unpaid": True, "paused": True, "incomplete": False}


@dataclass(frozen=True, slots=True)
class Banner:
    """Words are `billing.banner.<status>`, `.text` for what it means and `.step` for the button."""

    status: str
    urgent: bool


def banner(status: str) -> Banner | None:
    """For Stripe's word; None while nothing is open."""
    return Banner(status, URGENT[status]) if status in URGENT else None


DONE: Final[dict[str, Callable[[BillingStatus], bool]]] = {
    "changed": lambda found: _full(found) and _next(found) is None,
    "planned": lambda found: _next(found) is not None,
    "cancelled": lambda found: found.subscription is not None and found.subscription.ends_at is not None,
    "resumed": lambda found: _full(found) and _next(found) is None and not _ends(found),
    "refreshed": lambda found: found.synced_at is not None,
    "left": lambda found: True,
}


def done(code: str, found: BillingStatus) -> str:
    """The code of what was just done, from an address, where the state does not contradict it; otherwise empty."""
    return code if code in DONE and DONE[code](found) else ""


TOLD_FOR: Final = timedelta(days=14)  # a bank shows the money within five to ten


def doubled(found: BillingStatus, now: datetime) -> ReversalView | None:
    """The latest refund of a subscription that was paid for beside another one, while people may look for it."""
    told = (
        each
        for each in found.reversals
        if each.kind == "refund" and each.reason == "duplicate" and each.status != "failed" and each.ct_taken is None
    )
    return next((each for each in told if each.created_at > now - TOLD_FOR), None)


def _full(found: BillingStatus) -> bool:
    return found.subscription is not None and found.subscription.standing.access == "full"


def _next(found: BillingStatus) -> object:
    return found.subscription.next_plan if found.subscription else None


def _ends(found: BillingStatus) -> bool:
    return found.subscription is not None and found.subscription.ends_at is not None


def mode(payments: Payments) -> str:
    """Why no money moves: `emulated`, Stripe's own `test` mode, or empty when it does."""
    if not payments.configured:
        return ""
    return "emulated" if payments.emulated else "test" if payments.test_mode else ""


def words(language: str, found: BillingStatus) -> str:
    """The sentence of the status table, in a language."""
    keys = (found.subscription.standing.words if found.subscription else "", f"payments.status.{found.status}")
    known = next((key for key in keys if i18n.has(language, key)), "payments.status.other")
    return i18n.translate(language, known, status=found.status)


def chip(language: str, status: str) -> str:
    """The status in a word or two."""
    key = f"billing.chip.{status}"
    return i18n.translate(language, key if i18n.has(language, key) else "billing.chip.other")
