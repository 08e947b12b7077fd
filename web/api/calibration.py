"""For operators: what prices should be by what calls cost, and the two steps that make them so."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from billing import calibration
from web.access import CurrentServices, router
from web.audit import audited

routes = router("internal", "billing", prefix="/api/billing")


class Step(BaseModel):
    """`shadow` makes the proposal the recorded price; `debit`, a day of shadow later, what Phase 3 charges."""

    id: str | None = Field(None, max_length=120, description="Id of a proposal that was shown")
    scope: Literal["shadow", "debit"] = "shadow"


@routes.get("/calibration-proposal", summary="What the rate should be, by the calls of a window")
async def proposal(
    services: CurrentServices,
    window_hours: Annotated[int, Query(description="Hours of traffic, 24 to 720")] = 48,
    until: Annotated[datetime | None, Query(description="End of an earlier window, to see its proposal again")] = None,
    invoiced_eur_micro: Annotated[int | None, Query(description="What providers charged for the window")] = None,
) -> dict[str, Any]:
    ask = calibration.Ask(window_hours, until, invoiced_eur_micro)
    return await calibration.propose(services.settings, services.database, services.clock, ask)


@routes.post("/calibration-apply", summary="Apply a proposal, or promote an applied one", **audited("rate_changed"))
async def apply(services: CurrentServices, step: Step) -> dict[str, Any]:
    where = services.settings, services.database, services.clock
    if step.scope == "debit" and step.id:
        return {"rate": await calibration.promote(*where, step.id)}
    return {"rate": await calibration.apply(*where, step.id)}


@routes.get("/calibration-check", summary="How an applied proposal has done in the shadow")
async def check(
    services: CurrentServices, proposal_id: Annotated[str, Query(alias="id", max_length=120)]
) -> dict[str, Any]:
    return await calibration.check(services.settings, services.database, services.clock, proposal_id)


@routes.get("/plan-recommendations", summary="What plans earn, and what would bring them to the margin wanted")
async def plan_recommendations(
    services: CurrentServices, window_days: Annotated[int, Query(description="Days of traffic, 1 to 30")] = 7
) -> dict[str, Any]:
    return await calibration.recommend(services.settings, services.database, services.clock, window_days)
