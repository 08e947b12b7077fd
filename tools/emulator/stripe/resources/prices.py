"""Prices. What one costs never changes; its lookup key may move to another."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

MOST = 99_999_999
CURRENCIES = ("eur", "usd", "gbp", "ron", "chf", "pln", "huf", "czk", "sek", "nok", "dkk", "bgn", "cad", "aud", "jpy")
UNSERVED = ("tiers", "tiers_mode", "transform_quantity", "custom_unit_amount", "currency_options")


def create(world: World, params: Params) -> Obj:
    amount = _amount(params)
    price = world.make(
        "price",
        active=params.get("active", True),
        billing_scheme="per_unit",
        currency=currency(params["currency"]),
        product=_product(world, params),
        type="recurring" if params.get("recurring") else "one_time",
        recurring=_recurring(params.get("recurring")),
        unit_amount=amount,
        unit_amount_decimal=str(amount),
        nickname=params.get("nickname"),
        tax_behavior=params.get("tax_behavior", "unspecified"),
        metadata=metadata.given(params),
        lookup_key=None,
    )
    if params.get("lookup_key"):
        price["lookup_key"] = _taken(world, params)
    emit(world, "price.created", price)
    return price


def _amount(params: Params) -> int:
    for name in UNSERVED:
        if name in params:
            raise StripeError(f"The emulator has no {name}; see docs/stripe-emulator.md.", param=name)
    if "unit_amount" not in params:
        raise required("unit_amount")
    amount: int = params["unit_amount"]
    if not 0 <= amount <= MOST:
        raise StripeError(
            f"This value must be greater than or equal to 0 and at most {MOST}.",
            code="parameter_invalid_integer",
            param="unit_amount",
        )
    return amount


def currency(text: str) -> str:
    if text.lower() not in CURRENCIES:
        raise StripeError(f"Invalid currency: {text}.", param="currency")
    return text.lower()


def _product(world: World, params: Params) -> str:
    if "product_data" in params:
        from tools.emulator.stripe.resources import products

        return str(products.create(world, params["product_data"])["id"])
    if "product" not in params:
        raise required("product")
    return str(world.refer("product", params["product"], "product")["id"])


def _recurring(given: Params | None) -> Obj | None:
    if not given:
        return None
    if given.get("usage_type", "licensed") != "licensed":
        raise StripeError("The emulator has no metered prices.", param="recurring[usage_type]")
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "usage_type": "licensed",
    }


def _taken(world: World, params: Params) -> str:
    """The lookup key, taken from the price that had it when the caller says so."""
    key = str(params["lookup_key"])
    for other in world.store.all("price", lambda price: price["lookup_key"] == key):
        if not params.get("transfer_lookup_key"):
            raise StripeError(f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key")
        changed(world, other, "price.updated", lookup_key=None)
    return key


def retrieve(world: World, params: Params, price_id: str) -> Obj:
    return world.get("price", price_id)


def update(world: World, params: Params, price_id: str) -> Obj:
    price = world.get("price", price_id)
    fields: dict[str, Any] = {name: params[name] for name in ("active", "nickname", "tax_behavior") if name in params}
    if "lookup_key" in params and params["lookup_key"] != price["lookup_key"]:
        fields["lookup_key"] = _taken(world, params) if params["lookup_key"] else None
    changed(world, price, "price.updated", **fields, metadata=metadata.merged(price, params))
    return price


def listing(world: World, params: Params) -> Obj:
    keys, recurring = params.get("lookup_keys"), params.get("recurring") or {}

    def wanted(price: Obj) -> bool:
        same = all(price[name] == params[name] for name in ("active", "currency", "product", "type") if name in params)
        return (
            same
            and (not keys or price["lookup_key"] in keys)
            and ("interval" not in recurring or (price["recurring"] or {}).get("interval") == recurring["interval"])
        )

    return page(world, "price", params, "/v1/prices", wanted)


ROUTES = (
    Route("POST", "/v1/prices", create),
    Route("GET", "/v1/prices", listing),
    Route("GET", "/v1/prices/{price}", retrieve),
    Route("POST", "/v1/prices/{price}", update),
)
