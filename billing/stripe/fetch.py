"""Everything that Stripe has of one customer, fetched now. Nothing is written here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from billing.stripe.client import PAGE, Obj, StripeApi
from billing.stripe.paid import line_prices, paid_ct
from billing.stripe.prices import PriceBook, sold_plan, unknown
from billing.stripe.refused import NoSuchObject, Refused
from billing.stripe.state import (
    RETURNED,
    CheckoutState,
    CustomerState,
    InvoiceState,
    PaidCt,
    ReversalState,
    SubscriptionState,
    Unsound,
    first_item,
    id_of,
    read_checkout,
    read_invoice,
    read_reversal,
    read_subscription,
)
from billing.stripe.status import standing

RECENT = 100  # invoices and charges looked at, the newest; older ones were looked at when they were new


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """One that was opened from here and has not come back yet, or a pack's whose payment is not known."""

    id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked about beside the customer. `refunded` are payments with refunds on record: one that failed is not
    in its charge's sum any more."""

    customer_id: str
    checkouts: tuple[OpenCheckout, ...] = ()
    refunded: frozenset[str] = frozenset()


class Fetcher:
    def __init__(self, api: StripeApi, prices: PriceBook) -> None:
        self._api = api
        self._prices = prices

    async def customer(self, known: Known) -> CustomerState:
        """Raises Upstream or Misconfigured when Stripe cannot be asked."""
        customer_id = known.customer_id
        try:
            await self._api.ask(lambda v1: v1.customers.retrieve_async(customer_id))
        except NoSuchObject:
            return CustomerState(customer_id, missing=True, problems=("Stripe knows no such customer.",))
        of_customer = {"customer": customer_id, "limit": PAGE}
        problems: list[str] = []
        subscriptions, invoices, features, charges, came_back = await asyncio.gather(
            self._api.listed(
                lambda v1: v1.subscriptions.list_async({**of_customer, "status": "all", "expand": ["data.schedule"]})
            ),
            self._api.listed(lambda v1: v1.invoices.list_async(of_customer), RECENT),
            self._api.listed(lambda v1: v1.entitlements.active_entitlements.list_async(of_customer)),
            self._api.listed(lambda v1: v1.charges.list_async(of_customer), RECENT),
            asyncio.gather(*(self._checkout(each, customer_id, problems) for each in known.checkouts)),
        )
        returned = {each["id"] for each in subscriptions if _returned(each)}
        read, paid = await self._invoices(invoices, problems)
        found = CustomerState(
            customer_id,
            subscriptions=tuple([s for g in subscriptions if (s := await self._subscription(g, problems))]),
            invoices=tuple(read),
            reversals=tuple(await self._reversals(charges, known.refunded, problems)),
            checkouts=tuple(each for each in came_back if each is not None),
            features=frozenset(str(each["lookup_key"]) for each in features),
            paid=tuple(sorted((each for each in paid if each.subscription_id not in returned), key=_since)),
            unpaid=tuple(each for each in paid if each.subscription_id in returned),
            problems=tuple(problems),
            returning=tuple(each["id"] for each in subscriptions if _returned(each) and standing(each["status"]).live),
        )
        return await self._previewed(found, subscriptions)

    async def _subscription(self, given: Obj, problems: list[str]) -> SubscriptionState | None:
        try:
            coming = await self._coming(given)
            next_plan = sold_plan(coming) if coming else None
            return read_subscription(given, self._plan_code(given, problems), next_plan.code if next_plan else None)
        except Unsound as error:
            problems.append(f"The subscription {given['id']} cannot be read: {error}.")
            return None

    def _plan_code(self, given: Obj, problems: list[str]) -> str | None:
        if _returned(given):
            return None
        items = given["items"]["data"]
        for item in items:
            self._prices.learn(item["price"])
        plans = [sold_plan(item["price"]) for item in items]
        if len(plans) == 1 and plans[0] is not None:
            return plans[0].code
        if standing(given["status"]).live:
            strange = [unknown(item["price"]) for item, plan in zip(items, plans, strict=True) if plan is None]
            problems.extend(strange or [f"The subscription {given['id']} has {len(items)} items instead of one."])
        return None

    async def _coming(self, given: Obj) -> Obj | None:
        """The price that the phase after the current one of its schedule brings; None where nothing changes."""
        schedule = given.get("schedule")
        if not isinstance(schedule, dict) or not schedule.get("current_phase"):
            return None
        ends = schedule["current_phase"]["end_date"]
        following = [phase for phase in schedule["phases"] if phase["start_date"] >= ends]
        price_id = id_of(following[0]["items"][0]["price"]) if following else None
        return await self._prices.price(price_id) if price_id else None

    async def _invoices(self, given: list[Obj], problems: list[str]) -> tuple[list[InvoiceState], list[PaidCt]]:
        wanted = {price_id for each in given if each.get("status") == "paid" for price_id in line_prices(each)}
        prices = {price_id: await self._prices.price(price_id) for price_id in wanted}
        read: list[InvoiceState] = []
        paid: list[PaidCt] = []
        for each in given:
            try:
                read.append(read_invoice(each))
                paid.extend(paid_ct(each, prices))
            except Unsound as error:
                problems.append(f"The invoice {each['id']} brings no CT: {error}.")
        return read, paid

    async def _reversals(
        self, charges: list[Obj], refunded: frozenset[str], problems: list[str]
    ) -> list[ReversalState]:
        found: list[ReversalState] = []
        for charge in charges:
            given = await self._reversed(charge, id_of(charge.get("payment_intent")) in refunded)
            for kind, each in given:
                try:
                    found.append(read_reversal(kind, each))
                except Unsound as error:
                    problems.append(f"The {kind} {each['id']} cannot be read: {error}.")
        return found

    async def _reversed(self, charge: Obj, refunded: bool) -> list[tuple[str, Obj]]:
        of_charge = {"charge": charge["id"], "limit": PAGE}
        found: list[tuple[str, Obj]] = []
        if charge.get("amount_refunded") or refunded:
            refunds = await self._api.listed(lambda v1: v1.refunds.list_async(of_charge))
            found += [("refund", each) for each in refunds]
        if charge.get("disputed"):
            disputes = await self._api.listed(lambda v1: v1.disputes.list_async(of_charge))
            found += [("dispute", each) for each in disputes]
        return found

    async def _checkout(self, row: OpenCheckout, customer_id: str, problems: list[str]) -> CheckoutState | None:
        try:
            given = await self._api.ask(lambda v1: v1.checkout.sessions.retrieve_async(row.id))
            return read_checkout(given, customer_id, row.purpose)
        except NoSuchObject:
            return CheckoutState(row.id, "expired", paid=False)
        except Unsound as error:
            problems.append(f"The Checkout {row.id} brings nothing: {error}.")
            return None

    async def _previewed(self, found: CustomerState, subscriptions: list[Obj]) -> CustomerState:
        """With what the next invoice will ask for, where there will be one; with a scheduled change made."""
        current = found.counting
        if current is None or current.cancel_at is not None:
            return found
        asked: Obj = {"customer": found.customer_id, "subscription": current.id}
        given = next(each for each in subscriptions if each["id"] == current.id)
        if coming := await self._coming(given):
            item = {"id": first_item(given)["id"], "price": coming["id"]}
            asked["subscription_details"] = {"items": [item], "proration_behavior": "none"}
        try:
            preview = await self._api.ask(lambda v1: v1.invoices.create_preview_async(asked))
        except (Refused, NoSuchObject):
            return found
        amount = preview.get("amount_due")
        return found.previewed(current.id, amount) if type(amount) is int and amount >= 0 else found


def _returned(subscription: Obj) -> bool:
    return RETURNED in (subscription.get("metadata") or {})


def _since(paid: PaidCt) -> tuple[datetime, str]:
    return paid.start, paid.id
