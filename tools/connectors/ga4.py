"""Google Analytics 4 for one client: reports, funnels, realtime."""

from __future__ import annotations

import asyncio
import difflib
from datetime import date
from typing import Any

from tools.connectors import google
from tools.connectors.cache import REALTIME, SETTLED, Kept, ttl
from tools.connectors.errors import ConnectorError
from tools.connectors.ga4_requests import funnel_request, realtime_request, report_request
from tools.connectors.ga4_responses import quota_warnings, read_funnel, read_quota, read_report, read_warnings
from tools.connectors.queries import Ga4Query
from tools.connectors.report import Answer, Report, Row
from tools.connectors.session import Metadata, Session
from tools.ranges import Window
from tools.result import Period

MOST_REPORTS = 5  # of one batch, by the API
SEGMENTS = 5
Batch = tuple[tuple[Report, ...], list[str], dict[str, Any] | None]
Funnel = tuple[dict[str, float], dict[str, dict[str, float]]]


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

    def today(self) -> date:
        return self._session.today()

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
        reports, warnings, quota = kept.value
        meta = self._session.meta(window, [kept], warnings)
        return Answer(reports, meta.model_copy(update={"quota": quota}))

    async def _batch(self, window: Window, queries: tuple[Ga4Query, ...]) -> Batch:
        await google.ready("ga4")
        requests = [report_request(q, self._property, window, quota=n == 0) for n, q in enumerate(queries)]
        request = google.ga4().BatchRunReportsRequest(property=self._property, requests=requests)
        client = self._session.channels.ga4(self._session.route.endpoint)

        async def send(metadata: Metadata, seconds: float) -> Any:
            return await client.batch_run_reports(request, metadata=metadata, timeout=seconds, retry=None)

        response = await self._session.call(send)
        found = list(response.reports)
        quota = read_quota(found[0])
        reports = tuple(read_report(each, query, window) for each, query in zip(found, queries, strict=True))
        return reports, read_warnings(found) + quota_warnings(quota), quota

    async def realtime(self, query: Ga4Query) -> Answer:
        kept = await self._session.kept(("realtime", query), REALTIME, lambda: self._realtime(query))
        return Answer((kept.value,), self._session.meta(None, [kept], []))

    async def _realtime(self, query: Ga4Query) -> Report:
        await google.ready("ga4")
        request = realtime_request(query, self._property)
        client = self._session.channels.ga4(self._session.route.endpoint)

        async def send(metadata: Metadata, seconds: float) -> Any:
            return await client.run_realtime_report(request, metadata=metadata, timeout=seconds, retry=None)

        today = self.today()
        window = Window(Period(start=today, end=today), None, today)
        return read_report(await self._session.call(send), query, window)

    async def funnel(self, window: Window, steps: tuple[str, ...], breakdown: str | None = None) -> Answer:
        """The steps with users now and before; a second report has each segment's `first` and `last` step."""
        reads = [self._funnel(window, window.current, steps, breakdown)]
        if window.compare is not None:
            reads.append(self._funnel(window, window.compare, steps, None))
        kept = await asyncio.gather(*reads)
        (whole, segments), before = kept[0].value, kept[1].value[0] if len(kept) > 1 else None
        rows = tuple(
            Row((step,), _users(whole, step), None if before is None else _users(before, step)) for step in steps
        )
        first = {"activeUsers": rows[0].values["activeUsers"]}
        reports = [Report(("funnelStepName",), ("activeUsers",), rows, first, None, len(rows))]
        if breakdown is not None:
            reports.append(_segment_report(breakdown, segments, steps))
        return Answer(tuple(reports), self._session.meta(window, kept, []))

    async def _funnel(self, window: Window, period: Period, steps: tuple[str, ...], by: str | None) -> Kept[Funnel]:
        async def fetch() -> Funnel:
            await google.ready("ga4")
            request = funnel_request(steps, by, self._property, period)
            client = self._session.channels.ga4_alpha(self._session.route.endpoint)

            async def send(metadata: Metadata, seconds: float) -> Any:
                return await client.run_funnel_report(request, metadata=metadata, timeout=seconds, retry=None)

            return read_funnel(await self._session.call(send), by)

        return await self._session.kept(("funnel", period, steps, by), ttl(period, window.today), fetch)

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


def _users(found: dict[str, float], step: str) -> dict[str, float]:
    return {"activeUsers": found.get(step, 0.0)}


def _segment_report(breakdown: str, segments: dict[str, dict[str, float]], steps: tuple[str, ...]) -> Report:
    rows = [
        Row((name,), {"first": users.get(steps[0], 0.0), "last": users.get(steps[-1], 0.0)})
        for name, users in segments.items()
    ]
    rows.sort(key=lambda row: -row.values["first"])
    return Report((breakdown,), ("first", "last"), tuple(rows[:SEGMENTS]), {}, None, len(rows))
