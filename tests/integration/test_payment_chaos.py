"""Events duplicated, shuffled, dropped and late, by the hundred: after a reconciliation nothing differs from Stripe.

The truth is read from the emulator here, by other code than the product's. On PostgreSQL two processes' worth of
payments act at the same time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import stripe
from pydantic import SecretStr
from sqlalchemy import func, select

from billing.audit import audit
from billing.plans import PACKS, PLANS
from billing.stripe.service import Payer, Payments
from billing.wallet import open_wallet
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.models import (
    AuditEvent,
    BillingAccount,
    CtLedgerEntry,
    Invoice,
    Membership,
    PlanFeature,
    StripeEvent,
    Subscription,
    Workspace,
)
from camarad.settings import Settings
from tests.support.paying import FAILS_LATER, URLS, VISA, Shop, open_shop, paying
from tests.support.seed import AT, SCOPE
from tests.support.stripe import Receiver
from tools.emulator.stripe.process import StripeProcess

BUYERS = 16
ROUNDS = 3
SECRET = "whsec_chaos"
KEYS = {plan.lookup_key: plan for plan in PLANS if plan.lookup_key}
DISPUTED = "4000000000000259"
GIVES = ("active", "trialing", "past_due")


@pytest.fixture
async def shop(settings: Settings, database: Database, stripe_account: StripeProcess) -> AsyncIterator[Shop]:
    async with open_shop(settings, database, stripe_account, stripe_webhook_secrets=[SecretStr(SECRET)]) as opened:
        yield opened


async def buyers(shop: Shop) -> list[str]:
    names = [f"buyer-{number:02}" for number in range(BUYERS)]
    async with shop.database.write() as session:
        session.add_all([Workspace(id=name, name=name, created_at=AT) for name in names])
        await session.flush()
        session.add_all(
            [Membership(user_id=SCOPE.user_id, workspace_id=name, role="owner", created_at=AT) for name in names]
        )
    for name in names:
        await open_wallet(shop.database, name)
    return names


async def happenings(shop: Shop, names: list[str], chance: random.Random) -> None:
    """A quarter of a year, as people and cards make it: at Stripe alone, so that we learn of it by events only."""
    for number, name in enumerate(names):
        plan = chance.choice(("starter", "pro", "enterprise"))
        card = FAILS_LATER if number % 4 == 0 else "4242424242424242"
        await shop.buy(plan, Payer(name, SCOPE.user_id, f"{name}@example.com"), card)
        if number % 3 == 0:
            await shop.buy("ct-5000", Payer(name, SCOPE.user_id, f"{name}@example.com"))
        if number % 2 == 0:
            await pack_that_goes_back(shop, name, chance)
    prices = {p["lookup_key"]: p["id"] for p in await shop.listed(lambda v1: v1.prices.list_async({"limit": 100}))}
    for number in range(ROUNDS):
        if number == ROUNDS - 1:  # some have cancelled by then: it is their first
            for name in names[::2]:
                await second_subscription(shop, name, chance)
        for each in await shop.listed(lambda v1: v1.subscriptions.list_async({"limit": 100})):
            await happens(shop, each, prices, chance)
        await shop.advance(days=chance.choice((17, 31)))


async def pack_that_goes_back(shop: Shop, name: str, chance: random.Random) -> None:
    """Bought, then disputed or refunded, whole or in parts; we learn of all of it by events."""
    payer = Payer(name, SCOPE.user_id, f"{name}@example.com")
    card = DISPUTED if chance.random() < 0.4 else VISA
    paid = await shop.pay(await shop.payments.checkout_pack(payer, "ct-22000", URLS), card)
    of_it = {"payment_intent": paid["payment_intent"]}
    if card == DISPUTED:
        dispute = (await shop.listed(lambda v1: v1.disputes.list_async(of_it)))[0]
        if ended := chance.choice(("won", "lost", "")):
            await shop.control("dispute", dispute=dispute["id"], status=ended)
        return
    for cents in chance.choice(((2_000,), (333, 333), (1_999, 1), (700,))):
        part = {**of_it, "amount": cents}
        await shop.ask(lambda v1, part=part: v1.refunds.create_async(part))


async def second_subscription(shop: Shop, name: str, chance: random.Random) -> None:
    """Paid beside the first, as by another person whose Checkout was opened at the same moment."""
    other = Payer(name, "user-other", f"other-{name}@example.com")
    await shop.pay(await shop.open_beside(other, chance.choice(("starter", "pro"))))


async def happens(shop: Shop, given: dict[str, Any], prices: dict[str, str], chance: random.Random) -> None:
    sid, roll = given["id"], chance.random()
    if roll < 0.2:
        await shop.ask(lambda v1: v1.subscriptions.update_async(sid, {"cancel_at_period_end": True}))
    elif roll < 0.3:
        await shop.ask(lambda v1: v1.subscriptions.cancel_async(sid))
    elif roll < 0.6:
        item = {"id": given["items"]["data"][0]["id"], "price": prices[chance.choice(list(KEYS))]}
        change = {"items": [item], "proration_behavior": "always_invoice"}
        await shop.ask(lambda v1: v1.subscriptions.update_async(sid, change))
    elif roll < 0.7:
        charges = await shop.listed(lambda v1: v1.charges.list_async({"customer": given["customer"]}))
        paid = [each["id"] for each in charges if each["paid"] and not each["refunded"] and not each["disputed"]]
        if paid:
            await shop.ask(lambda v1: v1.refunds.create_async({"charge": paid[0]}))


async def truth(shop: Shop, customer: str) -> dict[str, Any]:
    """Straight from Stripe's objects."""
    of = {"customer": customer, "limit": 100}
    subscriptions = await shop.listed(lambda v1: v1.subscriptions.list_async({**of, "status": "all"}))
    features = await shop.listed(lambda v1: v1.entitlements.active_entitlements.list_async(of))
    invoices = await shop.listed(lambda v1: v1.invoices.list_async(of))
    running = [each for each in subscriptions if each["status"] in GIVES]
    plans = [KEYS[each["items"]["data"][0]["price"]["lookup_key"]] for each in running]
    returned = {each["id"] for each in subscriptions if "camarad_returned" in each["metadata"]}
    paid = [each for each in invoices if each["status"] == "paid" and each["parent"]]
    stayed = [each for each in paid if _subscription(each) not in returned]
    return {
        "paid twice": sum(each["status"] in ("active", "trialing") for each in subscriptions) > 1,
        "kept of what was returned": await kept(shop, [each for each in paid if _subscription(each) in returned]),
        "topped up": await topped_up(shop, of),
        "plan": max(plans, key=lambda plan: plan.price_eur_cents).code if plans else "free",
        "subscriptions": {each["id"]: each["status"] for each in subscriptions},
        "features": sorted(each["lookup_key"] for each in features),
        "invoices": {each["id"]: (each["status"], each["total"], each["amount_paid"]) for each in invoices},
        "periods": sorted(
            KEYS_BY_PRICE[line["pricing"]["price_details"]["price"]].ct_included
            for each in stayed
            for line in each["lines"]["data"]
            if not line["parent"]["subscription_item_details"]["proration"]
        ),
    }


