"""The counter at the edge: the running application with a clock of ours, the Stripe emulator it sells through, and
all that its books say.

async with open_till(settings, stripe_account) as till:
    before = await till.books()
    assert (await till.send(body, "forged")).status_code == 400 and await till.books() == before
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import stripe
from pydantic import SecretStr
from sqlalchemy import select

from camarad.clock import ManualClock
from camarad.models import BillingAccount, CtLedgerEntry, StripeEvent, Workspace
from camarad.models.base import Base
from camarad.settings import Settings
from tests.support.paying import VISA, paying
from tests.support.web import Browser, Camarad, running
from tools.emulator.stripe.process import StripeProcess

BILLING = "/api/settings/billing"
SECRET, OPERATOR = "whsec_edge", "internal-token-of-the-test"
MONEY = (  # the tables that say what a workspace has and what a call costs
    *("ct_wallets", "ct_ledger", "ct_holds", "workspaces", "subscriptions", "invoices", "checkout_sessions"),
    *("stripe_events", "ct_rates", "pricing_catalog", "phase3_windows"),
)
Books = dict[str, list[str]]
TOO_MUCH = (2**53 + 1, 2**63, 10**30)


@dataclass
class Till:
    """The running application, whose clock is ours to move, and the emulator it sells through."""

    camarad: Camarad
    stripe: StripeProcess
    clock: ManualClock

    async def books(self, *but: str) -> Books:
        async with self.camarad.services.database.read() as session:
            return {
                name: sorted(repr(tuple(row)) for row in await session.execute(select(Base.metadata.tables[name])))
                for name in MONEY
                if name not in but
            }

    async def control(self, name: str, **given: Any) -> dict[str, Any]:
        return await asyncio.to_thread(lambda: self.stripe.control(name, **given))

    async def ask(self, call: Any) -> dict[str, Any]:
        return await self.camarad.services.payments._api.ask(call)

    async def listed(self, call: Any) -> list[dict[str, Any]]:
        return await self.camarad.services.payments._api.listed(call)

    async def paid(self, browser: Browser, **what: str) -> str:
        """A Checkout opened and paid for, at Stripe; the id. Nobody told us of it yet."""
        opened = await browser.post(f"{BILLING}/checkout", what)
        session: str = opened.json()["url"].rpartition("/")[2]
        await self.control("pay", session=session, card=VISA)
        return session

    async def event(self, kind: str = "checkout.session.completed") -> str:
        """The newest event of a kind, as it would be sent."""
        sent = await self.listed(lambda v1: v1.events.list_async())
        return json.dumps(next(each for each in sent if each["type"] == kind), default=str)

    def signed(self, body: str, secret: str = SECRET, late: timedelta = timedelta(0)) -> str:
        at = int((self.clock.now() - late).timestamp())
        return stripe.WebhookSignature.generate_signature_header(body, secret, at)

    async def send(self, body: str, header: str | None) -> httpx.Response:
        headers = {} if header is None else {"Stripe-Signature": header}
        sent = await self.camarad.browser().http.post("/api/stripe/webhook", content=body, headers=headers)
        await self.camarad.services.payments.settled()
        return sent

    async def deliver(self, body: str) -> None:
        assert (await self.send(body, self.signed(body))).status_code == 200

    async def account(self, email: str = "ana@example.com") -> BillingAccount:
        async with self.camarad.services.database.read() as session:
            of = select(BillingAccount).join(Workspace).where(Workspace.name == email.partition("@")[0])
            return (await session.scalars(of)).one()

    async def error_of(self, body: str) -> str | None:
        async with self.camarad.services.database.read() as session:
            return (await session.get_one(StripeEvent, json.loads(body)["id"])).error

    async def subscribe(self, customer: str, price: str, **more: Any) -> dict[str, Any]:
        """By hand in Stripe's dashboard, with a card that pays."""
        card = await self.ask(lambda v1: v1.payment_methods.attach_async("pm_card_visa", {"customer": customer}))
        asked = {"customer": customer, "items": [{"price": price}], "default_payment_method": card["id"], **more}
        return await self.ask(lambda v1: v1.subscriptions.create_async(asked))

    async def price(self, lookup_key: str) -> str:
        found = await self.listed(lambda v1: v1.prices.list_async({"lookup_keys": [lookup_key]}))
        return str(found[0]["id"])

    async def opened(self) -> int:
        """How many Checkouts Stripe has."""
        return len(await self.listed(lambda v1: v1.checkout.sessions.list_async()))

    async def granted(self, workspace_id: str) -> list[int]:
        of = select(CtLedgerEntry.amount).where(CtLedgerEntry.workspace_id == workspace_id, CtLedgerEntry.amount > 0)
        async with self.camarad.services.database.read() as session:
            return [*await session.scalars(of)]


async def raw(browser: Browser, path: str, body: str) -> httpx.Response:
    """As it stands; a client's own JSON would not write NaN."""
    headers = {"Content-Type": "application/json", "X-CSRF-Token": browser.csrf, "X-Internal-Token": OPERATOR}
    return await browser.http.post(path, content=body, headers=headers)


@asynccontextmanager
async def open_till(settings: Settings, stripe_account: StripeProcess, **more: Any) -> AsyncIterator[Till]:
    """With the catalogue at the emulator."""
    secrets = {"stripe_webhook_secrets": [SecretStr(SECRET)], "internal_token": SecretStr(OPERATOR)}
    clock = ManualClock(datetime.now(UTC).replace(microsecond=0))
    async with running(paying(settings, stripe_account, **secrets, **more), clock) as camarad:
        await camarad.services.payments.sync_catalog(apply=True)
        yield Till(camarad, stripe_account, clock)
