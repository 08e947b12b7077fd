"""A parsed query as SQL: entities with their attributes, left-joined to the facts of the queried days.

As in the API, an entity without impressions is there with zeros unless the query is segmented, and the rows of a
resource stay apart even when its name is not selected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import grpc

from tools.emulator.ads.conditions import condition_sql
from tools.emulator.ads.failure import failure, not_emulated, query_error
from tools.emulator.ads.fields import AGGREGATED, ATTRIBUTES, DATES, METRICS, RESOURCES, SEGMENTS, Resource
from tools.emulator.ads.gaql import Condition, Query
from tools.emulator.ads.schema import descriptor, is_resource
from tools.emulator.rpc import Refusal

_FINITE = ("=", "BETWEEN", "DURING", "IN")
_MOST_CHANGES = 10_000
_CHANGE_DAYS = 30
CHANGED_AT = "change_event.change_date_time"
_FACTS = """
    SELECT f.*, cr.keyword, cr.match, g.ad_group_id, c.campaign_id, c.type, te.text AS term, dv.name AS device, acc.goal
    FROM fact f JOIN criterion cr ON cr.criterion_id = f.criterion_id JOIN ad_group g ON g.ad_group_id = cr.ad_group_id
    JOIN campaign c ON c.campaign_id = g.campaign_id JOIN account acc ON acc.a = f.a
    JOIN device dv ON dv.device_id = f.device_id LEFT JOIN term te ON te.term_id = f.term_id"""


@dataclass(frozen=True, slots=True)
class Target:
    """The account a query is for."""

    customer_id: str
    number: int
    is_manager: bool
    today: date


@dataclass(slots=True)
class Statement:
    """`columns` are the fields of the result, in order; the SQL selects exactly those."""

    sql: str
    arguments: list[Any]
    columns: list[str]


@dataclass(slots=True)
class _Plan:
    query: Query
    resource: Resource
    target: Target
    columns: list[str] = field(default_factory=list)

    def used(self, prefix: str) -> list[str]:
        return [f for f in self.columns if f.startswith(prefix)]

    def conditions(self, *prefixes: str) -> list[Condition]:
        return [c for c in self.query.where if c.field.startswith(prefixes)]


def statement(query: Query, target: Target) -> Statement:
    """The SQL of a query. Raises Google's refusals for unknown fields and combinations it does not allow."""
    plan = _Plan(query, _resource(query.resource), target)
    _check(plan)
    plan.columns = [*dict.fromkeys([*query.select, *_implicit(plan)])]
    arguments: list[Any] = []
    source = _source(plan, arguments)
    where = _where(plan, arguments)
    having = _having(plan, arguments)
    sql = f"SELECT {', '.join(_sql(f) for f in plan.columns)} FROM {source} WHERE {where}{_group(plan)}{having}"
    sql += f" ORDER BY {_order(plan)}" + (f" LIMIT {query.limit}" if query.limit else "")
    return Statement(sql.replace("{customer}", target.customer_id), arguments, plan.columns)


def _resource(name: str) -> Resource:
    if name in RESOURCES:
        return RESOURCES[name]
    if is_resource(name):
        raise not_emulated(f"resource {name}")
    raise query_error(
        "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Error in query: invalid resource type in FROM clause: '{name}'."
    )


def _implicit(plan: _Plan) -> list[str]:
    """Resource names that the API adds for every resource a query selects from."""
    if str(plan.query.parameters.get("omit_unselected_resource_names", "")).lower() == "true":
        return []
    prefixes = [plan.resource.name, *(f.partition(".")[0] for f in plan.query.select)]
    return [f"{p}.resource_name" for p in dict.fromkeys(prefixes) if p in RESOURCES or p == "ad_group_criterion"]


def _sql(name: str) -> str:
    prefix, _, rest = name.partition(".")
    if rest == "resource_name" and prefix in RESOURCES:
        return f"({RESOURCES[prefix].resource_name})"
    return (METRICS | SEGMENTS | ATTRIBUTES).get(name, "NULL")


def _source(plan: _Plan, arguments: list[Any]) -> str:
    """The resource's rows, joined to the facts when metrics or segments are asked for."""
    resource = plan.resource
    fields = [*plan.columns, *(c.field for c in plan.query.where), *(f for f, _ in plan.query.order)]
    if resource.join is None or not (
        resource.join == "x" or any(f.startswith(("metrics.", "segments.")) for f in fields)
    ):
        return resource.source
    kept = [condition_sql(c, SEGMENTS[c.field], plan.target.today, arguments) for c in plan.conditions("segments.")]
    inner = f"SELECT * FROM ({_FACTS} WHERE f.a = {plan.target.number}) x"
    facts = f"({inner}{' WHERE ' + ' AND '.join(kept) if kept else ''}) x"
    if resource.join == "x":
        return f"{facts} {resource.source.removeprefix('x ')}"
    kind = "JOIN" if plan.used("segments.") else "LEFT JOIN"
    return f"{resource.source} {kind} {facts} ON {resource.join}"


def _where(plan: _Plan, arguments: list[Any]) -> str:
    target = plan.target
    own = f"acc.a = {target.number}"
    if plan.resource.name == "customer_client":
        own = "'{customer}' IN (acc.customer_id, acc.manager_id, up.manager_id)"
    conditions = [c for c in plan.query.where if not c.field.startswith(("metrics.", "segments."))]
    return " AND ".join([own, *(condition_sql(c, _known(c.field), target.today, arguments) for c in conditions)])