KEYS_BY_PRICE: dict[str, Any] = {}


def _subscription(invoice: dict[str, Any]) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


async def kept(shop: Shop, invoices: list[dict[str, Any]]) -> int:
    """Cents that were paid for them and are not refunded."""
    cents = 0
    for each in invoices:
        of_it = {"invoice": each["id"]}
        for payment in await shop.listed(lambda v1, of_it=of_it: v1.invoice_payments.list_async(of_it)):
            by = {"payment_intent": payment["payment"]["payment_intent"]}
            charges = await shop.listed(lambda v1, by=by: v1.charges.list_async(by))
            cents += sum(charge["amount"] - charge["amount_refunded"] for charge in charges if charge["paid"])
    return cents


async def topped_up(shop: Shop, of: dict[str, Any]) -> int:
    """CT of packs that are left when every cent that went back took its share."""
    left = 0
    for intent in await shop.listed(lambda v1: v1.payment_intents.list_async(of)):
        pack = next((pack for pack in PACKS if pack.code == intent["metadata"].get("camarad_code")), None)
        if pack is None or intent["status"] != "succeeded":
            continue
        by = {"payment_intent": intent["id"]}
        refunds = await shop.listed(lambda v1, by=by: v1.refunds.list_async(by))
        disputes = await shop.listed(lambda v1, by=by: v1.disputes.list_async(by))
        back = [each["amount"] for each in (*refunds, *disputes) if each["status"] != "won"]
        left += pack.ct - pack.ct * min(sum(back), intent["amount"]) // intent["amount"]
    return left


