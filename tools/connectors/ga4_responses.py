"""GA4's responses as reports. Ratios are never made from rows; a missing row is zero only when all rows were read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from tools.blocks import Kind
from tools.connectors.ga4_requests import CURRENT, PREVIOUS, row_limit
from tools.connectors.queries import Ga4Query
from tools.connectors.report import Key, Numbers, Report, Row
from tools.metrics import LABELS
from tools.ranges import Window, days_of

TYPES: dict[str, Kind] = {"TYPE_INTEGER": "integer", "TYPE_SECONDS": "seconds", "TYPE_CURRENCY": "money"}
AVERAGES = re.compile(r"(Rate|^average|Per[A-Z])")
LOW_TOKENS = 2_000
Found = dict[str, dict[Key, Numbers]]


def read_report(response: Any, query: Ga4Query, window: Window) -> Report:
    found = _rows(response, query)
    complete = response.row_count <= row_limit(query, window)
    current, before = found[CURRENT], found[PREVIOUS]
    if query.dimensions[:1] == ("date",) and window.compare is not None:
        before = _shifted(before, window.current.start - window.compare.start)
    if query.dimensions == ("date",):
        current = {(str(day),): current.get((str(day),), _nothing(query)) for day in days_of(window.current)}
    rows = [Row(key, values, _previous(key, before, window, query, complete)) for key, values in current.items()]
    totals = _totals(response, query, found)
    halves = 1 if window.compare is None else 2
    count = len(rows) if complete else max(len(rows), -(-response.row_count // halves))
    return Report(
        query.dimensions,
        query.metrics,
        tuple(rows),
        totals[CURRENT],
        totals[PREVIOUS] if window.compare is not None else None,
        count,
        _kinds(response),
    )


def _rows(response: Any, query: Ga4Query) -> Found:
    names = [header.name for header in response.dimension_headers]
    place = names.index("dateRange") if "dateRange" in names else None
    found: Found = {CURRENT: {}, PREVIOUS: {}}
    for row in response.rows:
        key = [value.value for value in row.dimension_values]
        which = key.pop(place) if place is not None else CURRENT
        found[which][_iso(query, key)] = _numbers(query, row)
    return found


def _numbers(query: Ga4Query, row: Any) -> Numbers:
    return {name: float(cell.value or 0) for name, cell in zip(query.metrics, row.metric_values, strict=True)}


def _iso(query: Ga4Query, key: list[str]) -> Key:
    return tuple(
        f"{part[:4]}-{part[4:6]}-{part[6:]}" if name == "date" else part
        for name, part in zip(query.dimensions, key, strict=True)
    )


def _shifted(rows: dict[Key, Numbers], by: timedelta) -> dict[Key, Numbers]:
    """Days of the compared period under the names of the days they are compared with."""
    return {(str(date.fromisoformat(key[0]) + by), *key[1:]): values for key, values in rows.items()}


def _nothing(query: Ga4Query) -> Numbers:
    """Zero for what can be counted; averages and rates of nothing are left out."""
    return {name: 0.0 for name in query.metrics if not AVERAGES.search(name)}


def _previous(key: Key, before: dict[Key, Numbers], window: Window, query: Ga4Query, complete: bool) -> Numbers | None:
    if window.compare is None:
        return None
    return before.get(key, _nothing(query) if complete else None)


def _totals(response: Any, query: Ga4Query, found: Found) -> dict[str, Numbers]:
    """The API's own totals by range; without dimensions the only row is the total."""
    names = [header.name for header in response.dimension_headers]
    totals = {CURRENT: _nothing(query), PREVIOUS: _nothing(query)}
    if not query.dimensions:
        return totals | {which: rows[()] for which, rows in found.items() if () in rows}
    for row in response.totals:
        which = row.dimension_values[names.index("dateRange")].value if "dateRange" in names else CURRENT
        if which in totals:
            totals[which] = _numbers(query, row)
    return totals


def _kinds(response: Any) -> dict[str, Kind]:
    """Kinds of metrics the catalogue does not know, from the API's types."""
    kinds: dict[str, Kind] = {}
    for header in response.metric_headers:
        kind = TYPES.get(header.type_.name)
        if header.name not in LABELS and kind is not None:
            kinds[header.name] = kind
    return kinds


def read_warnings(responses: Iterable[Any]) -> list[str]:
    """What Google says about the quality of the figures, in words."""
    found = []
    for response in responses:
        meta = response.metadata
        for sample in list(meta.sampling_metadatas)[:1]:
            found.append(f"Sampled: {sample.samples_read_count} of {sample.sampling_space_size} events were read.")
        if meta.data_loss_from_other_row:
            found.append("Some rows were rolled up by Google into (other).")
        if meta.subject_to_thresholding:
            found.append("Google may have withheld small groups of users (thresholding).")
        if meta.schema_restriction_response.active_metric_restrictions:
            found.append("This sign-in may not see some cost or revenue metrics.")
    return list(dict.fromkeys(found))


def read_quota(response: Any) -> dict[str, Any] | None:
    quota = response.property_quota
    if not quota.tokens_per_day.remaining and not quota.tokens_per_day.consumed:
        return None
    return {
        "tokens_left_today": quota.tokens_per_day.remaining,
        "tokens_left_this_hour": quota.tokens_per_hour.remaining,
    }


def quota_warnings(quota: dict[str, Any] | None) -> list[str]:
    if quota is None or quota["tokens_left_this_hour"] >= LOW_TOKENS:
        return []
    return [f"Google Analytics quota is low: {quota['tokens_left_this_hour']} tokens left this hour."]