def _having(plan: _Plan, arguments: list[Any]) -> str:
    kept = [condition_sql(c, METRICS[c.field], plan.target.today, arguments) for c in plan.conditions("metrics.")]
    return f" HAVING {' AND '.join(kept)}" if kept else ""


def _group(plan: _Plan) -> str:
    ordered = [f for f, _ in plan.query.order if f not in plan.columns]
    fields = [f for f in [*plan.columns, *ordered] if f not in METRICS and f not in AGGREGATED]
    return (
        f" GROUP BY {', '.join(dict.fromkeys([*plan.resource.key, *(_sql(f) for f in fields if _sql(f) != 'NULL')]))}"
    )


def _order(plan: _Plan) -> str:
    """The asked order; ties, and queries without one, go by what makes rows distinct."""
    wanted = [f"{_sql(f)} {'DESC NULLS LAST' if falling else 'NULLS FIRST'}" for f, falling in plan.query.order]
    rest = [*plan.resource.key, *(SEGMENTS[f] for f in plan.used("segments."))]
    return ", ".join([*wanted, *dict.fromkeys(rest)])


def _known(name: str) -> str:
    """The SQL of a field in a condition, where an unset value would be a wrong answer."""
    if (sql := _sql(name)) == "NULL":
        raise not_emulated(f"values for {name}")
    return sql


def _check(plan: _Plan) -> None:
    query = plan.query
    for name in query.select:
        _check_field(plan, name, "SELECT")
        if name.startswith("segments.") and name not in SEGMENTS:
            raise not_emulated(f"segment {name}")
    for condition in query.where:
        _check_field(plan, condition.field, "WHERE")
        if condition.field.startswith(("metrics.", "segments.")):
            _known(condition.field)
    for name, _ in query.order:
        _check_field(plan, name, "ORDER BY")
        _known(name)
    _check_segments(query)
    _check_dates(query)
    if plan.resource.name == "change_event":
        _check_changes(query, plan.target.today)


def _check_field(plan: _Plan, name: str, clause: str) -> None:
    found = descriptor(name)
    prefix = name.partition(".")[0]
    codes = {"SELECT": "SELECT", "WHERE": "WHERE", "ORDER BY": "SELECT"}
    if prefix in ("metrics", "segments"):
        _check_measured(plan, name)
    elif prefix != plan.resource.name and prefix not in plan.resource.related:
        raise query_error(
            f"PROHIBITED_RESOURCE_TYPE_IN_{codes[clause]}_CLAUSE",
            f"Cannot use the following resource(s) in {clause} with FROM {plan.resource.name}: '{prefix}'.",
        )
    if found.message_type and clause != "SELECT":
        raise query_error(f"PROHIBITED_FIELD_IN_{codes[clause]}_CLAUSE", f"Field '{name}' cannot be used in {clause}.")


def _check_measured(plan: _Plan, name: str) -> None:
    kind = name.partition(".")[0].removesuffix("s").upper()
    if plan.resource.join is None:
        raise query_error(
            f"PROHIBITED_{kind}_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on the following {kind.lower()}s: '{name}', since the resource "
            f"{plan.resource.name} is incompatible with them.",
        )
    if plan.target.is_manager and kind == "METRIC":
        raise query_error(
            "REQUESTED_METRICS_FOR_MANAGER",
            "Metrics cannot be requested for a manager account. To retrieve metrics, issue separate requests against "
            "each client account under the manager account.",
        )


def _check_segments(query: Query) -> None:
    missing = [c.field for c in query.where if c.field.startswith("segments.") and c.field not in DATES]
    missing += [f for f, _ in query.order if f.startswith("segments.")]
    for name in missing:
        if name not in query.select:
            raise query_error(
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
                f"The following field must be present in SELECT clause: '{name}'.",
            )


def _check_dates(query: Query) -> None:
    """A query split by date needs a finite range of dates."""
    split = [f for f in query.select if f in DATES]
    filtered = [c.operator for c in query.where if c.field in DATES]
    finite = any(o in _FINITE for o in filtered) or (
        any(o.startswith(">") for o in filtered) and any(o.startswith("<") for o in filtered)
    )
    if split and not finite:
        raise query_error(
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            f"The following core date segments are selected without a finite date range filter: {', '.join(split)}.",
        )


def _check_changes(query: Query, today: date) -> None:
    """The history is queried with a finite range of the last 30 days and a limit."""
    asked = [c for c in query.where if c.field == CHANGED_AT]
    operators = [c.operator for c in asked]
    both = any(o.startswith(">") for o in operators) and any(o.startswith("<") for o in operators)
    if not both and not any(o in _FINITE for o in operators):
        raise _change_error(
            "CHANGE_DATE_RANGE_INFINITE", "The query must have a finite date range on change_event.change_date_time."
        )
    starts = [str(c.values[0])[:10] for c in asked if c.operator in (">", ">=", "=", "BETWEEN")]
    if any(start < str(today - timedelta(days=_CHANGE_DAYS)) for start in starts):
        raise _change_error(
            "START_DATE_TOO_OLD", f"The requested start date is too old. It cannot be older than {_CHANGE_DAYS} days."
        )
    if not query.limit or query.limit > _MOST_CHANGES:
        raise _change_error("INVALID_LIMIT_CLAUSE", f"The query must have a limit of at most {_MOST_CHANGES}.")


def _change_error(code: str, message: str) -> Refusal:
    return failure(grpc.StatusCode.INVALID_ARGUMENT, "change_event_error", code, message)
