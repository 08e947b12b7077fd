"""Payments over the Stripe emulator, with a workspace that buys.

async with open_shop(settings, database, stripe_account) as shop:
    await shop.buy("starter")
    assert (await shop.status()).plan.code == "starter"
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import select

from billing.stripe.asking import checkout
from billing.stripe.checkout import plan_to_buy
from billing.stripe.service import BillingStatus, Payer, Payments, Urls
from billing.wallet import open_wallet
from camarad.clock import Clock, SystemClock
from camarad.database import Database
from camarad.models import CtLedgerEntry, CtWallet, Workspace
from camarad.settings import Settings
from tests.support.seed import SCOPE
from tools.emulator.stripe.process import KEY, StripeProcess

URLS = Urls("http://127.0.0.1/settings/billing", "http://127.0.0.1/settings/billing")
PAYER = Payer(SCOPE.workspace_id, SCOPE.user_id, "ana@example.com")
VISA = "4242424242424242"
FAILS_LATER = "4000000000000341"


def paying(settings: Settings, stripe: StripeProcess, **more: Any) -> Settings:
    """The settings of a server that sells through this emulator."""
    own = {"stripe_secret_key": SecretStr(KEY), "stripe_api_base": stripe.url, "stripe_retries": 0}
    return settings.model_copy(update={**own, **more})


@dataclass
class Shop:
    payments: Payments
    database: Database
    stripe: StripeProcess

    async def control(self, name: str, **given: Any) -> dict[str, Any]:
        """In a thread: the emulator may be talking to this loop meanwhile."""
        return await asyncio.to_thread(lambda: self.stripe.control(name, **given))

    async def ask(self, call: Any) -> dict[str, Any]:
        """Of Stripe's API, as its official client sends it."""
        return await self.payments._api.ask(call)

    async def listed(self, call: Any) -> list[dict[str, Any]]:
        return await self.payments._api.listed(call)

    async def pay(self, url: str, card: str = VISA, **more: Any) -> dict[str, Any]:
        """Fill the Checkout page in."""
        session = urlsplit(url).path.rpartition("/")[2]
        paid = await self.control("pay", session=session, card=card, **more)
        found: dict[str, Any] = paid["session"]
        return found

    async def buy(self, code: str, payer: Payer = PAYER, card: str = VISA) -> dict[str, Any]:
        """A plan or a pack, and back to our page."""
        pack = code.startswith("ct-")
        open_ = self.payments.checkout_pack if pack else self.payments.checkout_plan
        session = await self.pay(await open_(payer, code, URLS), card)
        await self.payments.refresh(payer.workspace_id)
        return session

    async def open_beside(self, payer: Payer, code: str) -> str:
        """A Checkout for a plan by a server that ended before it looked for others."""
        desk, item = self.payments._desk, plan_to_buy(code)
        customer = await desk.accounts.ensure(payer)
        asked = checkout(payer, item, await desk.price_of(item), customer, URLS)
        made = await self.ask(lambda v1: v1.checkout.sessions.create_async(asked))
        await desk._remember(payer, "plan", code, made)
        return str(made["url"])

    async def status(self, workspace_id: str = SCOPE.workspace_id) -> BillingStatus:
        return await self.payments.status(workspace_id)

    async def advance(self, **step: int) -> None:
        await self.control("advance", **step)

    async def wallet(self, workspace_id: str = SCOPE.workspace_id) -> tuple[int, int, int | None]:
        """CT of the plan, topped-up CT, daily cap."""
        async with self.database.read() as session:
            found = await session.get_one(CtWallet, workspace_id)
            return found.plan_balance, found.topup_balance, found.daily_cap

    async def plan_code(self, workspace_id: str = SCOPE.workspace_id) -> str:
        async with self.database.read() as session:
            return (await session.get_one(Workspace, workspace_id)).plan_code

    async def ledger(self, workspace_id: str = SCOPE.workspace_id) -> list[tuple[str, int]]:
        async with self.database.read() as session:
            rows = await session.scalars(
                select(CtLedgerEntry).where(CtLedgerEntry.workspace_id == workspace_id).order_by(CtLedgerEntry.id)
            )
            return [(row.kind, row.amount) for row in rows]


@asynccontextmanager
async def open_shop(
    settings: Settings, database: Database, stripe: StripeProcess, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Shop]:
    """With the catalogue at the emulator and an empty wallet for the workspace."""
    payments = Payments(paying(settings, stripe, **more), database, clock or SystemClock())
    shop = Shop(payments, database, stripe)
    try:
        await payments.sync_catalog(apply=True)
        await open_wallet(database, SCOPE.workspace_id)
        yield shop
    finally:
        await payments.close()
