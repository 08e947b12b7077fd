"""What Stripe should have for the plans and packs, and every difference from what it has. Pure: no calls are made.

A price cannot be changed at Stripe. One that differs is replaced: a new price takes the lookup key, the old one is
archived and goes on for those who have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from billing.plans import PACKS, PLANS, Pack, Plan
from billing.stripe.prices import CURRENCY, MARK, product_of

Obj = dict[str, Any]
TAX: Final = "exclusive"  # our prices are without VAT


@dataclass(frozen=True, slots=True)
class Item:
    """A product with one price; a plan's also has a feature, by whose lookup key Stripe speaks of entitlements."""

    code: str
    product_id: str
    product_name: str
    lookup_key: str
    amount: int  # EUR cents
    interval: str | None
    feature: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What Stripe has for an item: `price` is the one with the lookup key; `features` are those of the product."""

    product: Obj | None = None
    price: Obj | None = None
    features: frozenset[str] = frozenset()
    feature: Obj | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` of an item is `found` and should be `wanted`."""

    code: str
    field: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.code}: {self.field} is {self.found}, should be {self.wanted}"


def items() -> list[Item]:
    return [_item(each) for each in (*PLANS, *PACKS) if each.lookup_key is not None]


def _item(each: Plan | Pack) -> Item:
    is_plan = isinstance(each, Plan)
    return Item(
        code=each.code,
        product_id=product_of(each),
        product_name=f"Camarad {each.name}",
        lookup_key=each.lookup_key or "",
        amount=each.price_eur_cents,
        interval="month" if is_plan else None,
        feature=each.feature if isinstance(each, Plan) else None,
    )


def differences(item: Item, found: Found) -> list[Difference]:
    return [*_of_product(item, found.product), *_of_price(item, found.price), *_of_feature(item, found)]


def _of_product(item: Item, product: Obj | None) -> list[Difference]:
    if product is None:
        return [Difference(item.code, "product", "missing", item.product_id)]
    pairs = [("product", "active" if product["active"] else "archived", "active")]
    pairs += [("product name", product["name"], item.product_name)]
    return _differing(item, pairs)


def _of_price(item: Item, price: Obj | None) -> list[Difference]:
    if price is None:
        return [Difference(item.code, "lookup key", "on no price", item.lookup_key)]
    every = price.get("recurring")
    pairs = [
        ("price", "active" if price["active"] else "archived", "active"),
        ("product of the price", price["product"], item.product_id),
        ("amount", str(price["unit_amount"]), str(item.amount)),
        ("currency", price["currency"], CURRENCY),
        ("interval", _interval(every), item.interval or "once"),
        ("tax behavior", str(price.get("tax_behavior")), TAX),
        ("mark", str(price["metadata"].get(MARK)), item.lookup_key),
    ]
    return _differing(item, pairs)


def _interval(every: Obj | None) -> str:
    if every is None:
        return "once"
    count = every.get("interval_count", 1)
    usage = "" if every.get("usage_type", "licensed") == "licensed" else f" {every['usage_type']}"
    return (every["interval"] if count == 1 else f"{count} {every['interval']}s") + usage


def _of_feature(item: Item, found: Found) -> list[Difference]:
    if item.feature is None:
        return [Difference(item.code, "feature", key, "none") for key in sorted(found.features)]
    differing = []
    if found.feature is None:
        differing.append(Difference(item.code, "feature", "missing", item.feature))
    elif not found.feature["active"]:
        differing.append(Difference(item.code, "feature", "archived", "active"))
    if item.feature not in found.features:
        differing.append(Difference(item.code, "feature of the product", "missing", item.feature))
    differing += [
        Difference(item.code, "feature of the product", key, "none") for key in sorted(found.features - {item.feature})
    ]
    return differing


def _differing(item: Item, pairs: list[tuple[str, str, str]]) -> list[Difference]:
    return [Difference(item.code, field, has, wanted) for field, has, wanted in pairs if has != wanted]


OF_PRICE: Final = frozenset(
    {"lookup key", "price", "product of the price", "amount", "currency", "interval", "tax behavior"}
)


def needs_new_price(found: list[Difference]) -> bool:
    return any(each.field in OF_PRICE for each in found)
