"""AlphaAnalyticsData: runFunnelReport over users, closed or open, by step and by one breakdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from google.analytics.data_v1alpha import types as alpha

from tools.emulator.ga4 import errors
from tools.emulator.ga4.data import DataService, property_of
from tools.emulator.ga4.dates import spans
from tools.emulator.ga4.filters import condition
from tools.emulator.ga4.sql import JOINS, Span, dimension_named, ordered
from tools.emulator.rpc import Api, Caller, Method
from tools.emulator.store import Row
from tools.emulator.world import Owner, World

TOTAL = "RESERVED_TOTAL"
_TOKENS = 12
_MOST_STEPS = 10
_METRICS = ("activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments", "funnelStepAbandonmentRate")
_KINDS = ("TYPE_INTEGER", "TYPE_FLOAT", "TYPE_INTEGER", "TYPE_FLOAT")


@dataclass(frozen=True, slots=True)
class _Reached:
    """When a user reached a step, in seconds, and their breakdown value at the first step."""

    at: int
    value: str


Users = dict[int, _Reached]


class FunnelService:
    def __init__(self, world: World, data: DataService) -> None:
        self._world = world
        self._data = data

    def run_funnel_report(self, request: Any, caller: Caller) -> alpha.RunFunnelReportResponse:
        own = property_of(self._world, request.property, caller)
        steps = list(request.funnel.steps)
        if not 1 <= len(steps) <= _MOST_STEPS:
            raise errors.invalid(f"A funnel must have between 1 and {_MOST_STEPS} steps.")
        self._data.quota(own).spend(_TOKENS)
        days = spans(request.date_ranges, self._world.today(own))
        breakdown = request.funnel_breakdown.breakdown_dimension.name
        lines = [self._lines(own, span, request, breakdown) for span in days]
        names = [span.name for span in days] if len(days) > 1 else [""]
        response = alpha.RunFunnelReportResponse(
            funnel_table=_table(steps, breakdown, dict(zip(names, lines, strict=True))),
            funnel_visualization=_visualization(steps, dict(zip(names, lines, strict=True))),
            kind="analyticsData#runFunnelReport",
        )
        if request.return_property_quota:
            response.property_quota = self._data.quota(own).status(alpha, _TOKENS)
        return response

    def _lines(self, own: Owner, span: Span, request: Any, breakdown: str) -> list[Counter[str]]:
        """Users at each step: in all, and by value of the breakdown."""
        counts, before = [], None
        for step in request.funnel.steps:
            if step.is_directly_followed_by:
                raise errors.invalid("The emulator has no directly followed steps; see docs/emulator.md.")
            events = self._events(own, span, step, breakdown)
            within = step.within_duration_from_prior_step
            limit = int(within.total_seconds()) if within else 0
            before = _reached(events, before, request.funnel.is_open_funnel, limit)
            count = Counter(reached.value for reached in before.values()) if breakdown else Counter()
            count[TOTAL] = len(before)
            counts.append(count)
        return counts

    def _events(self, own: Owner, span: Span, step: Any, breakdown: str) -> list[Row]:
        """Users, times and breakdown values of the events that match a step, in order of time."""
        arguments: list[Any] = []
        tables = {"s", "k"}
        value = "''"
        if breakdown:
            dimension = dimension_named(breakdown)
            tables |= set(dimension.tables)
            value = dimension.sql
        where = _step_sql(step.filter_expression, tables, arguments)
        joins = " ".join(JOINS[t][1] for t in ordered(tables)).format(p=own.number, start=span.start, end=span.end)
        return self._world.store.query(
            f"""SELECT s.user_id, date_diff('second', DATE '1970-01-01', e.day) + e.second AS moment, {value}
            FROM event e {joins}
            WHERE e.p = {own.number} AND e.day BETWEEN '{span.start}' AND '{span.end}' AND {where}
            ORDER BY moment, 1""",
            arguments,
        )


def _step_sql(expression: Any, tables: set[str], arguments: list[Any]) -> str:
    """A step's filter; event names and dimension filters are emulated, event parameters are not."""
    kind = alpha.FunnelFilterExpression.pb(expression).WhichOneof("expr")
    if kind in ("and_group", "or_group"):
        parts = [_step_sql(part, tables, arguments) for part in getattr(expression, kind).expressions]
        return "(" + (" AND " if kind == "and_group" else " OR ").join(parts) + ")"
    if kind == "not_expression":
        return f"NOT {_step_sql(expression.not_expression, tables, arguments)}"
    if kind == "funnel_event_filter":
        if alpha.FunnelEventFilter.pb(expression.funnel_event_filter).HasField("funnel_parameter_filter_expression"):
            raise errors.invalid("The emulator has no event parameters; see docs/emulator.md.")
        arguments.append(expression.funnel_event_filter.event_name)
        return "k.name = ?"
    if kind == "funnel_field_filter":
        one = expression.funnel_field_filter
        tables |= set(dimension_named(one.field_name).tables)
        return _field_sql(one, arguments)
    raise errors.invalid("Every funnel step must have a filter expression.")


