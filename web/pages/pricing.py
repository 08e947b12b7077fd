"""What the plans and packs cost and hold. Buttons are those that work for this reader on this server."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from billing.entitlements import COUNTED
from billing.plans import PACKS
from web.access import CurrentServices, find_signed_in, router
from web.billing.offers import manages, offers
from web.billing.standing import mode
from web.pages.leaving import may_leave
from web.pages.render import page

routes = router("public", "pages")


@routes.get("/pricing", response_class=Response, summary="Prices")
async def pricing(request: Request, services: CurrentServices) -> Response:
    who, payments = await find_signed_in(request), services.payments
    status = await payments.status(who.workspace_id) if who else None
    response = page(
        request,
        "pricing.html",
        private=False,
        offers=offers(services.settings, configured=payments.configured, who=who, status=status),
        packs=PACKS,
        configured=payments.configured,
        mode=mode(payments),
        manages=who is not None and manages(who),
        counted=COUNTED,
        settings=services.settings,
    )
    return may_leave(response, services) if who else response
