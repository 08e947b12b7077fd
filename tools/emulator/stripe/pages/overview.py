"""What a customer sees in the portal and may do there."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.engine import lines
from tools.emulator.stripe.pages.desk import host_of
from tools.emulator.stripe.pages.sheet import day
from tools.emulator.stripe.pages.words import WORDS
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World

SHOWN = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")
CHANGEABLE = ("active", "trialing")
_WARNED = ("past_due", "unpaid", "incomplete", "paused")


class Overview:
    def __init__(self, world: World, session: Obj, language: str) -> None:
        self._world = world
        self.session = session
        self.language = language
        self.customer = world.get("customer", session["customer"])
        self.features: Obj = world.get("billing_portal.configuration", session["configuration"])["features"]
        self.path = f"/portal/{session['_secret']}"

    def begins_at(self) -> str | None:
        """The page of the flow that the session was made for, until it was gone through."""
        flow = self.session["flow"]
        if not flow or self.session.get("_gone_through"):
            return None
        kind = flow["type"]
        if kind == "payment_method_update":
            return f"{self.path}/card"
        asked = flow[kind] or {}
        about = f"subscription={asked.get('subscription')}"
        if kind == "subscription_update_confirm":
            return f"{self.path}/confirm?{about}&price={asked['items'][0].get('price')}"
        pages = {"subscription_cancel": "cancel", "subscription_update": "change"}
        return f"{self.path}/{pages[kind]}?{about}" if kind in pages else None

    def after(self) -> str:
        """Where one goes on after a step: where the flow says, else home."""
        flow = self.session["flow"] or {}
        ends = flow.get("after_completion") or {}
        self.session["_gone_through"] = True
        self._world.save()
        if ends.get("type") == "redirect" and ends.get("redirect"):
            return str(ends["redirect"]["return_url"])
        return f"{self.path}?home"

    def back(self) -> str:
        """Out of a step without taking it."""
        if self.begins_at() and self.session["return_url"]:
            return str(self.session["return_url"])
        return f"{self.path}?home"

    def subscriptions(self) -> list[Obj]:
        customer = self.customer["id"]
        return self._world.store.all("subscription", lambda s: s["customer"] == customer and s["status"] in SHOWN)

    def subscription(self, wanted: str | None) -> Obj | None:
        """The customer's own only."""
        return next((one for one in self.subscriptions() if one["id"] == wanted), None)

    def price(self, subscription: Obj) -> Obj:
        return self._world.get("price", lines.items_of(self._world, subscription)[0]["price"])

    def name_of(self, price: Obj) -> str:
        return str(self._world.get("product", price["product"])["name"])

    def period_end(self, subscription: Obj) -> int:
        return int(lines.items_of(self._world, subscription)[0]["current_period_end"])

    def may_change(self, subscription: Obj) -> bool:
        return (
            bool(self.features["subscription_update"]["enabled"])
            and subscription["status"] in CHANGEABLE
            and not subscription["schedule"]
            and not subscription["pending_update"]
        )

    def may_cancel(self, subscription: Obj) -> bool:
        return (
            bool(self.features["subscription_cancel"]["enabled"])
            and not subscription["cancel_at"]
            and not subscription["schedule"]
        )

    def _prices(self) -> list[Obj]:
        """All that the configuration lets one change to, the cheapest first."""
        ids = [price for product in self.features["subscription_update"]["products"] for price in product["prices"]]
        found = [self._world.get("price", price) for price in ids]
        return sorted((price for price in found if price["active"]), key=lambda price: int(price["unit_amount"]))

    def offers(self, subscription: Obj) -> list[dict[str, Any]]:
        current = self.price(subscription)["id"]
        return [
            {**self._shown(price), "price": price["id"], "current": price["id"] == current} for price in self._prices()
        ]

    def offered(self, subscription: Obj, wanted: str | None) -> Obj | None:
        if not self.may_change(subscription) or wanted == self.price(subscription)["id"]:
            return None
        return next((price for price in self._prices() if price["id"] == wanted), None)

    def _shown(self, price: Obj) -> dict[str, Any]:
        return {
            "name": self.name_of(price),
            "amount": price["unit_amount"],
            "currency": price["currency"],
            "each": f"each_{price['recurring']['interval']}",
        }

    def home(self) -> dict[str, Any]:
        """Everything on the first page."""
        url = self.session["return_url"]
        return {
            "home": self.path,
            "who": self.customer["name"] or self.customer["email"] or self.customer["id"],
            "plans": [self._plan(one) for one in self.subscriptions()],
            "card": self._card(),
            "may_change_card": self.features["payment_method_update"]["enabled"],
            "shows_invoices": self.features["invoice_history"]["enabled"],
            "invoices": self._invoices(),
            "return_url": url,
            "host": host_of(url),
        }

    def _plan(self, subscription: Obj) -> dict[str, Any]:
        state = subscription["status"]
        return {
            "id": subscription["id"],
            **self._shown(self.price(subscription)),
            "warning": state if state in _WARNED else None,
            "what_next": self._what_next(subscription),
            "may_change": self.may_change(subscription),
            "may_cancel": self.may_cancel(subscription),
            "leaving": bool(subscription["cancel_at"]),
            "scheduled": bool(subscription["schedule"]),
        }

    def _what_next(self, subscription: Obj) -> str:
        words, end = WORDS[self.language], self.period_end(subscription)
        if subscription["pending_update"]:
            return words["waits"]
        if subscription["cancel_at"]:
            return words["ends"].format(date=day(subscription["cancel_at"], self.language))
        if subscription["schedule"]:
            later = self._world.get("subscription_schedule", subscription["schedule"])["phases"][-1]
            name = self.name_of(self._world.get("price", later["items"][0]["price"]))
            return words["changes"].format(name=name, date=day(later["start_date"], self.language))
        if subscription["status"] in ("paused", "incomplete"):
            return ""
        said = "trial_ends" if subscription["status"] == "trialing" else "renews"
        return words[said].format(date=day(end, self.language))

    def _card(self) -> str | None:
        wanted = self.customer["invoice_settings"]["default_payment_method"]
        for subscription in self.subscriptions():
            wanted = subscription["default_payment_method"] or wanted
        method = self._world.store.get("payment_method", wanted) if wanted else None
        if method is None:
            return None
        face = method["card"]
        return WORDS[self.language]["card_line"].format(brand=face["brand"].capitalize(), last4=face["last4"])

    def _invoices(self) -> list[dict[str, Any]]:
        customer = self.customer["id"]
        mine = self._world.store.all("invoice", lambda one: one["customer"] == customer and one["status"] != "draft")
        return [
            {
                "url": f"/invoices/{one['id']}/{one['_secret']}",
                "number": one["number"],
                "at": one["effective_at"] or one["created"],
                "status": one["status"],
                "total": one["total"],
                "currency": one["currency"],
            }
            for one in reversed(mine)
        ]