def _field_sql(one: Any, arguments: list[Any]) -> str:
    """A field filter is the same thing as a report's filter under another message."""
    body = {"field_name": one.field_name}
    kind = alpha.FunnelFieldFilter.pb(one).WhichOneof("one_filter")
    if kind is None:
        raise errors.invalid(f"The filter on {one.field_name} must have one of the filter types set.")
    expression = alpha.FilterExpression(filter=alpha.Filter(**body, **{kind: getattr(one, kind)}))
    return condition(expression, lambda name: dimension_named(name).sql, arguments)


def _reached(events: list[Row], before: Users | None, is_open: bool, limit: int) -> Users:
    """Users of a step, by their earliest fitting event; in an open funnel anyone may enter at any step."""
    reached: Users = {}
    for user, at, value in events:
        if user in reached:
            continue
        if before is None or (is_open and user not in before):
            reached[user] = _Reached(at, value)
        elif (first := before.get(user)) and at >= first.at and (not limit or at - first.at <= limit):
            reached[user] = _Reached(at, first.value)
    return reached


def _table(steps: list[Any], breakdown: str, lines: dict[str, list[Counter[str]]]) -> alpha.FunnelSubReport:
    """One row a step and breakdown value; the last step has no completion."""
    rows = []
    for span, counts in lines.items():
        for index, count in enumerate(counts):
            following = counts[index + 1] if index + 1 < len(counts) else None
            for value, users in sorted(count.items(), key=lambda item: (item[0] != TOTAL, -item[1], item[0])):
                dimensions = [_step_name(steps, index), *([value] if breakdown else []), *([span] if span else [])]
                rows.append(_row(dimensions, _rates(users, None if following is None else following[value])))
    headers = ["funnelStepName", *([breakdown] if breakdown else []), *(["dateRange"] if "" not in lines else [])]
    return _report(headers, rows, len(_METRICS))


def _visualization(steps: list[Any], lines: dict[str, list[Counter[str]]]) -> alpha.FunnelSubReport:
    rows = [
        _row([_step_name(steps, index), *([span] if span else [])], [str(count[TOTAL])])
        for span, counts in lines.items()
        for index, count in enumerate(counts)
    ]
    return _report(["funnelStepName", *(["dateRange"] if "" not in lines else [])], rows, 1)


def _report(headers: list[str], rows: list[alpha.Row], metrics: int) -> alpha.FunnelSubReport:
    return alpha.FunnelSubReport(
        dimension_headers=[alpha.DimensionHeader(name=name) for name in headers],
        metric_headers=[
            alpha.MetricHeader(name=name, type_=getattr(alpha.MetricType, kind))
            for name, kind in zip(_METRICS[:metrics], _KINDS, strict=False)
        ],
        rows=rows,
    )


def _step_name(steps: list[Any], index: int) -> str:
    return f"{index + 1}. {steps[index].name or f'Step {index + 1}'}"


def _rates(users: int, following: int | None) -> list[str]:
    """Users, completion rate, abandonments, abandonment rate."""
    if following is None:
        return [str(users), "0", "0", "0"]
    done = following / users if users else 0.0
    return [str(users), str(done), str(users - following), str(1 - done if users else 0.0)]


def _row(dimensions: list[str], metrics: list[str]) -> alpha.Row:
    return alpha.Row(
        dimension_values=[alpha.DimensionValue(value=v) for v in dimensions],
        metric_values=[alpha.MetricValue(value=v) for v in metrics],
    )


def api(world: World, data: DataService) -> Api:
    service = FunnelService(world, data)

    def target(request: Any) -> str:
        return str(request.property).removeprefix("properties/")

    method = Method("RunFunnelReport", alpha.RunFunnelReportRequest, service.run_funnel_report, target=target)
    return Api({method.name: method}, errors.fault, errors.unauthenticated)
