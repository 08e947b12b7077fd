"""What the workspace has and may use. Nothing can be bought in this version, and the page says so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from billing import wallet
from billing.plans import plan
from web.access import CurrentServices, CurrentUser, router
from web.pages.render import page

routes = router("user", "pages")


@routes.get("/settings/billing", response_class=Response, summary="Balance, caps and plan")
async def billing_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return page(
        request,
        "billing.html",
        balance=await wallet.snapshot(services.database, who.workspace_id, services.settings, services.clock),
        plan=plan(who.plan_code),
        request_cap=services.settings.max_ct_per_request,
    )
