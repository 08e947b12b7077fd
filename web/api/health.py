"""Is the process up, and can it work."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import JSONResponse

from camarad import __version__, second_wall
from camarad.migrate import is_current
from web.access import CurrentServices, router
from web.services import Services

routes = router("public", "health")
PATIENCE = 5.0


@routes.get("/healthz", summary="The process is up")
async def healthz() -> dict[str, str]:
    return {"status": "ok", "version": __version__}


@routes.get("/readyz", summary="Database, migrations, isolation, model door and the demo data are ready")
async def readyz(services: CurrentServices) -> JSONResponse:
    checks = await check(services)
    ready = all(c["ok"] for c in checks.values())
    return JSONResponse({"status": "ready" if ready else "not_ready", "checks": checks}, 200 if ready else 503)


async def check(services: Services) -> dict[str, dict[str, Any]]:
    try:
        current = await asyncio.wait_for(is_current(services.database), PATIENCE)
    except TimeoutError:
        current = False
    door = dict(services.door.ready())
    ok = bool(door.pop("ok", True))
    checks = {"database": {"ok": current}, "model": {"ok": ok, **door}}
    if current and not services.database.is_sqlite:
        checks["isolation"] = await _second_wall(services)
    checks |= {name: {"ok": alive()} for name, alive in services.emulators.items()}
    return checks


async def _second_wall(services: Services) -> dict[str, Any]:
    """Whether PostgreSQL itself keeps clients apart. A server whose database would not is not ready."""
    try:
        standing = await asyncio.wait_for(second_wall.standing(services.database.reader), PATIENCE)
    except TimeoutError:
        return {"ok": False, "problems": ["the database did not answer in time"]}
    return {"ok": not standing.problems, "problems": standing.problems, "advice": standing.advice}
