"""All arguments of one tool from one question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agents.embedded.arguments import amounts, lists, names, numbers, strings, when
from agents.embedded.arguments.choices import pick
from agents.embedded.dates import DateAnswer, without_dates
from agents.embedded.request import Request
from agents.embedded.schema import Param, ToolSchema
from agents.embedded.text import fold


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
    args: dict[str, Any] = {}
    missing = []
    for param in tool.params:
        value = _value(param, tool, text if when.part_of(param) else dateless, dates, request, today)
        if value is None and param.required:
            value = _fallback(param, text, force)
            if value is None:
                missing.append(param.name)
        if value is not None:
            args[param.name] = value
    return Filled(args, tuple(missing), names.named_entity(dateless, request))


def _value(param: Param, tool: ToolSchema, text: str, dates: DateAnswer, request: Request, today: date) -> Any:
    part = when.part_of(param)
    if part is not None:
        return when.write(param, part, dates, today)
    if param.choices:
        return _choice(param, text)
    if param.type == "array":
        return lists.several(param, text, request)
    if param.type in ("integer", "number"):
        return amounts.number(param, text, dates)
    if param.type == "boolean":
        return amounts.boolean(param, text)
    if param.type == "object":
        return _object(param, tool, text, dates, request, today)
    return strings.string(param, text, request)


def _choice(param: Param, text: str) -> Any:
    found = pick(
        param,
        _grouping(text) if param.name in ("by", "group_by", "split", "split_by", "dimension", "breakdown") else text,
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
        return neutral[0] if neutral else param.choices[0]
    if param.type == "array":
        return lists.neutral(param, force)
    if param.type == "boolean":
        return False
    if numbers.is_limit(param):
        return numbers.fit(param, 10)
    if not force:
        return None
    return {"integer": 1, "number": 1, "object": {}}.get(param.type, text.strip() or "-")
