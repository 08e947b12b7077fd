"""What a Checkout session says of tax. There are no rates here: as in an account that is registered nowhere, tax is
reckoned and nothing is added."""

from __future__ import annotations

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.types import Obj, Params

SELF = {"type": "self"}
NEEDS_ADDRESS = (
    "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the "
    "Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the "
    "address entered in Checkout to the Customer."
)
NEEDS_NAME = (
    "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing "
    "customer, please set `customer_update[name]` to `auto`."
)


def of_session(params: Params, customer: Obj | None) -> Obj:
    """Its fields. StripeError where Stripe could not keep what it would have to ask for."""
    automatic, ids = on(params, "automatic_tax"), on(params, "tax_id_collection")
    kept: Params = params.get("customer_update") or {}
    if kept and customer is None:
        raise StripeError("`customer_update` can only be used with `customer`.", param="customer_update")
    if customer is not None:
        located = customer.get("address") or "auto" in (kept.get("address"), kept.get("shipping"))
        if automatic and not located:
            raise StripeError(NEEDS_ADDRESS, code="customer_tax_location_invalid")
        if ids and kept.get("name") != "auto":
            raise StripeError(NEEDS_NAME, param="customer_update[name]")
    return {
        "automatic_tax": {
            "enabled": automatic,
            "liability": SELF if automatic else None,
            "provider": "stripe" if automatic else None,
            "status": "requires_location_inputs" if automatic else None,
        },
        "tax_id_collection": {"enabled": ids, "required": "never", **(params.get("tax_id_collection") or {})},
        "_customer_update": kept,
    }


def located(session: Obj) -> None:
    """The page was filled in."""
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"] = {**session["automatic_tax"], "status": "complete"}


def of_subscription(params: Params) -> Obj:
    automatic = on(params, "automatic_tax")
    return {"enabled": automatic, "disabled_reason": None, "liability": SELF if automatic else None}


def of_invoice(subscription: Obj | None) -> Obj:
    automatic = subscription is not None and on(subscription, "automatic_tax")
    return {
        "enabled": automatic,
        "disabled_reason": None,
        "liability": SELF if automatic else None,
        "provider": "stripe" if automatic else None,
        "status": "complete" if automatic else None,
    }


def on(params: Params, name: str) -> bool:
    return bool((params.get(name) or {}).get("enabled"))
