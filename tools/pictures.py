"""Blocks for the page: the same numbers as the result, drawn. Models never see them."""

from __future__ import annotations

from collections.abc import Sequence

from tools.blocks import Block, ChartBlock, MetricBlock, Series, TableBlock
from tools.connectors.report import Numbers, Report
from tools.metrics import LOWER_IS_BETTER, change, column, rounded, value
from tools.ranges import days_of
from tools.result import Meta, Period, ToolResult


def metric_blocks(report: Report, names: Sequence[str], meta: Meta) -> list[Block]:
    return [_metric(name, report.totals, report.previous_totals, meta.currency) for name in names]


def _metric(name: str, totals: Numbers, before: Numbers | None, currency: str | None) -> MetricBlock:
    shape = column(name)
    then = value(before, name) if before is not None else None
    return MetricBlock(
        label=shape.label,
        kind=shape.kind,
        value=rounded(value(totals, name), shape.kind),
        previous=rounded(then, shape.kind),
        change=change(value(totals, name), then),
        currency=currency if shape.kind == "money" else None,
        higher_is_better=name not in LOWER_IS_BETTER,
    )


def table_block(result: ToolResult) -> list[Block]:
    if not result.rows:
        return []
    return [
        TableBlock(
            title=result.title,
            columns=result.columns,
            rows=result.rows,
            currency=result.meta.currency,
            truncated=result.truncated,
        )
    ]


def daily_chart(title: str, report: Report, name: str, meta: Meta) -> list[Block]:
    """A line by day, days without data as zero, the compared period laid over day by day."""
    if meta.range is None or meta.range.days < 2 or report.empty:
        return []
    shape = column(name)
    days = {row.key[0]: row for row in report.rows}
    now = [rounded(value(days[str(d)].values, name), shape.kind) if str(d) in days else 0 for d in days_of(meta.range)]
    series = [Series(label=shape.label, kind=shape.kind, values=now)]
    if meta.compare is not None:
        before = _before(report, name, meta.range, meta.compare)
        series.append(Series(label=f"{shape.label} before", kind=shape.kind, values=before))
    return [
        ChartBlock(
            title=title,
            shape="line",
            categories=[str(day) for day in days_of(meta.range)],
            series=series,
            currency=meta.currency if shape.kind == "money" else None,
        )
    ]


def _before(report: Report, name: str, period: Period, compare: Period) -> list[float | int | None]:
    """Day by day; a month of 30 days has nothing beside the 31st, which is no zero."""
    shape = column(name)
    days = {row.key[0]: row.previous for row in report.rows}
    found = [days.get(str(day)) if n < compare.days else None for n, day in enumerate(days_of(period))]
    return [None if before is None else rounded(value(before, name), shape.kind) for before in found]


def bar_chart(title: str, report: Report, name: str, meta: Meta, limit: int = 10) -> list[Block]:
    rows = [row for row in report.rows if value(row.values, name)][:limit]
    if len(rows) < 2:
        return []
    shape = column(name)
    series = [
        Series(label=shape.label, kind=shape.kind, values=[rounded(value(r.values, name), shape.kind) for r in rows])
    ]
    if meta.compare is not None and all(row.previous is not None for row in rows):
        before = [rounded(value(row.previous or {}, name), shape.kind) for row in rows]
        series.append(Series(label=f"{shape.label} before", kind=shape.kind, values=before))
    return [
        ChartBlock(
            title=title,
            shape="bar",
            categories=[row.key[0] or "(not set)" for row in rows],
            series=series,
            currency=meta.currency if shape.kind == "money" else None,
        )
    ]
