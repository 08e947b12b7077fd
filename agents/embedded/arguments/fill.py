"""All arguments of one tool from one question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agents.embedded.arguments import amounts, lists, names, numbers, strings, when
from agents.embedded.arguments.choices import matches, pick
from agents.embedded.dates import DateAnswer, without_dates
from agents.embedded.dates.ahead import ahead
from agents.embedded.lexicon import concepts_in
from agents.embedded.request import Request
from agents.embedded.schema import Param, ToolSchema, spaced
from agents.embedded.text import fold

_RATIOS = frozenset(
    ["roas", "cpa", "cpc", "ctr", "quality_score", "conversion_rate", "bounce", "engagement", "duration"]
)
_SALES = frozenset({"revenue", "conversions", "purchases", "new_users"})
_FIRST = re.compile(r"\b(?:best|top|highest|most|cele? mai|cea mai|cel mai|low|lowest|scazut\w*|mica?)\b")
_LAST = re.compile(
    r"\b(?:worst|lowest|low|weak\w*|poor\w*|least|underperform\w*|bottom|slab\w*|pro(?:st|ast)\w*|neperformant\w*)\b"
)
GROUPINGS = ("by", "group_by", "split", "split_by", "dimension", "breakdown")


@dataclass(frozen=True, slots=True)
class Filled:
    """`missing` are required arguments nothing was said about; `named` the entity that was found."""

    args: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    named: str | None = None


def fill(tool: ToolSchema, text: str, dates: DateAnswer, request: Request, *, force: bool = False) -> Filled:
    """`text` is the clause for this tool; `dates` hold for the whole question. `force` leaves none out."""
    today = request.facts.today
    dateless = without_dates(text, today)
    if looks_ahead(tool):
        dates = ahead(dates, text, today)
    uncounted = amounts.without_ids(tool.params, dateless)
    args: dict[str, Any] = {}
    missing = []
    for param in tool.params:
        said = text if when.part_of(param) else dateless if amounts.is_id(param) else uncounted
        value = _value(param, tool, said, dates, request, today)
        if param.choices and value is not None:
            value = _apart(param, tool, value, args, said)
        if value is None and param.required:
            value = _fallback(param, text, force)
            if value is None:
                missing.append(param.name)
        if value is not None:
            args[param.name] = value
    args = {name: value for name, value in args.items() if name not in GROUPINGS or str(value) not in args}
    if _ranks_otherwise(tool, uncounted, args):
        args |= {p.name: p.maximum for p in tool.params if numbers.is_limit(p) and p.maximum is not None}
    return Filled(args, tuple(missing), names.named_entity(dateless, request))


def _ranks_otherwise(tool: ToolSchema, text: str, args: dict[str, Any]) -> bool:
    """Whether rows are wanted by a measure that the tool does not order by, so that its first rows are not the ones.

    Tools order by size, largest first, unless an argument of theirs says otherwise.
    """
    first = bool(numbers.limit(text) or _FIRST.search(fold(text)) or _LAST.search(fold(text)))
    sorts = any("sort" in p.name for p in tool.params)
    sales = _SALES - concepts_in(spaced(tool.name))  # orders are no measure of a list of orders
    measures = concepts_in(text) & (_RATIOS if sorts else _RATIOS | sales) - {
        str(value) for name, value in args.items() if "sort" in name
    }
    return first and bool(measures or _LAST.search(fold(text)))


def looks_ahead(tool: ToolSchema) -> bool:
    """Whether a tool is about what is to come, so that "25 November" is the next one."""
    return bool(concepts_in(tool.about) & {"calendar", "weather", "task", "booking", "flight", "forecast"})


def _apart(param: Param, tool: ToolSchema, value: Any, args: dict[str, Any], text: str) -> Any:
    """Two arguments with the same choices ("from", "to") take what is said in order, never the same value twice."""
    before = [p.name for p in tool.params if p.choices == param.choices and p.name in args]
    if not before or value not in [args[name] for name in before]:
        return value
    said = matches(param, text)
    return said[len(before)] if len(said) > len(before) else None


def _value(param: Param, tool: ToolSchema, text: str, dates: DateAnswer, request: Request, today: date) -> Any:
    part = when.part_of(param)
    if part is not None:
        return when.write(param, part, dates, today)
    if param.choices:
        return _choice(param, text)
    if param.type == "array":
        return lists.several(param, text, request)
    if param.type in ("integer", "number"):
        told = amounts.number(param, text, dates)
        return _all_rows(param, text, request) if told is None and numbers.is_limit(param) else told
    if param.type == "boolean":
        return amounts.boolean(param, text)
    if param.type == "object":
        return _object(param, tool, text, dates, request, today)
    return strings.string(param, text, request)


def _all_rows(param: Param, text: str, request: Request) -> int | float | None:
    """Names that are compared may be among the smallest rows, so none is left out that a tool can give."""
    compared = len(names.bare_names(text, request.facts.client)) > 1
    return param.maximum if compared and param.maximum is not None else None


def _choice(param: Param, text: str) -> Any:
    if strings.kind_of(param) == "device" and not param.required and len(matches(param, text)) > 1:
        return None  # mobile and desktop are held against each other, and neither narrows
    found = pick(
        param,
        _grouping(text) if param.name in GROUPINGS else text,
    )
    return found if found is not None else pick(param, text)


def _grouping(text: str) -> str:
    """What follows "by", "per" / "pe", "după": the words that say how to split."""
    found = re.search(r"\b(?:by|per|split by|broken down by|pe|dupa|in functie de)\s+(.*)$", fold(text))
    return found[1] if found else text


def _object(param: Param, tool: ToolSchema, text: str, dates: DateAnswer, request: Request, today: date) -> Any:
    inner = {f.name: v for f in param.fields if (v := _value(f, tool, text, dates, request, today)) is not None}
    return inner or None


def _fallback(param: Param, text: str, force: bool) -> Any:
    """For a required argument nothing was said about: its default, the only or neutral choice, or a forced guess."""
    if param.default is not None:
        return param.default
    if param.choices:
        neutral = [c for c in param.choices if str(c).lower() in ("all", "none", "auto", "any", "default", "overview")]
        only = param.choices[0] if len(param.choices) == 1 or force else None
        return neutral[0] if neutral else only
    if param.type == "array":
        return lists.neutral(param, force)
    if param.type == "boolean":
        return False
    if numbers.is_limit(param):
        return numbers.fit(param, 10)
    if not force:
        return None
    return {"integer": 1, "number": 1, "object": {}}.get(param.type, text.strip() or "-")
