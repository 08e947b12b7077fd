"""Opening Stripe's hosted pages: Checkout for a plan or a pack, and the payment portal.

What is sold is what the price list shows: a price at Stripe that is not exactly the catalogue's is not offered. A
workspace has one Checkout for a plan open at a time, so that nobody pays for two.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, update

from billing.plans import PACKS, PLANS, Pack, Plan
from billing.stripe import portal
from billing.stripe.accounts import Accounts, Payer
from billing.stripe.asking import Urls, checkout
from billing.stripe.catalog import Found, Item, differences, items, needs_new_price
from billing.stripe.client import Obj, StripeApi
from billing.stripe.refused import NoSuchObject, Refused
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, Misconfigured
from camarad.models import CheckoutSession

REUSED_FOR: Final = timedelta(hours=20)  # of the 24 that Stripe keeps a Checkout open


def plan_to_buy(code: str) -> Plan:
    found = next((each for each in PLANS if each.code == code and each.paid and each.available), None)
    if found is None:
        raise BadInput(
            f"There is no plan {code!r} to buy.", code="unknown_plan", hint="GET /api/pricing/plans has them."
        )
    return found


def pack_to_buy(code: str) -> Pack:
    found = next((each for each in PACKS if each.code == code), None)
    if found is None:
        raise BadInput(f"There is no pack {code!r}.", code="unknown_pack", hint="GET /api/pricing/plans has them.")
    return found


@dataclass(frozen=True, slots=True)
class Desk:
    api: StripeApi
    database: Database
    clock: Clock
    accounts: Accounts
    taxed: bool = False  # by Stripe Tax, as the settings say

    async def open(self, payer: Payer, item: Plan | Pack, urls: Urls) -> str:
        """The address of a Checkout for it. Raises Misconfigured when Stripe sells it otherwise than we say."""
        price_id = await self.price_of(item)
        purpose = "plan" if isinstance(item, Plan) else "topup"
        if purpose == "plan" and (address := await self._open_already(payer, item.code)):
            return address
        customer = await self.accounts.ensure(payer)
        asked = checkout(payer, item, price_id, customer, urls, taxed=self.taxed)
        key = {"idempotency_key": await self._key(payer, purpose, asked)}
        made = await self.api.ask(lambda v1: v1.checkout.sessions.create_async(asked, key))
        await self._remember(payer, purpose, item.code, made)
        if purpose == "plan":
            await self._only_the_last(payer.workspace_id, made["id"])
        return str(made["url"])

    async def price_of(self, item: Plan | Pack) -> str:
        """The id of its price, which is exactly what the catalogue says."""
        wanted = next(each for each in items() if each.lookup_key == item.lookup_key)
        asked = {"lookup_keys": [wanted.lookup_key], "active": True}
        prices = await self.api.listed(lambda v1: v1.prices.list_async(asked))
        price = prices[0] if prices else None
        if price is None or _differs(wanted, price):
            raise Misconfigured(
                f"{item.name} cannot be bought now: Stripe's price is not the one of the price list.",
                code="catalog_differs",
                hint="An operator has to run `python -m camarad billing sync-catalog`.",
            )
        return str(price["id"])

    async def portal(self, payer: Payer, return_url: str) -> str:
        account = await self.accounts.find(payer.workspace_id)
        if account is None:
            raise Conflict(
                "There is nothing to manage yet: nothing was bought for this workspace.",
                code="no_payments_yet",
                hint="Choose a plan or a pack first.",
            )
        ours = await portal.find(self.api)  # without one, what an operator set in Stripe's dashboard
        asked = {"customer": account.customer_id, "return_url": return_url, "locale": payer.language}
        asked |= {"configuration": ours["id"]} if ours else {}
        made = await self.api.ask(lambda v1: v1.billing_portal.sessions.create_async(asked))
        return str(made["url"])

    async def _open_already(self, payer: Payer, code: str) -> str | None:
        """The address of one for the same plan; those for other plans are closed at Stripe."""
        address = None
        for row in await self._open_ones(payer.workspace_id):
            fresh = row.code == code and row.created_at > self.clock.now() - REUSED_FOR
            if fresh and address is None and (found := await self._still_open(row.id)):
                address = found
            else:
                await self._expire(row.id)
        return address

    async def _open_ones(self, workspace_id: str) -> list[CheckoutSession]:
        """For a plan, as far as we know, the oldest first."""
        row = CheckoutSession
        async with self.database.read() as session:
            of = (row.workspace_id == workspace_id, row.purpose == "plan", row.state == "open")
            return list(await session.scalars(select(row).where(*of).order_by(row.created_at, row.id)))

    async def _only_the_last(self, workspace_id: str, mine: str) -> None:
        """Of those opened at the same moment, before any was known to the others, one stays open, whoever looks."""
        rows = await self._open_ones(workspace_id)
        try:
            for row in rows[:-1]:
                await self._expire(row.id)
        except Conflict:  # one is paid for, so nobody needs the last one
            await self._expire(rows[-1].id)
            raise
        if not rows or rows[-1].id != mine:
            raise Conflict(
                "Another Checkout was opened for this workspace at the same moment.",
                code="checkout_elsewhere",
                hint="Only one stays open. To buy with this one, try again.",
            )

    async def _still_open(self, session_id: str) -> str | None:
        try:
            found = await self.api.ask(lambda v1: v1.checkout.sessions.retrieve_async(session_id))
        except NoSuchObject:
            return None
        as_now = (found.get("automatic_tax") or {}).get("enabled", False) == self.taxed
        return str(found["url"]) if found["status"] == "open" and found.get("url") and as_now else None

    async def _expire(self, session_id: str) -> None:
        with suppress(NoSuchObject):
            await self._close(session_id)
        async with self.database.write() as session:
            of = (CheckoutSession.id == session_id, CheckoutSession.state == "open")
            await session.execute(update(CheckoutSession).where(*of).values(state="expired"))

    async def _close(self, session_id: str) -> None:
        try:
            await self.api.ask(lambda v1: v1.checkout.sessions.expire_async(session_id))
        except Refused:  # over, or paid for meanwhile
            found = await self.api.ask(lambda v1: v1.checkout.sessions.retrieve_async(session_id))
            if found["status"] == "complete":
                raise Conflict(
                    "A plan was paid for a moment ago.",
                    code="checkout_paid",
                    hint="Look at Settings → Billing: it is there in a few seconds.",
                ) from None

    async def _key(self, payer: Payer, purpose: str, asked: Obj) -> str:
        """The same for who asks twice at the same time, another one for the next Checkout, and for one that is asked
        for otherwise after the answer to the first was lost: Stripe refuses that under the same key."""
        async with self.database.read() as session:
            before = await session.scalar(
                select(func.count()).where(
                    CheckoutSession.workspace_id == payer.workspace_id, CheckoutSession.purpose == purpose
                )
            )
        digest = hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()[:16]
        return f"camarad:checkout:{payer.workspace_id}:{payer.user_id}:{before}:{digest}"

    async def _remember(self, payer: Payer, purpose: str, code: str, made: Obj) -> None:
        async with self.database.write() as session:
            if await session.get(CheckoutSession, made["id"]) is None:
                session.add(
                    CheckoutSession(
                        id=made["id"],
                        workspace_id=payer.workspace_id,
                        user_id=payer.user_id,
                        purpose=purpose,
                        code=code,
                        state="open",
                        created_at=self.clock.now(),
                        completed_at=None,
                    )
                )


def _differs(wanted: Item, price: Obj) -> bool:
    return needs_new_price(differences(wanted, Found(price=price)))
