"""For operators: what the model calls cost and what was charged for them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from billing import shadow, telemetry
from web.access import CurrentServices, router
from web.audit import audited

routes = router("internal", "billing", prefix="/api/billing")


@routes.get("/cost-telemetry", summary="Cost and CT of all model calls, 24 hours and 7 days")
async def cost_telemetry(
    services: CurrentServices,
    window: Annotated[int, Query(description="Hours of the tables by model, agent and workspace: 24, 48 or 168")] = 24,
) -> dict[str, Any]:
    where = services.database, services.clock
    return await telemetry.telemetry(*where, window, services.settings, written=services.door.written)


@routes.post("/shadow-sync", summary="Price calls that had no price; no CT move", **audited("shadow_synced"))
async def shadow_sync(
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=shadow.MOST, description="Rows to look at, at most")] = shadow.LIMIT,
    after: Annotated[str, Query(description="The `next` of the answer before")] = "",
) -> dict[str, Any]:
    return await shadow.sync(services.database, services.settings, services.clock, limit, after)
