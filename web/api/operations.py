"""For operators: metrics."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from web.access import CurrentServices, router

routes = router("internal", "operations")


@routes.get("/metrics", response_class=Response, summary="Prometheus metrics")
async def metrics(services: CurrentServices) -> Response:
    return Response(services.metrics.render(), media_type=CONTENT_TYPE_LATEST)
