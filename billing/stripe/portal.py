"""What customers may do in Stripe's portal: one configuration of ours, told apart by its metadata.

The portal follows the same rules as we do: a dearer plan at once and paid at once, a cheaper one and the end with the
period.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from billing.stripe.catalog import Difference
from billing.stripe.client import PAGE, StripeApi
from billing.stripe.prices import PAID_PLANS, product_of
from camarad.ids import new_id

Obj = dict[str, Any]
OURS: Final = {"camarad": "portal"}
CODE: Final = "portal"


def features(prices: Mapping[str, Obj]) -> Obj:
    """`prices` are the catalogue's, by lookup key."""
    sold = [
        {"product": product_of(each), "prices": [prices[each.lookup_key or ""]["id"]]}
        for each in PAID_PLANS
        if each.available and each.lookup_key and each.lookup_key in prices
    ]
    return {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["address", "tax_id", "name", "email"]},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "none"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": sold,
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
        },
    }


async def find(api: StripeApi) -> Obj | None:
    found = await api.listed(lambda v1: v1.billing_portal.configurations.list_async({"active": True, "limit": PAGE}))
    return next((each for each in found if OURS.items() <= (each.get("metadata") or {}).items()), None)


async def mend(api: StripeApi, found: Obj | None, wanted: Obj) -> None:
    if found is not None:
        found_id, changes = found["id"], {"features": wanted}
        await api.ask(lambda v1: v1.billing_portal.configurations.update_async(found_id, changes))
        return
    made = {"features": wanted, "metadata": OURS}
    key = {"idempotency_key": f"camarad:portal:{new_id()}"}
    await api.ask(lambda v1: v1.billing_portal.configurations.create_async(made, key))


def differences(found: Obj | None, wanted: Obj) -> list[Difference]:
    if found is None:
        return [Difference(CODE, "configuration", "missing", "one of ours")]
    has = found["features"]
    return [
        Difference(CODE, f"{feature}.{name}", _spoken(has[feature].get(name)), _spoken(value))
        for feature, options in wanted.items()
        for name, value in options.items()
        if not _same(has[feature].get(name), value)
    ]


def _same(found: Any, wanted: Any) -> bool:
    """Stripe adds what it fills in itself, and keeps lists of words in an order of its own."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_same(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        rest = list(found or [])
        return len(rest) == len(wanted) and all(any(_same(each, one) for each in rest) for one in wanted)
    return bool(found == wanted)


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_spoken(each) for each in value) or "nothing"
    if isinstance(value, dict):
        return " ".join(_spoken(each) for each in value.values())
    return str(value)
