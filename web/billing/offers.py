"""What each plan's button is for this reader: nothing is offered that cannot work.

signup    a visitor: makes an account first            change    upgrades at once or downgrades at the period's end
current   the plan they have                           planned   what a scheduled change makes of it
choose    opens Checkout                               cancel    ends the paid plan at the period's end
settle    the open payment comes first                 resume    a plan that was cancelled is kept first
ask       a member: owners and admins decide           closed    payment is not set up on this server
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from billing.plans import PLANS, Plan, plan
from billing.stripe.view import BillingStatus, SubscriptionView
from camarad.settings import Settings
from web.roles import may
from web.sessions import SignedIn

Action = Literal["signup", "current", "choose", "change", "planned", "cancel", "settle", "resume", "ask", "closed"]


def manages(who: SignedIn) -> bool:
    """Whether this person may choose, pay and cancel for the workspace."""
    return may(who, "billing")


@dataclass(frozen=True, slots=True)
class Offer:
    """`daily_cap` is the lower of the plan's and the server's."""

    plan: Plan
    daily_cap: int
    action: Action
    upgrade: bool = True

    @property
    def current(self) -> bool:
        return self.action == "current"


def offers(
    settings: Settings, *, configured: bool, who: SignedIn | None = None, status: BillingStatus | None = None
) -> list[Offer]:
    """`status` is that of the workspace of `who`."""
    has = status.plan if status else plan(who.plan_code) if who else None
    return [
        Offer(
            plan=each,
            daily_cap=min(each.daily_ct_cap, settings.max_daily_ct_per_workspace),
            action=_action(each, has, configured=configured, who=who, status=status),
            upgrade=has is None or each.price_eur_cents > has.price_eur_cents,
        )
        for each in PLANS
        if each.available
    ]


def _action(
    each: Plan, has: Plan | None, *, configured: bool, who: SignedIn | None, status: BillingStatus | None
) -> Action:
    if who is None:
        return "signup" if configured or not each.paid else "closed"
    if each == has:
        return "current"
    if not configured:
        return "closed"
    if not manages(who):
        return "ask"
    return _of_manager(each, status.subscription if status else None)


def _of_manager(each: Plan, running: SubscriptionView | None) -> Action:
    if running is None or not running.standing.live:
        return "choose" if each.paid else "current"
    if not running.standing.may_change:
        return "settle"
    if each == running.next_plan or (not each.paid and running.ends_at is not None):
        return "planned"
    if each.paid and running.ends_at is not None:
        return "resume"
    return "change" if each.paid else "cancel"
