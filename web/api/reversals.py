"""For operators: payments that went back, and the CT that could not be taken back with them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from billing.stripe import losses
from web.access import CurrentServices, router

routes = router("internal", "billing", prefix="/api/billing")


@routes.get("/reversals", summary="Refunds and disputes of all workspaces, with the CT that were used already")
async def reversals(
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=losses.MOST, description="Rows, at most; the newest")] = losses.LIMIT,
    missing: Annotated[bool, Query(description="Only those of which CT are missing")] = False,
) -> dict[str, Any]:
    """`ct_taken` and `ct_missing` are of packs: what was taken out of the balance, and what had been used by then."""
    return await losses.losses(services.database, limit, only_lost=missing)
