"""One workspace brought up to what Stripe says: fetched, written, granted. Doing it again changes nothing.

Within a process those who ask while one is under way share the next one, so that a burst of events costs two fetches,
not a hundred. Between processes the tickets of `write` decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.stripe.client import StripeApi
from billing.stripe.double import Doubles
from billing.stripe.fetch import Fetcher, Known, OpenCheckout
from billing.stripe.grants import Grants
from billing.stripe.prices import PriceBook
from billing.stripe.state import CustomerState
from billing.stripe.write import draw_ticket, write
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.log import get_logger
from camarad.models import BillingAccount, CheckoutSession, PaymentReversal

BOOKINGS = 4  # at a time in one process; each holds one connection and needs a second one


log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`changes` names what was not as Stripe had it; `problems` what Stripe has that nothing can be made of."""

    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Refresher:
    def __init__(self, api: StripeApi, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._fetcher = Fetcher(api, PriceBook(api))
        self._grants = Grants(database, clock)
        self._doubles = Doubles(api, database, clock)
        self._next: dict[str, asyncio.Task[Refreshed]] = {}
        self._running: dict[str, asyncio.Lock] = {}
        self._booking = asyncio.Semaphore(BOOKINGS)

    async def refresh(self, workspace_id: str) -> Refreshed:
        """Raises Upstream or Misconfigured when Stripe cannot be asked, and then nothing was changed."""
        task = self._next.get(workspace_id)
        if task is None:
            task = asyncio.create_task(self._in_turn(workspace_id), name=f"refresh {workspace_id}")
            self._next[workspace_id] = task
        return await asyncio.shield(task)

    async def _in_turn(self, workspace_id: str) -> Refreshed:
        lock = self._running.setdefault(workspace_id, asyncio.Lock())
        async with lock:
            self._next.pop(workspace_id, None)  # who asks from now on wants to know what happens after this fetch
            try:
                return await self._once(workspace_id)
            finally:
                if workspace_id not in self._next:
                    self._running.pop(workspace_id, None)

    async def _once(self, workspace_id: str) -> Refreshed:
        async with self._database.write() as session:
            account = await session.get(BillingAccount, workspace_id)
            if account is None:
                return Refreshed()
            ticket = await draw_ticket(session, workspace_id)
            known = await _known(session, workspace_id, account.customer_id)
        state = await self._fetched(workspace_id, known)
        async with self._database.write() as session:
            await alone(session, workspace_id)
            written = await write(session, workspace_id, ticket, state, self._clock.now())
        if not written.kept:
            return Refreshed(problems=state.problems)
        booked: list[str] = []
        async with self._still_newest(workspace_id, ticket) as newest:
            if newest:
                booked = await self._grants.book(workspace_id, state)
        return Refreshed((*written.changes, *booked), state.problems)

    async def _fetched(self, workspace_id: str, known: Known) -> CustomerState:
        """With what was paid for twice given back. Where that fails the rest goes on: the next refresh tries again."""
        state = await self._fetcher.customer(known)
        if not state.doubled:
            return state
        try:
            given_back = await self._doubles.give_back(workspace_id, state)
        except CamaradError as error:
            log.error("double_subscription_kept", workspace_id=workspace_id, reason=error.message)
            return state.undoubled(error.message)
        return await self._fetcher.customer(known) if given_back else state

    @asynccontextmanager
    async def _still_newest(self, workspace_id: str, ticket: int) -> AsyncIterator[bool]:
        """Whether no later word was written meanwhile; on PostgreSQL none can be while this lasts. SQLite has one
        process that does this, where refreshing is one at a time."""
        if self._database.is_sqlite:
            async with self._database.read() as session:
                account = await session.get_one(BillingAccount, workspace_id)
            yield account.written == ticket
            return
        async with self._booking, self._database.write() as session:
            await alone(session, workspace_id)
            account = await session.get_one(BillingAccount, workspace_id)
            yield account.written == ticket


async def _known(session: AsyncSession, workspace_id: str, customer_id: str) -> Known:
    row = CheckoutSession
    unlinked = (row.state == "complete") & (row.purpose == "topup") & row.payment_id.is_(None)
    checkouts = await session.scalars(
        select(row).where(row.workspace_id == workspace_id, (row.state == "open") | unlinked)
    )
    refunded = await session.scalars(
        select(PaymentReversal.payment_id).where(
            PaymentReversal.workspace_id == workspace_id, PaymentReversal.kind == "refund"
        )
    )
    return Known(
        customer_id,
        tuple(OpenCheckout(each.id, each.purpose) for each in checkouts),
        frozenset(each for each in refunded if each),
    )


async def alone(session: AsyncSession, workspace_id: str) -> None:
    """Until the transaction ends nobody else writes or books for this workspace. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"billing {workspace_id}", 0))))
