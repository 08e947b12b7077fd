"""Every button of every plan, for every reader and every state of a subscription."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing.plans import PLANS, plan
from billing.stripe.status import STANDINGS, standing
from billing.stripe.view import BillingStatus, SubscriptionView
from web import i18n
from web.billing.offers import offers
from web.billing.standing import URGENT, banner, chip, done, words
from web.sessions import SignedIn

NOW = datetime(2026, 11, 20, tzinfo=UTC)
STATUSES = [each.status for each in STANDINGS]


def person(role: str = "owner", plan: str = "free") -> SignedIn:
    given = {"plan_code": plan, "role": role, "demo": False, "key_id": ""}
    fields = {name: given.get(name, name) for name in ("user_id", "email", "display_name", "language")}
    fields |= {"workspace_id": "w", "workspace_name": "W", "session_id": "s", "csrf_token": "c", "role": role}
    return SignedIn(**fields, plan_code=plan, demo=False)


def stands(status: str = "none", code: str = "starter", has: str | None = None, **more: object) -> BillingStatus:
    """`code` is what the subscription is for, `has` the plan that holds."""
    found = standing(status)
    given = {"plan": plan(code), "next_plan": None, "trial_end": None, "ends_at": None, "ended_at": None} | more
    view = SubscriptionView(
        id="sub", standing=found, period_start=NOW, period_end=NOW, synced_at=NOW, **given
    )  # fmt: skip
    holds = has or ("free" if found.access == "none" else code)
    return BillingStatus(
        configured=True,
        test_mode=True,
        plan=plan(holds),
        status=status,
        subscription=None if status == "none" else view,
        next_invoice=None,
        to_pay=None,
        invoices=(),
        reversals=(),
        features=(),
        has_account=status != "none",
        problem=None,
        synced_at=NOW,
    )


def actions(settings, *, configured=True, who=None, status=None) -> dict[str, str]:
    return {o.plan.code: o.action for o in offers(settings, configured=configured, who=who, status=status)}


def all_paid(action: str, free: str) -> dict[str, str]:
    return {each.code: action if each.paid else free for each in PLANS}


def test_a_visitor_signs_up_first_and_is_offered_no_plan_that_cannot_be_paid(settings):
    assert actions(settings) == all_paid("signup", "signup")
    assert actions(settings, configured=False) == all_paid("closed", "signup")


def test_without_payment_nothing_is_offered_to_anybody(settings):
    for role in ("owner", "admin", "member"):
        assert actions(settings, configured=False, who=person(role)) == all_paid("closed", "current")


def test_a_member_is_told_who_decides(settings):
    assert actions(settings, who=person("member"), status=stands()) == all_paid("ask", "current")
    found = actions(settings, who=person("member"), status=stands("active", "pro"))
    assert set(found.values()) == {"ask", "current"} and found["pro"] == "current"


@pytest.mark.parametrize("role", ["owner", "admin"])
@pytest.mark.parametrize("status", ["none", "canceled", "incomplete_expired"])
def test_without_a_live_subscription_paid_plans_open_checkout(settings, role, status):
    assert actions(settings, who=person(role), status=stands(status)) == all_paid("choose", "current")


@pytest.mark.parametrize("status", ["active", "trialing"])
def test_a_running_subscription_is_changed_or_ended(settings, status):
    found = offers(settings, configured=True, who=person(), status=stands(status, "pro"))
    assert {o.plan.code: (o.action, o.upgrade) for o in found} == {
        "free": ("cancel", False),
        "starter": ("change", False),
        "pro": ("current", False),
        "enterprise": ("change", True),
    }


@pytest.mark.parametrize("status", ["past_due", "incomplete", "unpaid", "paused", "a state of next year"])
def test_with_an_open_payment_no_other_plan_is_offered(settings, status):
    found = actions(settings, who=person(), status=stands(status))
    has = "starter" if status == "past_due" else "free"
    assert set(found.values()) == {"settle", "current"} and found[has] == "current"


def test_what_is_planned_already_is_not_offered_again(settings):
    down = actions(settings, who=person(), status=stands("active", "pro", next_plan=plan("starter")))
    assert (down["starter"], down["free"], down["enterprise"]) == ("planned", "cancel", "change")
    ends = actions(settings, who=person(), status=stands("active", "pro", ends_at=NOW))
    assert (ends["free"], ends["starter"], ends["enterprise"]) == ("planned", "resume", "resume")


def test_the_daily_cap_shown_is_the_one_that_holds(settings):
    low = settings.model_copy(update={"max_daily_ct_per_workspace": 5_000})
    caps = {o.plan.code: o.daily_cap for o in offers(low, configured=True)}
    assert caps == {"free": 2_000, "starter": 3_000, "pro": 5_000, "enterprise": 5_000}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("status", [*STATUSES, "none", "not_configured", "a state of next year"])
def test_every_status_has_its_words(language, status):
    said = words(language, stands(status))
    assert said and "{" not in said
    assert ("a state of next year" in said) == (status == "a state of next year")
    assert chip(language, status)
    if status in STATUSES:
        assert i18n.has(language, f"billing.chip.{status}")


@pytest.mark.parametrize("status", [*STATUSES, "none"])
def test_what_is_live_without_full_access_has_a_banner_with_words(status):
    live = status in STATUSES and standing(status).live and standing(status).access != "full"
    found = banner(status)
    assert (found is not None) == live == (status in URGENT)
    for language in i18n.LANGUAGES if found else ():
        assert i18n.has(language, f"billing.banner.{status}") and i18n.has(language, f"billing.banner.{status}.text")


def test_what_an_address_claims_was_done_is_only_said_where_it_is_so():
    active, ends = stands("active"), stands("active", ends_at=NOW)
    planned = stands("active", "pro", next_plan=plan("starter"))
    assert [done("cancelled", each) for each in (active, ends, stands())] == ["", "cancelled", ""]
    assert [done("resumed", each) for each in (active, ends, planned)] == ["resumed", "", ""]
    assert [done("planned", each) for each in (active, planned)] == ["", "planned"]
    assert [done("changed", each) for each in (active, planned, stands())] == ["changed", "", ""]
    assert done("paid", active) == done("<b>", active) == done("", active) == ""
    for code in ("changed", "planned", "cancelled", "resumed", "refreshed", "left"):
        assert all(i18n.has(language, f"billing.done.{code}.text") for language in i18n.LANGUAGES)
