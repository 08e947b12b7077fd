"""Stripe's word, written down: one transaction, under the workspace's lock.

Every fetch drew a ticket before it began. Of two that ran at the same time the later ticket is kept, whichever arrives
first, so that what is stored was fetched after the last event that asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing.stripe.plan_code import set_plan
from billing.stripe.state import CustomerState
from camarad.models import (
    BillingAccount,
    CheckoutSession,
    Invoice,
    PaymentReversal,
    PlanFeature,
    Subscription,
    Workspace,
)

PROBLEM_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Written:
    """`kept` is False when a later ticket was there first. `changes` names what was not as Stripe has it."""

    kept: bool
    changes: tuple[str, ...] = ()


async def draw_ticket(session: AsyncSession, workspace_id: str) -> int:
    """The next number of a workspace's account, which there is."""
    found = await session.scalar(
        update(BillingAccount)
        .where(BillingAccount.workspace_id == workspace_id)
        .values(ticket=BillingAccount.ticket + 1)
        .returning(BillingAccount.ticket)
    )
    return int(found or 0)


async def write(session: AsyncSession, workspace_id: str, ticket: int, state: CustomerState, now: datetime) -> Written:
    workspace = await session.get_one(
        Workspace, workspace_id, with_for_update={"key_share": True}, populate_existing=True
    )
    account = await session.get_one(BillingAccount, workspace_id, with_for_update=True, populate_existing=True)
    if account.written >= ticket or account.customer_id != state.customer_id:
        return Written(kept=False)
    changes = [
        *await _put_all(session, Subscription, workspace_id, state.subscriptions, now),
        *await _forget(session, workspace_id, {each.id for each in state.subscriptions}),
        *await _put_all(session, Invoice, workspace_id, state.invoices, now),
        *await _put_all(session, PaymentReversal, workspace_id, state.reversals, now),
        *await _features(session, workspace_id, state.features, now),
        *await _checkouts(session, state, now),
    ]
    if await set_plan(session, workspace, state):
        changes.append("plan")
    account.written, account.synced_at = ticket, now
    account.problem = " ".join(state.problems)[:PROBLEM_CHARS] or None
    return Written(True, tuple(changes))


async def _put_all(
    session: AsyncSession, model: type[Any], workspace_id: str, states: Iterable[Any], now: datetime
) -> list[str]:
    wanted = {each.id: {**asdict(each), "workspace_id": workspace_id} for each in states}
    if not wanted:
        return []
    rows = {row.id: row for row in await session.scalars(select(model).where(model.id.in_(wanted)))}
    changes = []
    for key, values in wanted.items():
        row = rows.get(key)
        if row is None:
            session.add(model(**values, synced_at=now))
            changes.append(key)
            continue
        if differing := {name: value for name, value in values.items() if getattr(row, name) != value}:
            changes.append(key)
            for name, value in differing.items():
                setattr(row, name, value)
        row.synced_at = now
    return changes


async def _forget(session: AsyncSession, workspace_id: str, known: set[str]) -> list[str]:
    """A subscription that Stripe does not have is none."""
    gone = await session.scalars(
        delete(Subscription)
        .where(Subscription.workspace_id == workspace_id, Subscription.id.not_in(known))
        .returning(Subscription.id)
    )
    return list(gone)


async def _features(session: AsyncSession, workspace_id: str, wanted: frozenset[str], now: datetime) -> list[str]:
    rows = {
        row.lookup_key: row
        for row in await session.scalars(select(PlanFeature).where(PlanFeature.workspace_id == workspace_id))
    }
    for key, row in rows.items():
        if key in wanted:
            row.synced_at = now
        else:
            await session.delete(row)
    new = wanted - rows.keys()
    session.add_all([PlanFeature(workspace_id=workspace_id, lookup_key=key, synced_at=now) for key in sorted(new)])
    return [f"feature {key}" for key in sorted(wanted ^ rows.keys())]


async def _checkouts(session: AsyncSession, state: CustomerState, now: datetime) -> list[str]:
    changes = []
    for each in state.checkouts:
        row = await session.get(CheckoutSession, each.id)
        if row is None:
            continue
        if row.purpose == "topup" and row.payment_id is None and each.state != "open":
            row.payment_id, row.paid_cents = each.payment_id, each.paid_cents
        if row.state == "open" != each.state and not each.paid:  # a top-up is done when its CT are booked
            row.state, row.completed_at = each.state, now if each.state == "complete" else None
            changes.append(each.id)
    return changes
