"""Events: stored by their id, then acted on by fetching what they are about. What an event itself says is not believed.

So it does not matter in which order events come, how often, or how late; one that never comes is made up for by the
reconciliation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from billing.stripe.accounts import Accounts
from billing.stripe.client import StripeApi
from billing.stripe.refresh import Refresher
from billing.stripe.refused import NoSuchObject
from billing.stripe.state import Unsound, id_of, instant
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.log import get_logger
from camarad.models import StripeEvent

KEPT_FOR: Final = timedelta(days=90)  # a replay is refused long before
ERROR_CHARS: Final = 1_000
WAITING: Final = 1_000  # at once

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Events:
    api: StripeApi
    database: Database
    clock: Clock
    accounts: Accounts
    refresher: Refresher
    live: bool  # whether our key is one for real money

    async def store(self, event: dict[str, Any]) -> bool:
        """Whether it still has to be handled: it is new, or an earlier try did not end well."""
        insert = sqlite_insert if self.database.is_sqlite else postgresql_insert
        about = event["data"]["object"]
        now = self.clock.now()
        values = {
            "id": event["id"],
            "type": event["type"],
            "object_id": id_of(about),
            "customer_id": _customer(about),
            "created_at": _created(event) or now,
            "received_at": now,
            "attempts": 0,
            "error": None if bool(event.get("livemode")) == self.live else self._foreign_mode(),
        }
        if values["error"]:
            values["handled_at"] = now
        async with self.database.write() as session:
            await session.execute(insert(StripeEvent).values(values).on_conflict_do_nothing())
            row = await session.get_one(StripeEvent, event["id"])
            return row.handled_at is None

    def _foreign_mode(self) -> str:
        theirs, ours = ("test", "live") if self.live else ("live", "test")
        return f"The event is of Stripe's {theirs} mode, the key of this server of its {ours} mode."

    async def handle(self, event_id: str) -> None:
        """Safe to do twice. What fails for a reason that may pass stays waiting, with the reason."""
        async with self.database.read() as session:
            row = await session.get(StripeEvent, event_id)
        if row is None or row.handled_at is not None:
            return
        try:
            error = await self._act(row)
        except CamaradError as trouble:
            log.warning("stripe_event_waits", event_id=event_id, kind=row.type, reason=trouble.message)
            await self._note(event_id, trouble.message, done=False)
        else:
            if error:
                log.warning("stripe_event_refused", event_id=event_id, kind=row.type, reason=error)
            await self._note(event_id, error, done=True)

    async def waiting(self) -> list[str]:
        """The ids of events that are not handled, the oldest first. Old ones that are done are cleared away."""
        async with self.database.write() as session:
            await session.execute(
                delete(StripeEvent).where(
                    StripeEvent.handled_at.is_not(None), StripeEvent.received_at < self.clock.now() - KEPT_FOR
                )
            )
            found = await session.scalars(
                select(StripeEvent.id)
                .where(StripeEvent.handled_at.is_(None))
                .order_by(StripeEvent.received_at)
                .limit(WAITING)
            )
            return list(found)

    async def _act(self, row: StripeEvent) -> str | None:
        """What was wrong with it, in words."""
        customer_id = row.customer_id or await self._look_up(row)
        if customer_id is None:
            return None  # about products, prices and the like
        workspace_id = await self.accounts.workspace_of(customer_id)
        if workspace_id is None:
            return f"The customer {customer_id} belongs to no workspace."
        if not await self.accounts.is_alive(workspace_id):
            return "The workspace's data were erased."
        refreshed = await self.refresher.refresh(workspace_id)
        return " ".join(refreshed.problems)[:ERROR_CHARS] or None

    async def _look_up(self, row: StripeEvent) -> str | None:
        """Refunds and disputes name their charge alone."""
        object_id, charge = row.object_id or "", {"expand": ["charge"]}
        try:
            if row.type.startswith("charge.dispute."):
                found = await self.api.ask(lambda v1: v1.disputes.retrieve_async(object_id, charge))
            elif row.type.startswith("refund."):
                found = await self.api.ask(lambda v1: v1.refunds.retrieve_async(object_id, charge))
            else:
                return None
        except NoSuchObject:
            return None
        given = found.get("charge")
        return id_of(given.get("customer")) if isinstance(given, dict) else None

    async def _note(self, event_id: str, error: str | None, *, done: bool) -> None:
        async with self.database.write() as session:
            await session.execute(
                update(StripeEvent)
                .where(StripeEvent.id == event_id)
                .values(
                    attempts=StripeEvent.attempts + 1,
                    error=error,
                    handled_at=self.clock.now() if done else None,
                )
            )


def _customer(about: dict[str, Any]) -> str | None:
    return id_of(about) if about.get("object") == "customer" else id_of(about.get("customer"))


def _created(event: dict[str, Any]) -> Any:
    try:
        return instant(event.get("created"))
    except Unsound:
        return None
