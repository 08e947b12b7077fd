"""runReport and its realtime sibling: a request becomes rows, totals and headers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from google.analytics.data_v1beta import types as beta

from tools.emulator.ga4 import errors, money
from tools.emulator.ga4.fields import THRESHOLDED
from tools.emulator.ga4.metrics import Metric
from tools.emulator.ga4.sql import Report, Span, dimension_named, metric_named
from tools.emulator.store import Row, Store

MOST_DIMENSIONS, MOST_METRICS, MOST_ROWS, USUAL_ROWS = 9, 10, 250_000, 10_000
_RANGE = "dateRange"
_AGGREGATES = {
    "TOTAL": "RESERVED_TOTAL",
    "MINIMUM": "RESERVED_MIN",
    "MAXIMUM": "RESERVED_MAX",
    "COUNT": "RESERVED_COUNT",
}


@dataclass(slots=True)
class Line:
    """One row: dimension values, the name of its date range, raw metric values."""

    dimensions: tuple[str, ...]
    span: str
    metrics: tuple[Any, ...]


@dataclass(slots=True)
class Answer:
    """Everything a report response consists of, before it is put into one."""

    dimension_headers: list[beta.DimensionHeader]
    metric_headers: list[beta.MetricHeader]
    rows: list[beta.Row]
    row_count: int
    aggregates: dict[str, list[beta.Row]]
    thresholded: bool


class Runner:
    """Runs one request on one property."""

    def __init__(self, store: Store, p: int, request: Any, spans: list[Span], factor: Fraction) -> None:
        self._store = store
        self._request = request
        self._spans = spans
        self._factor = factor
        names = [d.name for d in request.dimensions]
        _limits(names, [m.name for m in request.metrics])
        self._names = [n for n in names if n != _RANGE]
        self._metrics = [metric_named(m.name) for m in request.metrics]
        self._compared = len(spans) > 1 or _RANGE in names
        self._p = p

    def _report(self) -> Report:
        request = self._request
        dimensions = [dimension_named(n) for n in self._names]
        return Report(self._p, dimensions, self._metrics, request.dimension_filter, request.metric_filter)

    def answer(self) -> Answer:
        lines = [line for span in self._spans for line in self._lines(span)]
        lines = self._sorted(lines)
        start, size = getattr(self._request, "offset", 0), min(self._request.limit or USUAL_ROWS, MOST_ROWS)
        return Answer(
            dimension_headers=[
                beta.DimensionHeader(name=n) for n in [*self._names, *([_RANGE] if self._compared else [])]
            ],
            metric_headers=[
                beta.MetricHeader(name=m.name, type_=getattr(beta.MetricType, m.kind)) for m in self._metrics
            ],
            rows=[self._row(line) for line in lines[start : start + size]],
            row_count=len(lines),
            aggregates={name: self._aggregate(name, lines) for name in self._wanted_aggregates()},
            thresholded=bool(THRESHOLDED & set(self._names)),
        )

    def _query(self, sql: str, report: Report) -> list[Row]:
        return self._store.query(sql, report.arguments)

    def _lines(self, span: Span) -> list[Line]:
        report = self._report()
        rows = self._query(report.rows(span), report)
        size = len(self._names)
        lines = [Line(tuple(map(str, row[:size])), span.name, row[size:]) for row in rows]
        keep = getattr(self._request, "keep_empty_rows", False)
        return [line for line in lines if keep or not self._metrics or any(line.metrics)]

    def _sorted(self, lines: list[Line]) -> list[Line]:
        """Ties, and reports without an order, go by the first metric and then by the dimension values."""
        places = {span.name: index for index, span in enumerate(self._spans)}
        lines = sorted(lines, key=lambda line: (line.dimensions, places[line.span]))
        orders = list(self._request.order_bys)
        if not orders and self._metrics:
            return sorted(lines, key=lambda line: line.metrics[0] or 0, reverse=True)
        for order in reversed(orders):
            lines = sorted(lines, key=self._order_key(order), reverse=order.desc)
        return lines

    def _order_key(self, order: Any) -> Any:
        kind = type(order).pb(order).WhichOneof("one_order_by")
        if kind == "metric":
            at = self._position(order.metric.metric_name, [m.name for m in self._metrics], "metric")
            return lambda line: line.metrics[at] or 0
        if kind != "dimension":
            raise errors.invalid("Each orderBy needs a metric or a dimension; pivots are not supported here.")
        name = order.dimension.dimension_name
        if name == _RANGE and self._compared:
            return lambda line: line.span
        at = self._position(name, self._names, "dimension")
        how = beta.OrderBy.DimensionOrderBy.OrderType(int(order.dimension.order_type)).name
        return lambda line: _sortable(line.dimensions[at], how)

    def _position(self, name: str, known: list[str], what: str) -> int:
        if name not in known:
            raise errors.invalid(f"The orderBy {what} {name} must be among the {what}s of the request.")
        return known.index(name)

    def _row(self, line: Line) -> beta.Row:
        values = [*line.dimensions, *([line.span] if self._compared else [])]
        return _made(values, [self._text(m, v) for m, v in zip(self._metrics, line.metrics, strict=True)])

    def _text(self, metric: Metric, value: Any) -> str:
        if metric.kind == "TYPE_CURRENCY":
            return money.units(round(value or 0), self._factor)
        if isinstance(value, float):
            return "0" if value == 0 else repr(value).removesuffix(".0")
        return str(value or 0)

    def _wanted_aggregates(self) -> list[str]:
        wanted = [beta.MetricAggregation(int(a)).name for a in self._request.metric_aggregations]
        return [name for name in _AGGREGATES if name in wanted]

    def _aggregate(self, name: str, lines: list[Line]) -> list[beta.Row]:
        rows = []
        for span in self._spans:
            own = [line.metrics for line in lines if line.span == span.name]
            if not own:
                continue
            values = self._total(span) if name == "TOTAL" else _over(name, own)
            texts = [
                str(v) if name == "COUNT" else self._text(m, v) for m, v in zip(self._metrics, values, strict=True)
            ]
            rows.append(
                _made([*([_AGGREGATES[name]] * len(self._names)), *([span.name] if self._compared else [])], texts)
            )
        return rows

    def _total(self, span: Span) -> Row:
        report = self._report()
        return self._query(report.total(span), report)[0]


def _over(name: str, rows: list[Row]) -> Row:
    columns = list(zip(*rows, strict=True))
    functions: dict[str, Callable[[list[Any]], Any]] = {"MINIMUM": min, "MAXIMUM": max, "COUNT": len}
    reduce = functions[name]
    return tuple(reduce([v or 0 for v in column]) for column in columns)


def _made(dimensions: list[str], metrics: list[str]) -> beta.Row:
    return beta.Row(
        dimension_values=[beta.DimensionValue(value=v) for v in dimensions],
        metric_values=[beta.MetricValue(value=v) for v in metrics],
    )


def _sortable(text: str, how: str) -> Any:
    if how == "NUMERIC":
        try:
            return (0, float(text), text)
        except ValueError:
            return (1, 0.0, text)
    return (text.casefold(), text) if how == "CASE_INSENSITIVE_ALPHANUMERIC" else text


def _limits(dimensions: list[str], metrics: list[str]) -> None:
    for names, most, what in ((dimensions, MOST_DIMENSIONS, "dimensions"), (metrics, MOST_METRICS, "metrics")):
        if len(names) > most:
            raise errors.invalid(
                f"Requests are limited to {most} {what} within a nested request. "
                f"This request is for {len(names)} {what}."
            )
        if len(set(names)) < len(names):
            raise errors.invalid(f"Duplicate {what} are not allowed in a request.")
    if not dimensions and not metrics:
        raise errors.invalid("At least one dimension or metric is required.")
