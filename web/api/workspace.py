"""The workspace's own balance, plan and usage."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from billing import plans, usage, wallet
from web.access import CurrentServices, CurrentUser, router

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
