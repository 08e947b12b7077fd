"""Which of Stripe's prices are ours: the plan or pack that a price sells, or none.

A price is known by the mark that the catalogue's sync puts on it, since its lookup key moves on when the price of a
plan changes and people who bought before keep the old one. It also has to be what we sell: on the plan's product, in
EUR, by the month, at an amount that can be a price.
"""

from __future__ import annotations

from typing import Final

from billing.plans import PACKS, PLANS, Pack, Plan
from billing.stripe.client import Obj, StripeApi
from billing.stripe.refused import NoSuchObject

CURRENCY: Final = "eur"
MARK: Final = "camarad_lookup_key"  # in a price's metadata
MOST_CENTS: Final = 10_000_00  # of one price; anything above is a mistake
PAID_PLANS: Final = tuple(each for each in PLANS if each.paid)


def product_of(item: Plan | Pack) -> str:
    """The id of its product at Stripe, chosen by us so that making it twice cannot be done."""
    return item.feature if isinstance(item, Plan) else f"camarad_pack_{item.code.replace('-', '_')}"


def sold_plan(price: Obj) -> Plan | None:
    """The plan that a price pays for a month of; None for any price that is not ours."""
    found = next((each for each in PAID_PLANS if product_of(each) == _id(price.get("product"))), None)
    if found is None or not _marked(price, found.lookup_key) or unsound(price):
        return None
    every = price.get("recurring") or {}
    return found if (every.get("interval"), every.get("interval_count")) == ("month", 1) else None


def sold_pack(price: Obj) -> Pack | None:
    found = next((each for each in PACKS if product_of(each) == _id(price.get("product"))), None)
    if found is None or not _marked(price, found.lookup_key) or unsound(price):
        return None
    return found if price.get("recurring") is None else None


def unsound(price: Obj) -> str | None:
    """Why an amount cannot be a price of ours, in words."""
    amount = price.get("unit_amount")
    if price.get("currency") != CURRENCY:
        return f"it is in {str(price.get('currency')).upper()}, not in EUR"
    if type(amount) is not int or not 0 < amount <= MOST_CENTS:
        return f"its amount is {amount!r}"
    return None


def unknown(price: Obj) -> str:
    """A sentence for operators about a price that sells nothing of ours."""
    return f"The price {price.get('id')} is not in the catalogue: {unsound(price) or 'it is none of ours'}."


def _marked(price: Obj, lookup_key: str | None) -> bool:
    return lookup_key in (price.get("lookup_key"), (price.get("metadata") or {}).get(MARK))


def _id(given: object) -> object:
    return given.get("id") if isinstance(given, dict) else given


class PriceBook:
    """Prices by their id, kept: what sells and for how much never changes of a price."""

    def __init__(self, api: StripeApi) -> None:
        self._api = api
        self._known: dict[str, Obj] = {}

    async def price(self, price_id: str) -> Obj | None:
        if price_id not in self._known:
            try:
                found = await self._api.ask(lambda v1: v1.prices.retrieve_async(price_id))
            except NoSuchObject:
                return None
            self.learn(found)
        return self._known[price_id]

    def learn(self, price: Obj) -> None:
        self._known[price["id"]] = price
