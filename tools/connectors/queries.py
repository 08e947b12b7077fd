"""What can be asked of a connector, as plain records. The connectors turn them into Google's requests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from camarad.errors import BadInput

OPERATORS = ("==", "!=", "=@", "!@", "=~", "!~", ">=", "<=", ">", "<")
_FILTER = re.compile(r"\s*([A-Za-z][\w:]*)\s*(==|!=|=@|!@|=~|!~|>=|<=|>|<)\s*(.*?)\s*", re.DOTALL)
FILTER_HELP = (
    "A filter is <field><operator><value>: == equals, != differs, =@ contains, !@ does not contain, =~ matches a "
    "regular expression, !~ does not match; > >= < <= compare a metric. Example: sessionDefaultChannelGroup==Email."
)


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Ga4Query:
    """One GA4 report. `order_by` is a metric, or a dimension with `descending` False; all `filters` must hold."""

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    order_by: str | None = None
    descending: bool = True
    limit: int = 100


@dataclass(frozen=True, slots=True)
class AdsQuery:
    """One GAQL query over `resource`. `fields` become the row's key, `metrics` are the product's names.

    All rows are read, `most` at the utmost, so that totals are sums over everything.
    """

    resource: str
    fields: tuple[str, ...]
    metrics: tuple[str, ...] = ("impressions", "clicks", "cost", "conversions", "conversion_value")
    where: tuple[str, ...] = ()
    order_by: str | None = "cost"
    most: int = 10_000


def parse_filter(text: str) -> Filter:
    found = _FILTER.fullmatch(text)
    if found is None or not found[3]:
        raise BadInput(f"{text[:80]!r} is not a filter.", hint=FILTER_HELP)
    operator, value = found[2], found[3].strip("\"'")
    if operator in (">", ">=", "<", "<=") and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadInput(f"{text[:80]!r} compares with something that is not a number.", hint=FILTER_HELP)
    return Filter(found[1], operator, value)
