"""Opening Stripe's hosted pages: Checkout for a plan or a pack, and the payment portal.

What is sold is what the price list shows: a price at Stripe that is not exactly the catalogue's is not offered. A
workspace has one Checkout for a plan open at a time, so that nobody pays for two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select

from billing.plans import PACKS, PLANS, Pack, Plan
from billing.stripe import portal
from billing.stripe.accounts import Accounts, Payer
from billing.stripe.catalog import Found, Item, differences, items, needs_new_price
from billing.stripe.client import Obj, StripeApi
from billing.stripe.refused import NoSuchObject, Refused
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, Misconfigured
from camarad.models import CheckoutSession

REUSED_FOR: Final = timedelta(hours=20)  # of the 24 that Stripe keeps a Checkout open
PLACEHOLDER: Final = "{CHECKOUT_SESSION_ID}"  # Stripe puts the id there


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the hosted pages send people back to, whole addresses. `success` gets `checkout=<id>` in its query."""

    success: str
    cancel: str

    def completed(self) -> str:
        return f"{self.success}{'&' if urlsplit(self.success).query else '?'}checkout={PLACEHOLDER}"


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

    async def open(self, payer: Payer, item: Plan | Pack, urls: Urls) -> str:
        """The address of a Checkout for it. Raises Misconfigured when Stripe sells it otherwise than we say."""
        price_id = await self.price_of(item)
        purpose = "plan" if isinstance(item, Plan) else "topup"
        if purpose == "plan" and (address := await self._open_already(payer, item.code)):
            return address
        customer = await self.accounts.ensure(payer)
        asked = _session(payer, item, purpose, price_id, customer, urls)
        key = {"idempotency_key": await self._key(payer, purpose, item.code)}
        made = await self.api.ask(lambda v1: v1.checkout.sessions.create_async(asked, key))
        await self._remember(payer, purpose, item.code, made)
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
        async with self.database.read() as session:
            rows = list(
                await session.scalars(
                    select(CheckoutSession).where(
                        CheckoutSession.workspace_id == payer.workspace_id,
                        CheckoutSession.purpose == "plan",
                        CheckoutSession.state == "open",
                    )
                )
            )
        address = None
        for row in rows:
            fresh = row.code == code and row.created_at > self.clock.now() - REUSED_FOR
            if fresh and address is None and (found := await self._still_open(row.id)):
                address = found
            else:
                await self._expire(row.id)
        return address

    async def _still_open(self, session_id: str) -> str | None:
        try:
            found = await self.api.ask(lambda v1: v1.checkout.sessions.retrieve_async(session_id))
        except NoSuchObject:
            return None
        return str(found["url"]) if found["status"] == "open" and found.get("url") else None

    async def _expire(self, session_id: str) -> None:
        try:
            await self.api.ask(lambda v1: v1.checkout.sessions.expire_async(session_id))
        except NoSuchObject:
            return
        except Refused:  # over, or paid for meanwhile
            found = await self.api.ask(lambda v1: v1.checkout.sessions.retrieve_async(session_id))
            if found["status"] == "complete":
                raise Conflict(
                    "A plan was paid for a moment ago.",
                    code="checkout_paid",
                    hint="Look at Settings → Billing: it is there in a few seconds.",
                ) from None

    async def _key(self, payer: Payer, purpose: str, code: str) -> str:
        """The same for two who ask at the same time, another one for the next Checkout."""
        async with self.database.read() as session:
            before = await session.scalar(
                select(func.count()).where(
                    CheckoutSession.workspace_id == payer.workspace_id, CheckoutSession.purpose == purpose
                )
            )
        return f"camarad:checkout:{payer.workspace_id}:{payer.user_id}:{purpose}:{code}:{before}"

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


def _session(payer: Payer, item: Plan | Pack, purpose: str, price_id: str, customer: str, urls: Urls) -> Obj:
    about = {"camarad_workspace": payer.workspace_id, "camarad_code": item.code}
    asked: Obj = {
        "mode": "subscription" if purpose == "plan" else "payment",
        "customer": customer,
        "client_reference_id": payer.workspace_id,
        "line_items": [{"price": price_id, "quantity": 1}],
        "success_url": urls.completed(),
        "cancel_url": urls.cancel,
        "locale": payer.language,
        "metadata": about,
    }
    if purpose == "plan":
        asked["subscription_data"] = {"metadata": about}
    else:
        asked["payment_intent_data"] = {"metadata": about}
        asked["invoice_creation"] = {"enabled": True}
    return asked
