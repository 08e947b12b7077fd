"""The workspace's record of security-relevant acts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from web import audit
from web.access import CurrentServices, CurrentUser, router

routes = router("user", "workspace", prefix="/api")


@routes.get("/audit", summary="Who did what that matters for security, newest first")
async def list_events(
    who: CurrentUser,
    services: CurrentServices,
    limit: Annotated[int, Query(description="Most events to give, up to 500")] = 100,
) -> dict[str, Any]:
    """Owners and admins see the whole workspace's, members their own."""
    return {"events": await audit.events(services, who, limit)}
