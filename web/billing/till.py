"""What pages ask of the payments: whether anything can be bought here, and how a workspace stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from camarad.models import Subscription
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


def open_till(services: Services) -> Till:
    return Till(services, configured=False, test_mode=False, origins=())
