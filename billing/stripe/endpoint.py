"""Where Stripe is to send its events. Only for the emulator of the demo: at Stripe an operator makes the endpoint once,
in the dashboard, and puts its secret into STRIPE_WEBHOOK_SECRETS.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from billing.stripe.client import PAGE, StripeApi
from camarad.settings import Settings

DEMO_KEY: Final = "sk_test_camarad_demo"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
EVENTS: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.trial_will_end",
    "entitlements.active_entitlement_summary.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
)
OURS: Final = "Camarad's demo"


def is_emulated(settings: Settings) -> bool:
    """Whether payments go to the demo's emulator: its fixed key, on this machine."""
    key, base = settings.stripe_secret_key, settings.stripe_api_base
    return (
        key is not None
        and key.get_secret_value() == DEMO_KEY
        and base is not None
        and urlsplit(base).hostname in LOOPBACK
    )


async def ensure_webhook_endpoint(api: StripeApi, settings: Settings, url: str) -> str:
    """Make the endpoint anew and give its secret, which is told once only; those of earlier starts are removed."""
    if not is_emulated(settings):
        raise ValueError("webhook endpoints are made at the emulator only")
    for old in await api.listed(lambda v1: v1.webhook_endpoints.list_async({"limit": PAGE})):
        if old.get("description") == OURS:
            old_id = old["id"]
            await api.ask(lambda v1, it=old_id: v1.webhook_endpoints.delete_async(it))  # type: ignore[misc]
    asked = {"url": url, "enabled_events": list(EVENTS), "description": OURS}
    made = await api.ask(lambda v1: v1.webhook_endpoints.create_async(asked))
    return str(made["secret"])
