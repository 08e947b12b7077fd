"""GA4 reports as Google's requests. Two date ranges are named `cur` and `prev`; the API then adds a `dateRange`."""

from __future__ import annotations

from typing import Any

from tools.connectors import google
from tools.connectors.queries import Filter, Ga4Query
from tools.ranges import Window

CURRENT, PREVIOUS = "cur", "prev"
OVERFETCH, AT_LEAST, AT_MOST = 4, 250, 10_000

MATCH = {"==": "EXACT", "=@": "CONTAINS", "=~": "PARTIAL_REGEXP"}
NEGATIVE = {"!=": "==", "!@": "=@", "!~": "=~"}
NUMERIC = {
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    "==": "EQUAL",
}


def row_limit(query: Ga4Query, window: Window) -> int:
    """Rows to ask for. The limit counts each row once per date range, and the ranges are ordered together, so a
    comparison asks for more than it shows to find both halves of the rows it does show."""
    if "date" in query.dimensions:
        return AT_MOST
    if window.compare is None:
        return query.limit
    return min(AT_MOST, max(AT_LEAST, OVERFETCH * query.limit))


def report_request(query: Ga4Query, prop: str, window: Window, *, quota: bool) -> Any:
    types = google.ga4()
    request = types.RunReportRequest(
        property=prop,
        dimensions=[types.Dimension(name=name) for name in query.dimensions],
        metrics=[types.Metric(name=name) for name in query.metrics],
        date_ranges=_ranges(types, window),
        order_bys=_order(types, query),
        limit=row_limit(query, window),
        metric_aggregations=[types.MetricAggregation.TOTAL],
        return_property_quota=quota,
    )
    _put_filters(types, request, query)
    return request


def realtime_request(query: Ga4Query, prop: str) -> Any:
    types = google.ga4()
    return types.RunRealtimeReportRequest(
        property=prop,
        dimensions=[types.Dimension(name=name) for name in query.dimensions],
        metrics=[types.Metric(name=name) for name in query.metrics],
        order_bys=_order(types, query),
        limit=query.limit,
        metric_aggregations=[types.MetricAggregation.TOTAL],
        return_property_quota=True,
    )


def funnel_request(steps: tuple[str, ...], breakdown: str | None, prop: str, window: Window) -> Any:
    types = google.ga4_alpha()
    request = types.RunFunnelReportRequest(
        property=prop,
        date_ranges=_ranges(types, window),
        funnel=types.Funnel(steps=[_step(types, name) for name in steps]),
        return_property_quota=True,
    )
    if breakdown is not None:
        request.funnel_breakdown = types.FunnelBreakdown(breakdown_dimension=types.Dimension(name=breakdown))
    return request


def _step(types: Any, event: str) -> Any:
    happened = types.FunnelEventFilter(event_name=event)
    return types.FunnelStep(name=event, filter_expression=types.FunnelFilterExpression(funnel_event_filter=happened))


def _ranges(types: Any, window: Window) -> list[Any]:
    named = [(CURRENT, window.current)]
    if window.compare is not None:
        named.append((PREVIOUS, window.compare))
    return [types.DateRange(start_date=str(p.start), end_date=str(p.end), name=name) for name, p in named]


def _order(types: Any, query: Ga4Query) -> list[Any]:
    if query.order_by is None or not query.dimensions:
        return []
    if query.order_by in query.metrics:
        by = {"metric": types.OrderBy.MetricOrderBy(metric_name=query.order_by)}
    else:
        by = {"dimension": types.OrderBy.DimensionOrderBy(dimension_name=query.order_by)}
    return [types.OrderBy(desc=query.descending, **by)]


def _put_filters(types: Any, request: Any, query: Ga4Query) -> None:
    numeric = [f for f in query.filters if f.operator in (">", ">=", "<", "<=") or f.field in query.metrics]
    textual = [f for f in query.filters if f not in numeric]
    if textual:
        request.dimension_filter = _all(types, [_text_filter(types, f) for f in textual])
    if numeric:
        request.metric_filter = _all(types, [_number_filter(types, f) for f in numeric])


def _all(types: Any, expressions: list[Any]) -> Any:
    if len(expressions) == 1:
        return expressions[0]
    return types.FilterExpression(and_group=types.FilterExpressionList(expressions=expressions))


def _text_filter(types: Any, wanted: Filter) -> Any:
    operator = NEGATIVE.get(wanted.operator, wanted.operator)
    match = getattr(types.Filter.StringFilter.MatchType, MATCH[operator])
    text = types.Filter.StringFilter(match_type=match, value=wanted.value)
    found = types.FilterExpression(filter=types.Filter(field_name=wanted.field, string_filter=text))
    return types.FilterExpression(not_expression=found) if wanted.operator in NEGATIVE else found


def _number_filter(types: Any, wanted: Filter) -> Any:
    operator = NEGATIVE.get(wanted.operator, wanted.operator)
    operation = getattr(types.Filter.NumericFilter.Operation, NUMERIC.get(operator, "EQUAL"))
    number = types.Filter.NumericFilter(operation=operation, value=_numeric(types, wanted.value))
    found = types.FilterExpression(filter=types.Filter(field_name=wanted.field, numeric_filter=number))
    return types.FilterExpression(not_expression=found) if wanted.operator in NEGATIVE else found


def _numeric(types: Any, text: str) -> Any:
    try:
        return types.NumericValue(int64_value=int(text))
    except ValueError:
        return types.NumericValue(double_value=float(text))
