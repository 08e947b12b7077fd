"""Whether an event was sent by Stripe, just now: https://docs.stripe.com/webhooks/signature.

The library checks the signature. The time it checks on one side only, and by the machine's clock; here both sides are
bounded: an old delivery may be a replay, and one from the future could be replayed until its time comes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from camarad.errors import BadInput, Misconfigured

TOLERANCE: Final = 300  # seconds a delivery may be old; Stripe's own default
SKEW: Final = 60  # seconds by which its clock may be ahead of ours
MOST_BYTES: Final = 512 * 1024


class WebhookRefused(BadInput):
    code = "stripe_signature"
    status: ClassVar[int] = 400
    default_hint = "Only Stripe sends events here, signed with a secret in STRIPE_WEBHOOK_SECRETS."


class WebhookTooLarge(WebhookRefused):
    code = "too_large"
    status: ClassVar[int] = 413


def verified(payload: bytes, header: str | None, secrets: Sequence[str], now: datetime) -> dict[str, Any]:
    """The event. Raises WebhookRefused for anything that Stripe did not sign with one of the secrets just now."""
    if len(payload) > MOST_BYTES:
        raise WebhookTooLarge(f"An event is at most {MOST_BYTES:,} bytes.")
    if not secrets:
        raise Misconfigured("No webhook secret is configured.", code="payments_not_configured")
    if not header or not any(_signed(payload, header, secret) for secret in secrets):
        raise WebhookRefused("The signature is not one of Stripe's for this endpoint.")
    _in_time(header, now)
    return _event(payload)


def _signed(payload: bytes, header: str, secret: str) -> bool:
    import stripe

    try:
        stripe.WebhookSignature.verify_header(payload, header, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _in_time(header: str, now: datetime) -> None:
    """The first `t`, which is the one that the library signed with."""
    sent = int(next(part[2:] for part in header.split(",") if part.startswith("t=")).strip())
    age = int(now.timestamp()) - sent
    if age > TOLERANCE:
        raise WebhookRefused(f"The event was signed {age} seconds ago.", code="stripe_replay")
    if age < -SKEW:
        raise WebhookRefused(f"The event was signed {-age} seconds in the future.", code="stripe_future")


def _event(payload: bytes) -> dict[str, Any]:
    try:
        event = json.loads(payload)
    except ValueError as error:
        raise WebhookRefused("The body is no JSON.", code="stripe_event") from error
    shaped = isinstance(event, dict) and event.get("object") == "event"
    if not shaped or not isinstance((event.get("data") or {}).get("object"), dict):
        raise WebhookRefused("This is no event of a kind that is handled here.", code="stripe_event")
    if not all(isinstance(event.get(name), str) and event[name] for name in ("id", "type")):
        raise WebhookRefused("The event has no id or no type.", code="stripe_event")
    found: dict[str, Any] = event
    return found
