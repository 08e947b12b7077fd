"""GoogleAdsService: search, in pages and as a stream."""

from __future__ import annotations

from typing import Any

import duckdb
import grpc
from google.ads.googleads.v26.services.types import google_ads_service as types

from tools.emulator.ads import failure
from tools.emulator.ads.access import account_of
from tools.emulator.ads.execute import Target, statement
from tools.emulator.ads.gaql import parse
from tools.emulator.ads.rows import RowMaker
from tools.emulator.rpc import Api, Caller, Method
from tools.emulator.world import World

PAGE = 10_000


class SearchService:
    def __init__(self, world: World) -> None:
        self._world = world

    def search(self, request: Any, caller: Caller) -> types.SearchGoogleAdsResponse:
        rows, columns = self._run(request, caller)
        start = _page_start(request.page_token)
        more = start + PAGE < len(rows)
        response = types.SearchGoogleAdsResponse(
            results=rows[start : start + PAGE],
            field_mask={"paths": columns},
            next_page_token=str(start + PAGE) if more else "",
        )
        if request.search_settings.return_total_results_count:
            response.total_results_count = len(rows)
        return response

    def search_stream(self, request: Any, caller: Caller) -> list[types.SearchGoogleAdsStreamResponse]:
        rows, columns = self._run(request, caller)
        return [
            types.SearchGoogleAdsStreamResponse(results=rows[start : start + PAGE], field_mask={"paths": columns})
            for start in range(0, max(len(rows), 1), PAGE)
        ]

    def _run(self, request: Any, caller: Caller) -> tuple[list[types.GoogleAdsRow], list[str]]:
        own = account_of(self._world, request.customer_id, caller)
        query = parse(request.query)
        target = Target(own.id, own.number, own.is_manager, self._world.today(own))
        made = statement(query, target)
        try:
            found = self._world.store.query(made.sql, made.arguments)
        except duckdb.InvalidInputException as error:  # a regular expression that cannot be read
            raise failure.query_error("BAD_VALUE", f"Error in query: {error}.") from error
        maker = RowMaker(made.columns)
        return [maker.make(values) for values in found], query.select


def _page_start(token: str) -> int:
    if token and not token.isdigit():
        raise failure.failure(
            grpc.StatusCode.INVALID_ARGUMENT, "request_error", "INVALID_PAGE_TOKEN", "Page token is invalid."
        )
    return int(token or 0)


def api(world: World) -> Api:
    service = SearchService(world)

    def target(request: Any) -> str:
        return str(request.customer_id)

    methods = (
        Method("Search", types.SearchGoogleAdsRequest, service.search, target=target),
        Method("SearchStream", types.SearchGoogleAdsStreamRequest, pages=service.search_stream, target=target),
    )
    return Api({m.name: m for m in methods}, failure.fault, failure.unauthenticated)
