"""What Stripe says of a workspace: a dated copy of its objects, and every event that came, by id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from camarad.models.base import Base

WORKSPACE = "workspaces.id"
WAITING = text("handled_at IS NULL")


class BillingAccount(Base):
    """A workspace's customer at Stripe. A customer belongs to one workspace for ever.

    Whoever fetches the customer draws the next `ticket` first; of two who fetched, the later ticket's word is kept
    (`written` is the ticket of what is stored). `problem` says in words what Stripe has that nothing can be made of.
    """

    __tablename__ = "billing_accounts"

    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(unique=True)
    synced_at: Mapped[datetime | None]  # when everything of this customer was last fetched
    created_at: Mapped[datetime]
    ticket: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    written: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    lapsed_period: Mapped[str | None]  # the paid period whose unused CT ended with the plan
    problem: Mapped[str | None]


class Subscription(Base):
    """A subscription as it was when fetched at `synced_at`. `plan_code` is None for a price no plan has."""

    __tablename__ = "subscriptions"

    id: Mapped[str] = mapped_column(primary_key=True)  # Stripe's
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), index=True)
    status: Mapped[str]
    price_id: Mapped[str]
    plan_code: Mapped[str | None]
    next_plan_code: Mapped[str | None]  # what a scheduled change makes of it at the period's end
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    trial_end: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    next_invoice_at: Mapped[datetime | None]
    next_invoice_cents: Mapped[int | None] = mapped_column(BigInteger)  # as Stripe previews it, tax included
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class StripeEvent(Base):
    """An event, kept by its id before it is acted on. Its payload is not kept: the object is fetched again."""

    __tablename__ = "stripe_events"
    __table_args__ = (Index("ix_stripe_events_waiting", "received_at", sqlite_where=WAITING, postgresql_where=WAITING),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str | None]
    customer_id: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]  # Stripe's time
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class CheckoutSession(Base):
    """A Checkout that was opened from here, so that what comes back is known to be ours.

    `payment_id` and `paid_cents`, tax included, are those of a pack that was paid for, whose refund takes its CT back;
    an empty id says that Stripe has none.
    """

    __tablename__ = "checkout_sessions"
    __table_args__ = (
        CheckConstraint("purpose IN ('plan', 'topup')", name="purpose"),
        CheckConstraint("state IN ('open', 'complete', 'expired')", name="state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # Stripe's
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), index=True)
    user_id: Mapped[str]
    purpose: Mapped[str]
    code: Mapped[str]  # of the plan or the pack
    state: Mapped[str]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    payment_id: Mapped[str | None]
    paid_cents: Mapped[int | None] = mapped_column(BigInteger)


class Invoice(Base):
    """Amounts in cents, tax included, as Stripe totals them."""

    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_recent", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # Stripe's
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"))
    subscription_id: Mapped[str | None]
    number: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    currency: Mapped[str]
    total_cents: Mapped[int] = mapped_column(BigInteger)
    paid_cents: Mapped[int] = mapped_column(BigInteger)
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    page_url: Mapped[str | None]
    pdf_url: Mapped[str | None]
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class PaymentReversal(Base):
    """A refund or a dispute, recorded as it stands at Stripe. Of a pack: the CT that it took back, and those that were
    not there any more to be taken; both None while it has taken nothing, and when they were given again."""

    __tablename__ = "payment_reversals"
    __table_args__ = (CheckConstraint("kind IN ('refund', 'dispute')", name="kind"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # Stripe's
    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    payment_id: Mapped[str | None]
    ct_taken: Mapped[int | None] = mapped_column(BigInteger)
    ct_missing: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class PlanFeature(Base):
    """An entitlement that is active at Stripe for a workspace, by its lookup key."""

    __tablename__ = "plan_features"

    workspace_id: Mapped[str] = mapped_column(ForeignKey(WORKSPACE, ondelete="CASCADE"), primary_key=True)
    lookup_key: Mapped[str] = mapped_column(primary_key=True)
    synced_at: Mapped[datetime]


class BillingLease(Base):
    """Work that one process at a time does, taken for a while. `finished_at` is when it was last done to the end."""

    __tablename__ = "billing_leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str | None]
    until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
