"""The workspace's plan and payments. Everything here is for those who manage billing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from starlette.requests import Request

from billing.plans import Plan
from billing.stripe.service import BillingStatus, Payer, PlanChange, Urls
from billing.stripe.view import InvoiceView, SubscriptionView
from web.access import CurrentServices, CurrentUser, acting, router
from web.audit import audited
from web.inputs import Word
from web.oauth.browser import origin_of
from web.sessions import SignedIn

PAGE = "/settings/billing"

routes = router("user", "billing", prefix="/api/settings/billing")
MANAGED = [acting("billing")]


class Purchase(BaseModel):
    """Exactly one of the two, by its code."""

    model_config = ConfigDict(extra="forbid")

    plan: Word | None = None
    pack: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> Purchase:
        if (self.plan is None) == (self.pack is None):
            raise ValueError("name either a plan or a pack")
        return self


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plan: Word


def payer(who: SignedIn) -> Payer:
    return Payer(who.workspace_id, who.user_id, who.email, who.language)


def urls(request: Request) -> Urls:
    """Back to the page of the host that the person is on."""
    page = f"{origin_of(request)}{PAGE}"
    return Urls(success=page, cancel=page)


@routes.get("", dependencies=MANAGED, summary="Plan, subscription, next invoice and invoices, as Stripe had them last")
async def billing(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    return status_view(await services.payments.status(who.workspace_id))


@routes.post("/refresh", dependencies=MANAGED, summary="The same, asked of Stripe now")
async def refresh(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    return status_view(await services.payments.refresh(who.workspace_id))


@routes.post("/checkout", dependencies=MANAGED, summary="A Checkout for a plan or a pack", **audited("checkout_opened"))
async def checkout(request: Request, who: CurrentUser, services: CurrentServices, wanted: Purchase) -> dict[str, str]:
    """`url` is Stripe's page. Nothing changes here until Stripe says that it was paid."""
    payments = services.payments
    if wanted.plan is not None:
        return {"url": await payments.checkout_plan(payer(who), wanted.plan, urls(request))}
    return {"url": await payments.checkout_pack(payer(who), wanted.pack or "", urls(request))}


@routes.post(
    "/portal",
    dependencies=MANAGED,
    summary="Stripe's page for payment methods and cancelling",
    **audited("portal_opened"),
)
async def portal(request: Request, who: CurrentUser, services: CurrentServices) -> dict[str, str]:
    return {"url": await services.payments.portal(payer(who), urls(request).cancel)}


@routes.post("/plan", dependencies=MANAGED, summary="Be on a plan that is paid for")
async def choose_plan(who: CurrentUser, services: CurrentServices, wanted: Choice) -> dict[str, Any]:
    """409 `subscription_required` unless Stripe has an active or trialing subscription for that plan's price."""
    return status_view(await services.payments.require_plan(who.workspace_id, wanted.plan))


@routes.post(
    "/change", dependencies=MANAGED, summary="Another plan for the running subscription", **audited("plan_changed")
)
async def change_plan(who: CurrentUser, services: CurrentServices, wanted: Choice) -> dict[str, Any]:
    """A dearer plan at once, for the difference of the rest of the period; a cheaper one when the period ends."""
    change = await services.payments.change_plan(payer(who), wanted.plan)
    return change_view(change, await services.payments.status(who.workspace_id))


@routes.post(
    "/cancel", dependencies=MANAGED, summary="End the subscription with its period", **audited("plan_canceled")
)
async def cancel(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    change = await services.payments.cancel(payer(who))
    return change_view(change, await services.payments.status(who.workspace_id))


@routes.post("/resume", dependencies=MANAGED, summary="Take the end back", **audited("plan_resumed"))
async def resume(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    change = await services.payments.resume(payer(who))
    return change_view(change, await services.payments.status(who.workspace_id))


def change_view(change: PlanChange, status: BillingStatus) -> dict[str, Any]:
    return {
        "outcome": change.outcome,
        "plan": change.plan.code,
        "at": _time(change.at),
        "url": change.url,
        "billing": status_view(status),
    }


def status_view(status: BillingStatus) -> dict[str, Any]:
    due = status.next_invoice
    return {
        "configured": status.configured,
        "test_mode": status.test_mode,
        "plan": _plan(status.plan),
        "status": status.status,
        "subscription": _subscription(status.subscription) if status.subscription else None,
        "next_invoice": {"at": _time(due.at), "total_cents": due.total_cents, "currency": "eur"} if due else None,
        "to_pay": _invoice(status.to_pay) if status.to_pay else None,
        "invoices": [_invoice(each) for each in status.invoices],
        "reversals": [
            {
                "id": each.id,
                "kind": each.kind,
                "status": each.status,
                "amount_cents": each.amount_cents,
                "currency": each.currency,
                "reason": each.reason,
                "ct_taken": each.ct_taken,
                "ct_missing": each.ct_missing,
                "created_at": _time(each.created_at),
            }
            for each in status.reversals
        ],
        "features": list(status.features),
        "problem": status.problem,
        "synced_at": _time(status.synced_at),
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {"code": plan.code, "name": plan.name, "price_eur_cents_per_month": plan.price_eur_cents}


def _subscription(found: SubscriptionView) -> dict[str, Any]:
    return {
        "id": found.id,
        "status": found.standing.status,
        "access": found.standing.access,
        "may_change": found.standing.may_change,
        "plan": found.plan.code if found.plan else None,
        "next_plan": found.next_plan.code if found.next_plan else None,
        "current_period_start": _time(found.period_start),
        "current_period_end": _time(found.period_end),
        "trial_end": _time(found.trial_end),
        "ends_at": _time(found.ends_at),
        "ended_at": _time(found.ended_at),
        "synced_at": _time(found.synced_at),
    }


def _invoice(each: InvoiceView) -> dict[str, Any]:
    return {
        "id": each.id,
        "number": each.number,
        "status": each.status,
        "reason": each.reason,
        "currency": each.currency,
        "total_cents": each.total_cents,
        "paid_cents": each.paid_cents,
        "page_url": each.page_url,
        "pdf_url": each.pdf_url,
        "created_at": _time(each.created_at),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
