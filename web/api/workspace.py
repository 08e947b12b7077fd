"""The workspace's own balance, plan and usage."""

from __future__ import annotations

from typing import Annotated, Any, get_args

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


@public_routes.get("/plans", summary="The plans and the packs of CT, in EUR without VAT")
async def list_plans(services: CurrentServices) -> dict[str, Any]:
    payments = services.payments
    return {
        "currency": "EUR",
        "tax": "excluded",
        "checkout": {"configured": payments.configured, "test_mode": payments.configured and payments.test_mode},
        "plans": [plan_view(each) for each in plans.PLANS],
        "packs": [pack_view(each) for each in plans.PACKS],
    }


def plan_view(plan: plans.Plan) -> dict[str, Any]:
    """`ct_included` come with each paid month, or once with a plan that nobody pays for."""
    return {
        "code": plan.code,
        "name": plan.name,
        "price_eur_cents_per_month": plan.price_eur_cents,
        "paid": plan.paid,
        "available": plan.available,
        "ct_included": plan.ct_included,
        "ct_included_every": "month" if plan.paid else "once",
        "daily_ct_cap": plan.daily_ct_cap,
        **{f"max_{limit}": plan.limit(limit) for limit in get_args(plans.Limit)},
        "lookup_key": plan.lookup_key,
    }


def pack_view(pack: plans.Pack) -> dict[str, Any]:
    return {
        "code": pack.code,
        "name": pack.name,
        "price_eur_cents": pack.price_eur_cents,
        "ct": pack.ct,
        "lookup_key": pack.lookup_key,
    }


@routes.get("/user/snapshot", summary="Balance, caps and plan")
async def snapshot(who: CurrentUser, services: CurrentServices) -> dict[str, Any]:
    found = await wallet.snapshot(services.database, who.workspace_id, services.settings, services.clock)
    return {**found, "plan": {**found["plan"], "status": await services.payments.plan_status(who.workspace_id)}}


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