async def stored(database: Database, name: str) -> dict[str, Any]:
    async with database.read() as session:
        workspace = await session.get_one(Workspace, name)
        subscriptions = list(await session.scalars(select(Subscription).where(Subscription.workspace_id == name)))
        invoices = list(await session.scalars(select(Invoice).where(Invoice.workspace_id == name)))
        features = list(await session.scalars(select(PlanFeature.lookup_key).where(PlanFeature.workspace_id == name)))
        grants = select(CtLedgerEntry).where(
            CtLedgerEntry.workspace_id == name,
            CtLedgerEntry.kind == "grant",
            CtLedgerEntry.request_id.like("period:sub%"),
        )
        marked = AuditEvent.act == "double_subscription_returned"
        returned = set(await session.scalars(select(AuditEvent.subject).where(marked)))
        periods = sorted(
            row.amount for row in await session.scalars(grants) if row.request_id.split(":")[1] not in returned
        )
        topups = select(func.sum(CtLedgerEntry.topup_delta)).where(CtLedgerEntry.workspace_id == name)
        topped_up = await session.scalar(topups) or 0
    return {
        "plan": workspace.plan_code,
        "subscriptions": {row.id: row.status for row in subscriptions},
        "features": sorted(features),
        "invoices": {row.id: (row.status, row.total_cents, row.paid_cents) for row in invoices},
        "periods": periods,
        "paid twice": False,
        "kept of what was returned": 0,
        "topped up": topped_up,
    }


async def diverged(shop: Shop, names: list[str]) -> dict[str, Any]:
    found = {}
    async with shop.database.read() as session:
        accounts = {row.workspace_id: row.customer_id for row in await session.scalars(select(BillingAccount))}
    for name in names:
        wanted, has = await truth(shop, accounts[name]), await stored(shop.database, name)
        if wanted != has:
            found[name] = {key: (has[key], wanted[key]) for key in wanted if has[key] != wanted[key]}
    return found


def deliveries(receiver: Receiver, chance: random.Random) -> list[bytes]:
    """A tenth lost, a third twice, all in another order."""
    sent = []
    for body, _ in receiver.got:
        if chance.random() < 0.1:
            continue
        sent += [body] * (2 if chance.random() < 0.35 else 1)
    chance.shuffle(sent)
    return sent


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_hundreds_of_events_in_any_order_end_as_stripe_has_it(
    shop: Shop, settings: Settings, stripe_account: StripeProcess, stripe_receiver: Receiver
) -> None:
    chance = random.Random(20261123)  # the same story each time
    await shop.ask(lambda v1: v1.webhook_endpoints.create_async({"url": stripe_receiver.url, "enabled_events": ["*"]}))
    for price in await shop.listed(lambda v1: v1.prices.list_async({"limit": 100})):
        if price["lookup_key"] in KEYS:
            KEYS_BY_PRICE[price["id"]] = KEYS[price["lookup_key"]]
    names = await buyers(shop)
    await shop.control("webhook-fault", mode="drop", events="customer.subscription.deleted")
    await happenings(shop, names, chance)
    await shop.control("flush", all=True)
    sent = deliveries(stripe_receiver, chance)
    assert len(sent) >= 500
    async with AsyncExitStack() as stack:
        tills = [shop.payments]
        if not shop.database.is_sqlite:
            second = Database(shop.database.url.render_as_string(hide_password=False))
            stack.push_async_callback(second.close)
            own = paying(settings, stripe_account, stripe_webhook_secrets=[SecretStr(SECRET)])
            tills.append(Payments(own, second, SystemClock()))
            stack.push_async_callback(tills[1].close)
        late = len(sent) // 5
        await deliver_all(tills, sent[late:], chance)
        await shop.control("webhook-fault", mode="drop", events="*")  # the last month's events never come
        await shop.advance(days=31)
        lost = await diverged(shop, names)
        reports = await asyncio.gather(*(each.reconcile() for each in tills))
        again = await shop.payments.reconcile()
        await deliver_all(tills, sent[:late], chance)
    assert lost  # or nothing was shown
    assert sum(not report.busy for report in reports) == 1 and not any(report.failed for report in reports)
    assert await diverged(shop, names) == {}
    assert (again.repaired, again.failed, again.accounts) == ({}, {}, BUYERS)
    assert await audit(shop.database) == []
    async with shop.database.read() as session:
        assert not list(await session.scalars(select(StripeEvent).where(StripeEvent.handled_at.is_(None))))
        returned = list(await session.scalars(select(AuditEvent.subject)))
        taken = list(await session.scalars(select(CtLedgerEntry.id).where(CtLedgerEntry.request_id.like("reversal:%"))))
    assert returned and taken  # or neither was tried
    print(
        f"{len(sent)} deliveries; before the reconciliation {len(lost)} of {BUYERS} differed, after it none; "
        f"{len(returned)} subscriptions given back, {len(taken)} bookings for packs whose money went back"
    )


async def deliver_all(tills: list[Payments], bodies: list[bytes], chance: random.Random) -> None:
    for start in range(0, len(bodies), 40):
        await asyncio.gather(*(deliver(chance.choice(tills), body) for body in bodies[start : start + 40]))
        for each in tills:
            await each.settled()


async def deliver(payments: Payments, body: bytes) -> None:
    """However late: a delivery is signed when it is sent."""
    await payments.handle_event(body, stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET))
