"""What a Checkout is asked for with: who buys what, and where the page sends people back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from billing.plans import Pack, Plan
from billing.stripe.accounts import Payer
from billing.stripe.client import Obj

PLACEHOLDER: Final = "{CHECKOUT_SESSION_ID}"  # Stripe puts the id there


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the hosted pages send people back to, whole addresses. `success` gets `checkout=<id>` in its query."""

    success: str
    cancel: str

    def completed(self) -> str:
        return f"{self.success}{'&' if urlsplit(self.success).query else '?'}checkout={PLACEHOLDER}"


TAXED: Final[Obj] = {  # https://docs.stripe.com/tax/checkout: a customer that is there already keeps what was typed
    "automatic_tax": {"enabled": True},
    "billing_address_collection": "required",
    "tax_id_collection": {"enabled": True},
    "customer_update": {"address": "auto", "name": "auto"},
}


def checkout(payer: Payer, item: Plan | Pack, price_id: str, customer: str, urls: Urls, *, taxed: bool = False) -> Obj:
    """`taxed`: by Stripe Tax, which needs to know where the buyer is and whether it is a business."""
    about = {"camarad_workspace": payer.workspace_id, "camarad_code": item.code}
    asked: Obj = {
        "customer": customer,
        "client_reference_id": payer.workspace_id,
        "line_items": [{"price": price_id, "quantity": 1}],
        "success_url": urls.completed(),
        "cancel_url": urls.cancel,
        "locale": payer.language,
        "metadata": about,
        **(TAXED if taxed else {}),
    }
    if isinstance(item, Plan):
        return {**asked, "mode": "subscription", "subscription_data": {"metadata": about}}
    paid_once = {"payment_intent_data": {"metadata": about}, "invoice_creation": {"enabled": True}}
    return {**asked, "mode": "payment", **paid_once}
