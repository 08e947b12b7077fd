"""BetaAnalyticsData: reports, batches, realtime, metadata and compatibility."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from google.analytics.data_v1beta import types as beta

from tools.emulator.ga4 import errors, money
from tools.emulator.ga4.dates import spans
from tools.emulator.ga4.fields import DIMENSIONS, REALTIME_DIMENSIONS
from tools.emulator.ga4.metrics import METRICS, REALTIME_METRICS
from tools.emulator.ga4.quota import Quota
from tools.emulator.ga4.report import Answer, Runner
from tools.emulator.ga4.sql import Span, dimension_named, metric_named
from tools.emulator.rpc import Api, Caller, Method
from tools.emulator.world import Owner, World

_MOST_BATCHED = 5
_REALTIME_MINUTES = 30
_REALTIME_BACK = timedelta(days=7)  # realtime replays this moment of a week ago


def property_of(world: World, name: str, caller: Caller) -> Owner:
    """The property a resource name stands for; one that is unknown is refused like one that is not shared."""
    own = world.properties.get(name.removeprefix("properties/"))
    if own is None or not name.startswith("properties/") or own.id not in caller.user.properties:
        raise errors.no_permission()
    return own


class DataService:
    def __init__(self, world: World) -> None:
        self._world = world
        self._quotas = {own: Quota() for own in world.properties}

    def quota(self, own: Owner) -> Quota:
        return self._quotas[own.id]

    def reset_quotas(self) -> None:
        for quota in self._quotas.values():
            quota.reset()

    def run_report(self, request: Any, caller: Caller) -> beta.RunReportResponse:
        own = property_of(self._world, request.property, caller)
        store = self._world.store
        days = spans(request.date_ranges, self._world.today(own))
        factor = money.rate(own.currency, request.currency_code)
        tokens = 2 + len(request.dimensions) + sum((s.end - s.start).days // 30 for s in days)
        self.quota(own).spend(tokens)
        answer = Runner(store, own.number, request, days, factor).answer()
        response = beta.RunReportResponse(**_parts(answer), kind="analyticsData#runReport")
        response.metadata = beta.ResponseMetaData(
            currency_code=request.currency_code or own.currency,
            time_zone=own.timezone,
            subject_to_thresholding=answer.thresholded,
        )
        if request.return_property_quota:
            response.property_quota = self.quota(own).status(beta, tokens)
        return response

    def batch_run_reports(self, request: Any, caller: Caller) -> beta.BatchRunReportsResponse:
        if len(request.requests) > _MOST_BATCHED:
            raise errors.invalid(f"Batch requests are limited to {_MOST_BATCHED} requests.")
        for one in request.requests:
            if one.property and one.property != request.property:
                raise errors.invalid("All requests of a batch must be for the property of the batch.")
            one.property = request.property
        reports = [self.run_report(one, caller) for one in request.requests]
        return beta.BatchRunReportsResponse(reports=reports, kind="analyticsData#batchRunReports")

    def run_realtime_report(self, request: Any, caller: Caller) -> beta.RunRealtimeReportResponse:
        own = property_of(self._world, request.property, caller)
        for dimension in request.dimensions:
            if dimension.name not in REALTIME_DIMENSIONS:
                raise errors.unknown_dimension(dimension.name)
        for metric in request.metrics:
            if metric.name not in REALTIME_METRICS:
                raise errors.unknown_metric(metric.name)
        self.quota(own).spend(1)
        span = self._last_minutes(own)
        answer = Runner(self._world.store, own.number, request, [span], money.rate(own.currency, "")).answer()
        response = beta.RunRealtimeReportResponse(**_parts(answer), kind="analyticsData#runRealtimeReport")
        if request.return_property_quota:
            response.property_quota = self.quota(own).status(beta, 1)
        return response

    def _last_minutes(self, own: Owner) -> Span:
        day = self._world.today(own) - _REALTIME_BACK
        now = self._world.now(own)
        second = max(now.hour * 3600 + now.minute * 60 + now.second, _REALTIME_MINUTES * 60)
        return Span(day, day, "realtime", (second - _REALTIME_MINUTES * 60, second))

    def get_metadata(self, request: Any, caller: Caller) -> beta.Metadata:
        property_of(self._world, request.name.removesuffix("/metadata"), caller)
        return beta.Metadata(
            name=request.name,
            dimensions=[_dimension(name) for name in DIMENSIONS],
            metrics=[_metric(name) for name in METRICS],
        )

    def check_compatibility(self, request: Any, caller: Caller) -> beta.CheckCompatibilityResponse:
        """Every dimension of the emulator goes with every metric."""
        property_of(self._world, request.property, caller)
        fits = beta.Compatibility.COMPATIBLE
        return beta.CheckCompatibilityResponse(
            dimension_compatibilities=[
                beta.DimensionCompatibility(dimension_metadata=_dimension(d.name), compatibility=fits)
                for d in request.dimensions
            ],
            metric_compatibilities=[
                beta.MetricCompatibility(metric_metadata=_metric(m.name), compatibility=fits) for m in request.metrics
            ],
        )


def _dimension(name: str) -> beta.DimensionMetadata:
    field = dimension_named(name)
    return beta.DimensionMetadata(api_name=name, ui_name=field.label, category=field.category)


def _metric(name: str) -> beta.MetricMetadata:
    field = metric_named(name)
    kind = getattr(beta.MetricType, field.kind)
    return beta.MetricMetadata(api_name=name, ui_name=field.label, category=field.category, type_=kind)


def _parts(answer: Answer) -> dict[str, Any]:
    aggregates = answer.aggregates
    return {
        "dimension_headers": answer.dimension_headers,
        "metric_headers": answer.metric_headers,
        "rows": answer.rows,
        "row_count": answer.row_count,
        "totals": aggregates.get("TOTAL", []),
        "minimums": aggregates.get("MINIMUM", []),
        "maximums": aggregates.get("MAXIMUM", []),
    }


def api(world: World, service: DataService) -> Api:
    def of_property(request: Any) -> str:
        return str(request.property).removeprefix("properties/")

    def of_name(request: Any) -> str:
        return str(request.name).removeprefix("properties/").removesuffix("/metadata")

    methods = (
        Method("RunReport", beta.RunReportRequest, service.run_report, target=of_property),
        Method("BatchRunReports", beta.BatchRunReportsRequest, service.batch_run_reports, target=of_property),
        Method("RunRealtimeReport", beta.RunRealtimeReportRequest, service.run_realtime_report, target=of_property),
        Method("GetMetadata", beta.GetMetadataRequest, service.get_metadata, target=of_name),
        Method("CheckCompatibility", beta.CheckCompatibilityRequest, service.check_compatibility, target=of_property),
    )
    return Api({m.name: m for m in methods}, errors.fault, errors.unauthenticated)
