"""From reports to sections: typed columns, comparison columns, totals, what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from tools.blocks import Column
from tools.connectors.report import Report
from tools.connectors.tabs.report import MOST_ROWS, Section, SectionKind
from tools.metrics import dimension
from tools.tables import Layout


def metrics(key: str, title: str, report: Report, names: Sequence[str] | None = None) -> Section:
    """The whole as one row, from the report's own totals."""
    layout = _layout(report, (), names)
    row = layout.row(report.totals, report.previous_totals)
    return _section(key, title, "metrics", report, layout, [row])


def series(key: str, title: str, report: Report, names: Sequence[str] | None = None) -> Section:
    """One row a day; the report is by date alone."""
    layout = _layout(report, [dimension("date")], names)
    return _section(key, title, "series", report, layout, [layout.cells(row) for row in report.rows])


def table(
    key: str,
    title: str,
    report: Report,
    keys: Sequence[Column] | None = None,
    names: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Section:
    layout = _layout(report, keys if keys is not None else [dimension(name) for name in report.dimensions], names)
    rows = [layout.cells(row) for row in report.rows[:MOST_ROWS]]
    section = _section(key, title, "table", report, layout, rows)
    truncated = max(0, report.row_count - len(rows))
    return section.model_copy(update={"truncated": truncated, "notes": list(notes)})


def _layout(report: Report, keys: Sequence[Column], names: Sequence[str] | None) -> Layout:
    shown = names or report.metrics
    return Layout(keys, shown, shown if report.previous_totals is not None else (), report.kinds)


def _section(
    key: str, title: str, kind: SectionKind, report: Report, layout: Layout, rows: list[list[str | int | float | None]]
) -> Section:
    return Section(
        id=key,
        title=title,
        kind=kind,
        columns=layout.columns(),
        rows=rows,
        totals=layout.totals(report.totals) | layout.changes(report.totals, report.previous_totals),
        compare_totals=layout.totals(report.previous_totals),
    )
