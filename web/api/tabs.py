"""The connectors' tabs as JSON."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from camarad.errors import BadInput
from tools.connectors.tabs import RangeRequest, TabReport, tab_json
from tools.connectors.tabs.read import TABS
from tools.connectors.tabs.report import DEFAULT_COMPARE, DEFAULT_LIMIT, DEFAULT_RANGE, MOST_ROWS
from tools.ranges import ALLOWED, MAX_DAYS
from tools.record import Provider
from web.access import CurrentScope, CurrentServices, router

routes = router("client", "connectors", prefix="/api/connectors")

Named = Annotated[str | None, Query(alias="range", max_length=60, description=ALLOWED)]
CompareText = Annotated[str, Query(max_length=60, description="previous, year (364 days earlier) or none.")]
Refresh = Annotated[bool, Query(description="Read anew instead of answering from the cache.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="At most so many rows in each table.")]
Days = Annotated[int | None, Query(ge=1, le=MAX_DAYS, description="The last so many days, instead of `range`.")]


async def ga4_request(
    named: Named = None,
    compare: CompareText = DEFAULT_COMPARE,
    refresh: Refresh = False,
    limit: Limit = DEFAULT_LIMIT,
) -> RangeRequest:
    return RangeRequest(named or DEFAULT_RANGE, compare, refresh, limit)


async def ads_request(
    named: Named = None,
    days: Days = None,
    compare: CompareText = DEFAULT_COMPARE,
    refresh: Refresh = False,
    limit: Limit = DEFAULT_LIMIT,
) -> RangeRequest:
    if named is not None and days is not None:
        raise BadInput("Both range and days are given.", hint="Give one of them.")
    return RangeRequest(f"{days}days" if days is not None else named or DEFAULT_RANGE, compare, refresh, limit)


REQUESTS = {"ga4": ga4_request, "google-ads": ads_request}
NAMES = {"ga4": "GA4", "google-ads": "Google Ads"}


def add(to: APIRouter, provider: Provider, tab: str, title: str) -> None:
    """One route a tab, so that the OpenAPI document has each by its own address."""
    asked = Annotated[RangeRequest, Depends(REQUESTS[provider])]

    async def read(scope: CurrentScope, services: CurrentServices, request: asked) -> Response:
        body = await tab_json(services.connectors, scope, provider, tab, request)
        return Response(body, media_type="application/json")

    to.add_api_route(
        f"/{provider}/{tab}",
        read,
        response_model=TabReport,
        summary=f"{NAMES[provider]}: {title}",
        name=f"{provider}_{tab}".replace("-", "_"),
    )


for _provider, _tabs in TABS.items():
    for _tab in _tabs.values():
        add(routes, _provider, _tab.name, _tab.title)
