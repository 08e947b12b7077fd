"""One tool read for two periods, told as one comparison: the first call's period against the second's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.embedded.answers.view import Field, View, is_number


def paired(views: Sequence[View]) -> list[View]:
    """The views, with two reads that differ in nothing but their period put together."""
    out: list[View] = []
    for view in views:
        at = next((n for n, first in enumerate(out) if _belongs(first, view)), None)
        if at is None:
            out.append(view)
        else:
            out[at] = _together(out[at], view)
    return [without_empty_past(view) for view in out]


def without_empty_past(view: View) -> View:
    """A comparison with a period in which nothing was recorded tells nothing, so it is left out."""
    if view.compare is None or any(v for v in view.before.values() if is_number(v)) or not view.before:
        return view
    fields = tuple(f for f in view.fields if not f.derived)
    totals = {name: value for name, value in view.totals.items() if not name.endswith("_change")}
    return replace(view, compare=None, before={}, fields=fields, totals=totals, no_past=view.compare)


def _belongs(first: View, second: View) -> bool:
    plain = first.error is None and second.error is None and first.raw is None and second.raw is None
    alone = first.compare is None and second.compare is None and not first.before
    dated = None not in (first.period, second.period) and first.period != second.period
    return plain and alone and dated and _same(first) == _same(second) and first.source == second.source


def _same(view: View) -> tuple[str, dict[str, Any]]:
    dates = {str(view.period[0]), str(view.period[1])} if view.period else set()
    return view.tool, {k: v for k, v in view.args.items() if not _is_period(k, v, dates)}


def _is_period(name: str, value: Any, dates: set[str]) -> bool:
    return name in ("range", "period", "date_range", "month", "start_date", "end_date") or str(value)[:10] in dates


def _together(now: View, past: View) -> View:
    key = [f.name for f in now.keys]
    before = {tuple(row.get(k) for k in key): row for row in past.rows}
    names = [f.name for f in now.metrics]
    rows = tuple(_row(row, before.get(tuple(row.get(k) for k in key)), names) for row in now.rows)
    derived = [
        Field(f"{f.name}{end}", f"{f.label} {word}", kind)
        for f in now.metrics
        for end, word, kind in (("_previous", "before", f.kind), ("_change", "change", "percent"))
    ]
    return replace(
        now,
        compare=past.period,
        before=past.totals,
        rows=rows,
        fields=(*now.fields, *derived),
        notes=(),
        warnings=tuple(dict.fromkeys((*now.warnings, *past.warnings))),
    )


def _row(row: dict[str, Any], past: dict[str, Any] | None, names: Sequence[str]) -> dict[str, Any]:
    out = dict(row)
    for name in names:
        now, before = row.get(name), (past or {}).get(name)
        if is_number(now) and is_number(before):
            out[f"{name}_previous"] = before
            if before:
                out[f"{name}_change"] = (now - before) / before
    return out
