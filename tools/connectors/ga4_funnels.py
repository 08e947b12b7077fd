"""GA4's funnel responses as reports: users by step, and by segment and step, for one period or two."""

from __future__ import annotations

import re
from typing import Any

from tools.connectors.ga4_requests import CURRENT, PREVIOUS
from tools.connectors.report import Numbers, Report, Row
from tools.ranges import Window

TOTAL = "RESERVED_TOTAL"  # the API's name for all segments together
SEGMENTS = 5
Users = dict[str, float]  # by step


def read_funnel(response: Any, steps: tuple[str, ...], breakdown: str | None, window: Window) -> tuple[Report, ...]:
    found = _users(response, breakdown)
    whole, before = found[CURRENT].get(TOTAL, {}), found[PREVIOUS].get(TOTAL, {})
    compared = window.compare is not None
    rows = [Row((step,), _active(whole, step), _active(before, step) if compared else None) for step in steps]
    first = {"activeUsers": rows[0].values["activeUsers"]}
    reports = [Report(("funnelStepName",), ("activeUsers",), tuple(rows), first, None, len(rows))]
    if breakdown is not None:
        reports.append(_segments(breakdown, found, steps, compared))
    return tuple(reports)


def _users(response: Any, breakdown: str | None) -> dict[str, dict[str, Users]]:
    """Users by period, segment and step. The API writes a step as `1. name`, and names the period when two were asked
    for."""
    table = response.funnel_table
    names = [header.name for header in table.dimension_headers]
    step_at, users_at = names.index("funnelStepName"), _metric_place(table)
    segment_at = names.index(breakdown) if breakdown in names else None
    period_at = names.index("dateRange") if "dateRange" in names else None
    found: dict[str, dict[str, Users]] = {CURRENT: {}, PREVIOUS: {}}
    for row in table.rows:
        key = [value.value for value in row.dimension_values]
        period = key[period_at] if period_at is not None else CURRENT
        segment = key[segment_at] if segment_at is not None else TOTAL
        step = re.sub(r"^\d+\. ", "", key[step_at])
        found[period].setdefault(segment, {})[step] = float(row.metric_values[users_at].value or 0)
    return found


def _metric_place(table: Any) -> int:
    return [header.name for header in table.metric_headers].index("activeUsers")


def _active(users: Users, step: str) -> Numbers:
    return {"activeUsers": users.get(step, 0.0)}


def _segments(breakdown: str, found: dict[str, dict[str, Users]], steps: tuple[str, ...], compared: bool) -> Report:
    rows = [
        Row((name,), _steps(users, steps), _steps(found[PREVIOUS].get(name, {}), steps) if compared else None)
        for name, users in found[CURRENT].items()
        if name != TOTAL
    ]
    rows.sort(key=lambda row: -row.values["first"])
    return Report((breakdown,), ("first", "last"), tuple(rows[:SEGMENTS]), {}, None, len(rows))


def _steps(users: Users, steps: tuple[str, ...]) -> Numbers:
    every = {step: users.get(step, 0.0) for step in steps}
    return {**every, "first": every[steps[0]], "last": every[steps[-1]]}
