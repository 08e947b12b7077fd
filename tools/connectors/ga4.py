"""Google Analytics 4 for one client: reports, funnels, realtime."""

from __future__ import annotations

import difflib
from datetime import date
from typing import Any

from tools.connectors import errors, google
from tools.connectors.cache import REALTIME, SETTLED, Kept, ttl
from tools.connectors.detours import detouring
from tools.connectors.errors import ConnectorError
from tools.connectors.ga4_funnels import read_funnel
from tools.connectors.ga4_requests import funnel_request, realtime_request, report_request
from tools.connectors.ga4_responses import quota_warnings, read_quota, read_report, read_warnings
from tools.connectors.queries import Ga4Query
from tools.connectors.report import Answer, Report
from tools.connectors.session import Metadata, Session
from tools.ranges import Window
from tools.result import Period

MOST_REPORTS = 5  # of one batch, by the API
Batch = tuple[tuple[Report, ...], list[str], dict[str, Any] | None]


class Ga4Connector:
    """Bound to one scope's connection. One `reports` is one upstream call, whatever the number of its queries."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._property = f"properties/{session.account}"

    @property
    def timezone(self) -> str:
        return self._session.timezone

    @property
    def currency(self) -> str | None:
        return self._session.view.currency

    @property
    def session(self) -> Session:
        return self._session

    def today(self) -> date:
        return self._session.today()

    @detouring
    async def reports(self, window: Window, *queries: Ga4Query) -> Answer:
        if not 1 <= len(queries) <= MOST_REPORTS:
            raise ValueError("a batch has one to five reports")
        try:
            kept = await self._session.kept(
                ("reports", window.current, window.compare, queries),
                ttl(window.current, window.today),
                lambda: self._batch(window, queries),
            )
        except ConnectorError as error:
            if error.kind == "invalid":
                error.hint = await self._help(queries) or error.hint
            raise
        return self._answer(window, kept)

    def _answer(self, window: Window | None, kept: Kept[Batch]) -> Answer:
        reports, warnings, quota = kept.value
        return Answer(reports, self._session.meta(window, [kept], warnings, quota))

    async def _batch(self, window: Window, queries: tuple[Ga4Query, ...]) -> Batch:
        await google.ready("ga4")
        requests = [report_request(q, self._property, window, quota=n == 0) for n, q in enumerate(queries)]
        request = google.ga4().BatchRunReportsRequest(property=self._property, requests=requests)
        client = self._session.channels.ga4(self._session.route.endpoint)

        async def send(metadata: Metadata, seconds: float) -> Any:
            answer = await client.batch_run_reports(request, metadata=metadata, timeout=seconds, retry=None)
            if len(answer.reports) != len(requests):
                raise errors.bad_answer("ga4")
            return answer

        response = await self._session.call(send)
        found = list(response.reports)
        quota = read_quota(found[0])
        reports = tuple(read_report(each, query, window) for each, query in zip(found, queries, strict=True))
        return reports, read_warnings(found) + quota_warnings(quota), quota

    @detouring
    async def realtime(self, query: Ga4Query) -> Answer:
        return self._answer(
            None, await self._session.kept(("realtime", query), REALTIME, lambda: self._realtime(query))
        )

    async def _realtime(self, query: Ga4Query) -> Batch:
        await google.ready("ga4")
        request = realtime_request(query, self._property)
        client = self._session.channels.ga4(self._session.route.endpoint)

        async def send(metadata: Metadata, seconds: float) -> Any:
            return await client.run_realtime_report(request, metadata=metadata, timeout=seconds, retry=None)

        today = self.today()
        window = Window(Period(start=today, end=today), None, today)
        response = await self._session.call(send)
        quota = read_quota(response)
        return (read_report(response, query, window),), quota_warnings(quota), quota

    @detouring
    async def funnel(self, window: Window, steps: tuple[str, ...], breakdown: str | None = None) -> Answer:
        """The steps with users now and before, in one call; a second report has each segment's users at every step,
        at the `first` and at the `last`."""
        key = ("funnel", window.current, window.compare, steps, breakdown)
        wait = ttl(window.current, window.today)
        return self._answer(window, await self._session.kept(key, wait, lambda: self._funnel(window, steps, breakdown)))

    async def _funnel(self, window: Window, steps: tuple[str, ...], breakdown: str | None) -> Batch:
        await google.ready("ga4")
        request = funnel_request(steps, breakdown, self._property, window)
        client = self._session.channels.ga4_alpha(self._session.route.endpoint)

        async def send(metadata: Metadata, seconds: float) -> Any:
            return await client.run_funnel_report(request, metadata=metadata, timeout=seconds, retry=None)

        response = await self._session.call(send)
        quota = read_quota(response)
        return read_funnel(response, steps, breakdown, window), quota_warnings(quota), quota

    @detouring
    async def fields(self) -> frozenset[str]:
        """The API names of every dimension and metric of this property."""

        async def fetch() -> frozenset[str]:
            await google.ready("ga4")
            client = self._session.channels.ga4(self._session.route.endpoint)
            request = google.ga4().GetMetadataRequest(name=f"{self._property}/metadata")

            async def send(metadata: Metadata, seconds: float) -> Any:
                return await client.get_metadata(request, metadata=metadata, timeout=seconds, retry=None)

            found = await self._session.call(send)
            return frozenset(each.api_name for each in (*found.dimensions, *found.metrics))

        return (await self._session.kept(("fields",), SETTLED, fetch)).value

    async def _help(self, queries: tuple[Ga4Query, ...]) -> str | None:
        """Which names the property does not know and which ones come near, for a model to repair its call."""
        try:
            known = await self.fields()
        except ConnectorError:
            return None
        used = {n for q in queries for n in (*q.dimensions, *q.metrics, *(f.field for f in q.filters))}
        unknown = sorted(used - known)
        near = {name: difflib.get_close_matches(name, known, n=3, cutoff=0.5) for name in unknown}
        said = [f"{name} does not exist; near it: {', '.join(found) or 'nothing'}" for name, found in near.items()]
        return "; ".join(said) + "." if said else None
