"""Two periods named outright ("November against September"), for tools that can only compare with the period before.

Such a tool is called twice, once a period, and the answer puts both side by side (answers/pairs.py). A running period
is held against equally many days of the other, so that twenty days of November do not stand against all of September.
"""

from __future__ import annotations

from typing import Any

from agents.embedded.arguments import when
from agents.embedded.arguments.fill import fill
from agents.embedded.dates import DateAnswer
from agents.embedded.dates.span import DAY, Span, before
from agents.embedded.request import Request
from agents.embedded.schema import Param, ToolSchema


def second_call(tool: ToolSchema, clause: str, dates: DateAnswer, request: Request) -> tuple[dict[str, Any], ...]:
    """The arguments of both calls, or none when one call can tell the comparison."""
    if dates.period is None or dates.against is None or not _relative_only(tool):
        return ()
    other = _alike(dates.period, dates.against, request)
    if other == _tools_own(dates.period):
        return ()
    return tuple(_alone(tool, clause, span, request) for span in (dates.period, other))


def _relative_only(tool: ToolSchema) -> bool:
    """Whether the tool takes a period and at most a choice of what to compare it with."""
    parts = {when.part_of(p): p for p in tool.params}
    compare = parts.get("compare")
    explicit = {"compare_start", "compare_end", "ranges"} & set(parts)
    dated = {"range", "start", "month"} & set(parts)
    return bool(dated) and not explicit and (compare is None or bool(compare.choices) or compare.type == "boolean")


def _alike(main: Span, other: Span, request: Request) -> Span:
    running = main.end >= request.facts.today - DAY and main.unit in ("week", "month", "quarter", "year")
    if running and other.days > main.days:
        return Span(other.start, other.start + DAY * (main.days - 1), other.unit)
    return other


def _tools_own(main: Span) -> Span:
    """What "the period before" is to a tool: calendar months by the month, all else by the number of days."""
    if main.unit == "month":
        past = before(main, main.end)
        return past if (main.end + DAY).day == 1 else Span(past.start, past.start + DAY * (main.days - 1), "month")
    return Span(main.start - DAY * main.days, main.start - DAY, main.unit)


def _alone(tool: ToolSchema, clause: str, span: Span, request: Request) -> dict[str, Any]:
    args = fill(tool, clause, DateAnswer(span, "none"), request).args
    compare = next((p for p in tool.params if when.part_of(p) == "compare"), None)
    return args if compare is None else {**args, compare.name: _nothing(compare)}


def _nothing(param: Param) -> Any:
    if param.type == "boolean":
        return False
    return next((c for c in param.choices if str(c).lower() in ("none", "no", "off", "never")), param.choices[0])
