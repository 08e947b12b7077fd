"""From a report to a tool result: typed columns, comparison columns, totals, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.blocks import Cell, Column
from tools.connectors.report import Answer, Numbers, Report, Row
from tools.metrics import change, column, dimension, rounded, value
from tools.notes import Notes
from tools.result import ToolResult

SALES = frozenset({"totalRevenue", "ecommercePurchases", "purchaseRevenue", "eventValue", "conversion_value", "roas"})


class Layout:
    """Which columns a result has: the dimensions, the metrics, and for the `compared` ones previous and change."""

    def __init__(
        self, keys: Sequence[Column], metrics: Sequence[str], compared: Sequence[str] = (), kinds: Any = None
    ) -> None:
        self.keys = tuple(keys)
        self.metrics = tuple(column(name, (kinds or {}).get(name)) for name in metrics)
        self.compared = frozenset(compared)

    def columns(self) -> list[Column]:
        out = list(self.keys)
        for metric in self.metrics:
            out.append(metric)
            if metric.name in self.compared:
                out.append(Column(name=f"{metric.name}_previous", label=f"{metric.label} before", kind=metric.kind))
                out.append(Column(name=f"{metric.name}_change", label=f"{metric.label} change", kind="percent"))
        return out

    def cells(self, row: Row) -> list[Cell]:
        keys: list[Cell] = [key or "(not set)" for key in row.key[: len(self.keys)]]
        return keys + self.row(row.values, row.previous)

    def row(self, values: Numbers, previous: Numbers | None) -> list[Cell]:
        out: list[Cell] = []
        for metric in self.metrics:
            now = value(values, metric.name)
            out.append(rounded(now, metric.kind))
            if metric.name in self.compared:
                before = value(previous, metric.name) if previous is not None else None
                out.extend([rounded(before, metric.kind), change(now, before)])
        return out

    def totals(self, numbers: Numbers | None) -> dict[str, Cell]:
        if numbers is None:
            return {}
        found = {m.name: rounded(value(numbers, m.name), m.kind) for m in self.metrics}
        return {name: cell for name, cell in found.items() if cell is not None}

    def changes(self, now: Numbers, before: Numbers | None) -> dict[str, Cell]:
        if before is None:
            return {}
        found = {m.name: change(value(now, m.name), value(before, m.name)) for m in self.metrics}
        return {f"{name}_change": cell for name, cell in found.items() if name in self.compared and cell is not None}


def _zero(name: str, report: Report) -> bool:
    return not value(report.totals, name) and not value(report.previous_totals or {}, name)


def tabulate(
    notes: Notes,
    title: str,
    answer: Answer,
    report: Report,
    keys: Sequence[Column] | None = None,
    metrics: Sequence[str] | None = None,
    compared: Sequence[str] = (),
    limit: int | None = None,
    whole: bool = False,
) -> ToolResult:
    """`compared` names the metrics that get `_previous` and `_change` columns when there is a comparison.

    A client that sells nothing gets no columns of zero revenue, unless `whole`; the totals still say that it is zero.
    """
    keys = keys if keys is not None else [dimension(name) for name in report.dimensions]
    names = list(metrics or report.metrics)
    compared = compared if answer.meta.compare is not None else ()
    shown = [name for name in names if whole or name not in SALES or not _zero(name, report)]
    layout, sums = (Layout(keys, each, compared, report.kinds) for each in (shown, names))
    rows = () if report.empty else report.rows[:limit]
    return ToolResult(
        title=title,
        meta=answer.meta,
        columns=layout.columns(),
        rows=[layout.cells(row) for row in rows],
        totals=sums.totals(report.totals) | sums.changes(report.totals, report.previous_totals),
        compare_totals=sums.totals(report.previous_totals),
        truncated=max(0, report.row_count - len(rows)) if rows else 0,
        notes=notes.empty(report, answer.meta),
    )
