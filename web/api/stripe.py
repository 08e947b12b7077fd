"""Where Stripe's events come in. Public by class: the signature says who is there."""

from __future__ import annotations

from starlette.requests import Request

from billing.stripe.signature import MOST_BYTES, WebhookTooLarge
from web.access import CurrentServices, router

routes = router("public", "billing", prefix="/api/stripe")


@routes.post("/webhook", summary="An event from Stripe, signed")
async def webhook(request: Request, services: CurrentServices) -> dict[str, str]:
    """Stored and then acted on; answered before that, as Stripe asks for."""
    payload = await _body(request)
    event_id = await services.payments.handle_event(payload, request.headers.get("stripe-signature"))
    return {"received": event_id}


async def _body(request: Request) -> bytes:
    """Exactly the bytes that were signed, and no more than an event has."""
    payload = bytearray()
    async for chunk in request.stream():
        payload += chunk
        if len(payload) > MOST_BYTES:
            raise WebhookTooLarge(f"An event is at most {MOST_BYTES:,} bytes.")
    return bytes(payload)
