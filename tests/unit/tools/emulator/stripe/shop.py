"""A small catalogue, and walking through a purchase by the control channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.emulator.stripe.process import StripeProcess

URLS = {"success_url": "http://127.0.0.1/ok?s={CHECKOUT_SESSION_ID}", "cancel_url": "http://127.0.0.1/no"}
DECLINES, FAILS_LATER, ASKS = "4000000000000002", "4000000000000341", "4000002760003184"


@dataclass
class Shop:
    v1: Any
    process: StripeProcess
    prices: dict[str, Any]
    customer: Any

    def control(self, name: str, **given: Any) -> dict[str, Any]:
        return self.process.control(name, **given)

    async def session(self, plan: str = "starter", **more: Any) -> Any:
        mode = "payment" if plan == "pack" else "subscription"
        given = {
            "mode": mode,
            "customer": self.customer.id,
            "line_items": [{"price": self.prices[plan].id, "quantity": 1}],
            **URLS,
            **more,
        }
        return await self.v1.checkout.sessions.create_async(given)

    async def subscribed(self, plan: str = "starter", card: str = "4242424242424242", **more: Any) -> Any:
        """A subscription bought on the Checkout page."""
        session = await self.session(plan, **more)
        done = self.control("pay", session=session.id, card=card, authenticate=True)
        return await self.subscription(done["session"]["subscription"])

    async def subscription(self, subscription_id: str, *expand: str) -> Any:
        return await self.v1.subscriptions.retrieve_async(subscription_id, {"expand": list(expand)})

    async def change(self, subscription: Any, plan: str, **more: Any) -> Any:
        item = subscription["items"].data[0].id
        given = {"items": [{"id": item, "price": self.prices[plan].id}], **more}
        return await self.v1.subscriptions.update_async(subscription.id, given)

    async def types(self) -> list[str]:
        """Of all events, in the order they happened."""
        found = await self.v1.events.list_async({"limit": 100})
        return [event.type for event in reversed(found.data)]


async def opened(v1: Any, process: StripeProcess) -> Shop:
    prices = {}
    for plan, cents in (("starter", 600), ("pro", 1800), ("pack", 500)):
        product = await v1.products.create_async({"name": plan.capitalize()})
        feature = await v1.entitlements.features.create_async({"name": plan, "lookup_key": f"plan_{plan}"})
        await v1.products.features.create_async(product.id, {"entitlement_feature": feature.id})
        recurring = {} if plan == "pack" else {"recurring": {"interval": "month"}}
        prices[plan] = await v1.prices.create_async(
            {"product": product.id, "currency": "eur", "unit_amount": cents, "lookup_key": plan, **recurring}
        )
    customer = await v1.customers.create_async({"email": "owner@example.com", "metadata": {"workspace": "w1"}})
    return Shop(v1, process, prices, customer)
