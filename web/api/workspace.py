"""The workspace's own balance, plan and usage."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from billing import plans, usage, wallet
from web.access import CurrentServices, CurrentUser, router
from web.audit import audited
from web.takeout.confirm import Confirmed, confirmed, owned
from web.takeout.erase import erase
from web.takeout.export import export

routes = router("user", "workspace", prefix="/api")
public_routes = router("public", "workspace", prefix="/api/pricing")


@public_routes.get("/plans", summary="The plans, in EUR")
async def list_plans() -> dict[str, Any]:
    return {"currency": "EUR", "plans": [plan_view(p) for p in plans.PLANS]}


def plan_view(plan: plans.Plan) -> dict[str, Any]:
    return {
        "code": plan.code,
        "name": plan.name,
        "price_eur_cents_per_month": plan.price_eur_cents,
        "max_clients": plan.max_clients,
        "available": plan.available,
    }


@routes.get("/user/snapshot", summary="Balance, caps and plan")
async def snapshot(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    return await wallet.snapshot(services.database, who.workspace_id, services.settings, services.clock)


@routes.get("/usage", summary="The workspace's model calls and their totals")
async def list_usage(
    who: CurrentUser,
    services: CurrentServices,
    window: Annotated[int, Query(description="Hours back: 24 or 168")] = 24,
) -> dict[str, Any]:
    return await usage.usage(services.database, who.workspace_id, window, services.clock)


@routes.get(
    "/workspace/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "One JSON-lines file a table"}},
    summary="Everything that is stored of the workspace, as a ZIP",
    **audited("workspace_exported"),
)
async def export_workspace(who: CurrentUser, services: CurrentServices) -> StreamingResponse:
    """For its owner. Tokens, passwords and hashes of both are left out."""
    owned(who)
    now = services.clock.now()
    pieces = export(services.database, who.workspace_id, who.workspace_name, now)
    name = f'attachment; filename="camarad-workspace-{now:%Y-%m-%d}.zip"'
    return StreamingResponse(pieces, media_type="application/zip", headers={"Content-Disposition": name})


@routes.post("/workspace/erase", status_code=204, summary="Erase the workspace and everything in it")
async def erase_workspace(body: Confirmed, who: CurrentUser, services: CurrentServices) -> Response:
    """For its owner, who names the workspace and, where there is one, gives their password. What accounting law wants
    kept stays: invoices, refunds and disputes."""
    await confirmed(services, who, body)
    await erase(services, who)
    return Response(status_code=204)
