"""How a workspace stands, from what is stored; every figure is Stripe's, of the time in `synced_at`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.plans import Plan, plan
from billing.stripe.status import Standing, standing
from camarad.models import BillingAccount, Invoice, PaymentReversal, PlanFeature, Subscription, Workspace

MOST_INVOICES = 100
MOST_REVERSALS = 20
NOT_CONFIGURED = "not_configured"
NO_SUBSCRIPTION = "none"


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """`plan` is None for a price that no plan has. `ends_at` is set when it was cancelled and runs on until then."""

    id: str
    standing: Standing
    plan: Plan | None
    next_plan: Plan | None  # what a change at the period's end makes of it
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class NextInvoice:
    """As Stripe previewed it, tax included, in EUR cents."""

    at: datetime
    total_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """Amounts in cents of `currency`, tax included. `page_url` is Stripe's page, where an open one can be paid."""

    id: str
    number: str | None
    status: str
    reason: str | None
    currency: str
    total_cents: int
    paid_cents: int
    page_url: str | None
    pdf_url: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReversalView:
    """`ct_taken` and `ct_missing`: of a pack, what was taken out of the balance and what had been used by then."""

    id: str
    kind: str  # refund or dispute
    amount_cents: int
    currency: str
    status: str
    reason: str | None
    created_at: datetime
    ct_taken: int | None = None
    ct_missing: int | None = None


@dataclass(frozen=True, slots=True)
class BillingStatus:
    """`status` is Stripe's word for the subscription that counts (`active`, `past_due`, …), or else `none`, or
    `not_configured` where nothing can be bought. `to_pay` is the open invoice whose page asks for money or for the
    bank's confirmation. `synced_at` is None when Stripe was never asked about this workspace."""

    configured: bool
    test_mode: bool
    plan: Plan
    status: str
    subscription: SubscriptionView | None
    next_invoice: NextInvoice | None
    to_pay: InvoiceView | None
    invoices: tuple[InvoiceView, ...]
    reversals: tuple[ReversalView, ...]
    features: tuple[str, ...]
    has_account: bool  # whether there is a customer at Stripe, and so a portal to open
    problem: str | None
    synced_at: datetime | None


async def stored_status(
    session: AsyncSession, workspace_id: str, *, configured: bool, test_mode: bool
) -> BillingStatus:
    workspace = await session.get(Workspace, workspace_id)
    account = await session.get(BillingAccount, workspace_id)
    current = await counting(session, workspace_id)
    invoices = await _invoices(session, workspace_id)
    return BillingStatus(
        configured=configured,
        test_mode=test_mode,
        plan=plan(workspace.plan_code if workspace else "free"),
        status=current.status if current else NO_SUBSCRIPTION if configured else NOT_CONFIGURED,
        subscription=_subscription(current) if current else None,
        next_invoice=_next_invoice(current),
        to_pay=next((each for each in invoices if each.status == "open" and each.page_url), None),
        invoices=invoices,
        reversals=await _reversals(session, workspace_id),
        features=await _features(session, workspace_id),
        has_account=account is not None,
        problem=account.problem if account else None,
        synced_at=account.synced_at if account else None,
    )


async def counting(session: AsyncSession, workspace_id: str) -> Subscription | None:
    """The subscription that a workspace is shown: what gives access before what does not, then the dearest plan, then
    the newest; one that ended long ago still says so until there is another."""
    rows = await session.scalars(select(Subscription).where(Subscription.workspace_id == workspace_id))
    return max(rows, key=rank, default=None)


def rank(each: Subscription) -> tuple[int, bool, int, datetime]:
    found = standing(each.status)
    known = each.plan_code is not None
    weight = {"full": 2, "grace": 1, "none": 0}[found.access] if known else 0
    return weight, found.live, plan(each.plan_code or "").price_eur_cents, each.created_at


def _subscription(row: Subscription) -> SubscriptionView:
    return SubscriptionView(
        id=row.id,
        standing=standing(row.status),
        plan=plan(row.plan_code) if row.plan_code else None,
        next_plan=plan(row.next_plan_code) if row.next_plan_code else None,
        period_start=row.current_period_start,
        period_end=row.current_period_end,
        trial_end=row.trial_end,
        ends_at=row.cancel_at if row.ended_at is None else None,
        ended_at=row.ended_at,
        synced_at=row.synced_at,
    )


def _next_invoice(row: Subscription | None) -> NextInvoice | None:
    if row is None or row.next_invoice_at is None or row.next_invoice_cents is None:
        return None
    return NextInvoice(row.next_invoice_at, row.next_invoice_cents)


async def _invoices(session: AsyncSession, workspace_id: str) -> tuple[InvoiceView, ...]:
    rows = await session.scalars(
        select(Invoice)
        .where(Invoice.workspace_id == workspace_id)
        .order_by(Invoice.created_at.desc(), Invoice.id)
        .limit(MOST_INVOICES)
    )
    return tuple(
        InvoiceView(
            id=row.id,
            number=row.number,
            status=row.status,
            reason=row.reason,
            currency=row.currency,
            total_cents=row.total_cents,
            paid_cents=row.paid_cents,
            page_url=row.page_url,
            pdf_url=row.pdf_url,
            created_at=row.created_at,
        )
        for row in rows
    )


async def _reversals(session: AsyncSession, workspace_id: str) -> tuple[ReversalView, ...]:
    rows = await session.scalars(
        select(PaymentReversal)
        .where(PaymentReversal.workspace_id == workspace_id)
        .order_by(PaymentReversal.created_at.desc(), PaymentReversal.id)
        .limit(MOST_REVERSALS)
    )
    return tuple(
        ReversalView(
            id=row.id,
            kind=row.kind,
            amount_cents=row.amount_cents,
            currency=row.currency,
            status=row.status,
            reason=row.reason,
            created_at=row.created_at,
            ct_taken=row.ct_taken,
            ct_missing=row.ct_missing,
        )
        for row in rows
    )


async def _features(session: AsyncSession, workspace_id: str) -> tuple[str, ...]:
    found = await session.scalars(
        select(PlanFeature.lookup_key).where(PlanFeature.workspace_id == workspace_id).order_by(PlanFeature.lookup_key)
    )
    return tuple(found)
