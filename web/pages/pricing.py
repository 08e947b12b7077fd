"""What the plans and packs cost and hold. Buttons are those that work for this reader on this server."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from billing.entitlements import COUNTED
from billing.plans import PACKS
from web.access import CurrentServices, find_signed_in, router
from web.billing.offers import manages, offers
from web.billing.till import open_till
from web.pages.leaving import may_leave
from web.pages.render import page

routes = router("public", "pages")


@routes.get("/pricing", response_class=Response, summary="Prices")
async def pricing(request: Request, services: CurrentServices) -> Response:
    who, till = await find_signed_in(request), open_till(services)
    subscription = await till.subscription(who.workspace_id) if who else None
    response = page(
        request,
        "pricing.html",
        private=False,
        offers=offers(services.settings, configured=till.configured, who=who, subscription=subscription),
        packs=PACKS,
        configured=till.configured,
        test_mode=till.test_mode,
        manages=who is not None and manages(who),
        counted=COUNTED,
        settings=services.settings,
    )
    return may_leave(response, till) if who else response
