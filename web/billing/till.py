"""What pages ask of the payments: whether anything can be bought here, and how a workspace stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from camarad.models import BillingAccount, Invoice, PaymentReversal, Subscription
from web.services import Services


@dataclass(frozen=True)
class Till:
    """`origins` are where hosted pages of the provider are; empty when nothing can be bought."""

    services: Services
    configured: bool
    test_mode: bool
    origins: tuple[str, ...]

    async def subscription(self, workspace_id: str) -> Subscription | None:
        """The workspace's latest, whatever its state."""
        async with self.services.database.read() as session:
            found: Subscription | None = await session.scalar(
                select(Subscription)
                .where(Subscription.workspace_id == workspace_id)
                .order_by(Subscription.ended_at.is_not(None), Subscription.created_at.desc())
                .limit(1)
            )
        return found

    async def invoices(self, workspace_id: str, limit: int = 24) -> list[Invoice]:
        """The newest first; drafts are no bills yet."""
        async with self.services.database.read() as session:
            rows = await session.scalars(
                select(Invoice)
                .where(Invoice.workspace_id == workspace_id, Invoice.status != "draft")
                .order_by(Invoice.created_at.desc(), Invoice.id.desc())
                .limit(limit)
            )
            return list(rows)

    async def reversals(self, workspace_id: str) -> list[PaymentReversal]:
        async with self.services.database.read() as session:
            rows = await session.scalars(
                select(PaymentReversal)
                .where(PaymentReversal.workspace_id == workspace_id)
                .order_by(PaymentReversal.created_at.desc(), PaymentReversal.id.desc())
            )
            return list(rows)

    async def synced_at(self, workspace_id: str) -> datetime | None:
        """When everything of the workspace was last fetched from the provider."""
        async with self.services.database.read() as session:
            found = await session.get(BillingAccount, workspace_id)
        return found.synced_at if found else None


def open_till(services: Services) -> Till:
    return Till(services, configured=False, test_mode=False, origins=())
