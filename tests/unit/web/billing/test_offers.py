"""Every button of every plan, for every reader and every state of a subscription."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing.plans import PLANS
from camarad.models import Subscription
from web.billing.offers import offers
from web.sessions import SignedIn

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def person(role: str = "owner", plan: str = "free") -> SignedIn:
    given = {name: name for name in SignedIn.__slots__ if name not in ("role", "plan_code", "demo")}
    return SignedIn(**{**given, "role": role, "plan_code": plan, "demo": False})


def subscribed(status: str = "active", plan: str = "starter", **more: object) -> Subscription:
    given = {"next_plan_code": None, "cancel_at": None, "ended_at": None} | more
    return Subscription(id="sub", workspace_id="w", status=status, plan_code=plan, price_id="price", **given)


def actions(settings, *, configured=True, who=None, subscription=None) -> dict[str, str]:
    found = offers(settings, configured=configured, who=who, subscription=subscription)
    return {offer.plan.code: offer.action for offer in found}


def all_paid(action: str, free: str) -> dict[str, str]:
    return {plan.code: action if plan.paid else free for plan in PLANS}


def test_a_visitor_signs_up_first_and_is_offered_no_plan_that_cannot_be_paid(settings):
    assert actions(settings) == all_paid("signup", "signup")
    assert actions(settings, configured=False) == all_paid("closed", "signup")


def test_without_payment_nothing_is_offered_to_anybody(settings):
    for role in ("owner", "admin", "member"):
        assert actions(settings, configured=False, who=person(role)) == all_paid("closed", "current")


def test_a_member_is_told_who_decides(settings):
    assert actions(settings, who=person("member")) == all_paid("ask", "current")
    assert actions(settings, who=person("member", "pro"), subscription=subscribed(plan="pro"))["starter"] == "ask"


@pytest.mark.parametrize("role", ["owner", "admin"])
@pytest.mark.parametrize("over", [None, "canceled", "incomplete_expired"])
def test_without_a_subscription_paid_plans_open_checkout(settings, role, over):
    before = subscribed(over) if over else None
    assert actions(settings, who=person(role), subscription=before) == all_paid("choose", "current")


@pytest.mark.parametrize("status", ["active", "trialing"])
def test_a_running_subscription_is_changed_or_ended(settings, status):
    found = offers(settings, configured=True, who=person(plan="pro"), subscription=subscribed(status, "pro"))
    assert {o.plan.code: (o.action, o.upgrade) for o in found} == {
        "free": ("cancel", False),
        "starter": ("change", False),
        "pro": ("current", False),
        "enterprise": ("change", True),
    }


@pytest.mark.parametrize("status", ["past_due", "incomplete", "unpaid", "paused", "a state of next year"])
def test_with_an_open_payment_no_other_plan_is_offered(settings, status):
    has = "starter" if status == "past_due" else "free"
    found = actions(settings, who=person(plan=has), subscription=subscribed(status))
    assert set(found.values()) == {"settle", "current"} and found[has] == "current"


def test_what_is_planned_already_is_not_offered_again(settings):
    down = actions(settings, who=person(plan="pro"), subscription=subscribed(plan="pro", next_plan_code="starter"))
    assert down["starter"] == "planned" and down["free"] == "cancel"
    ends = actions(settings, who=person(plan="pro"), subscription=subscribed(plan="pro", cancel_at=NOW))
    assert ends["free"] == "planned"


def test_the_daily_cap_shown_is_the_one_that_holds(settings):
    low = settings.model_copy(update={"max_daily_ct_per_workspace": 5_000})
    caps = {o.plan.code: o.daily_cap for o in offers(low, configured=True, who=None, subscription=None)}
    assert caps == {"free": 2_000, "starter": 3_000, "pro": 5_000, "enterprise": 5_000}
