"""GAQL text from queries, and rows out of Google Ads responses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tools.connectors.queries import AdsQuery
from tools.connectors.report import Key, Numbers
from tools.result import Period

MOST_ROWS = 10_000  # of a query that does not say another number; a warning says when it was reached
MICROS = 1_000_000

METRICS = {
    "impressions": "metrics.impressions",
    "clicks": "metrics.clicks",
    "cost": "metrics.cost_micros",
    "conversions": "metrics.conversions",
    "conversion_value": "metrics.conversions_value",
    "impression_share": "metrics.search_impression_share",
    "lost_to_budget": "metrics.search_budget_lost_impression_share",
    "lost_to_rank": "metrics.search_rank_lost_impression_share",
}
ADDITIVE = frozenset({"impressions", "clicks", "cost", "conversions", "conversion_value"})


def gaql(query: AdsQuery, period: Period | None) -> str:
    """One query's text. Values in `where` are numbers and enum names made by this product, never a person's text."""
    names = [METRICS[name] for name in query.metrics]
    where = list(query.where)
    if period is not None:
        where.append(f"segments.date BETWEEN '{period.start}' AND '{period.end}'")
    text = f"SELECT {', '.join((*query.fields, *names))} FROM {query.resource}"
    if where:
        text += f" WHERE {' AND '.join(where)}"
    if query.order_by is not None and query.order_by in query.metrics:
        text += f" ORDER BY {METRICS[query.order_by]} DESC"
    return f"{text} LIMIT {query.most}"


def read_row(row: Any, query: AdsQuery) -> tuple[Key, Numbers]:
    """`row` is the raw protobuf; cost comes in micros of the account's currency and leaves in units."""
    key = tuple(str(_field(type(row).DESCRIPTOR, path)(row)) for path in query.fields)
    numbers = {name: float(_field(type(row).DESCRIPTOR, METRICS[name])(row)) for name in query.metrics}
    if "cost" in numbers:
        numbers["cost"] /= MICROS
    return key, numbers


@cache
def _field(descriptor: Any, path: str) -> Callable[[Any], Any]:
    """A reader of one field by its path, enums by name."""
    parts = path.split(".")
    for part in parts[:-1]:
        descriptor = descriptor.fields_by_name[part].message_type
    enum = descriptor.fields_by_name[parts[-1]].enum_type

    def read(row: Any) -> Any:
        for part in parts:
            row = getattr(row, part)
        return enum.values_by_number[row].name if enum is not None else row

    return read
