"""Date arguments: whatever shape a schema gives periods and comparisons, the grammar's answer is written into it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from agents.embedded.arguments.against import compare_choice
from agents.embedded.dates import DateAnswer, read_dates
from agents.embedded.dates.grammar import neighbour
from agents.embedded.dates.span import Span, last_days, month, month_end
from agents.embedded.schema import Param, spaced

Part = Literal[
    "range", "start", "end", "days", "day", "month", "year", "compare", "compare_start", "compare_end", "ranges"
]

_OTHER = re.compile(r"\b(?:compar\w*|previous|prior|baseline|against|versus|vs)\b")
_RANGE = re.compile(
    r"\b(?:(?:date |time |reporting )?(?:range|period|timeframe|time frame|interval|when|"
    r"dates|timespan|time span|during)|range|time window|window|date preset|preset|"
    r"daterange)\b"
)
_START = re.compile(
    r"^(?:start|from|since|begin|after|date from|min date|start date|first day)\b|"
    r"\b(?:start|from|begin\w*|since)(?: (?:date|day|time))?$|^(?:start|from|since)$"
)
_END = re.compile(
    r"^(?:end|to|until|till|through|before|date to|max date|end date|last day)\b|\b(?:end|"
    r"to|until)(?: (?:date|day|time))?$"
)


def part_of(param: Param) -> Part | None:
    """Which part of a period an argument asks for, by name first and description second."""
    name = spaced(param.name)
    if param.type == "array":
        return "ranges" if param.item and param.item.fields and _has_bounds(param.item) else None
    if param.type == "object":
        return _object_part(param, name)
    if _OTHER.search(name):
        return _compare_part(param, name)
    if param.type in ("integer", "number"):
        return _number_part(param, name)
    if param.type == "boolean":
        return None
    return _text_part(param, name)


def _object_part(param: Param, name: str) -> Part | None:
    if not _has_bounds(param):
        return None
    return "compare" if _OTHER.search(name) else "range"


def _has_bounds(param: Param) -> bool:
    """An object of two days and nothing else; one with other fields is filled field by field."""
    parts = {_text_part(f, spaced(f.name)) for f in param.fields}
    return parts == {"start", "end"}


def _compare_part(param: Param, name: str) -> Part | None:
    if _START.search(name) and not param.choices:
        return "compare_start"
    if re.search(r"\b(?:end|to|until)\b", name.replace("compare to", "compare")) and not param.choices:
        return "compare_end"
    return "compare"


def _number_part(param: Param, name: str) -> Part | None:
    if re.search(r"\bdays?\b|\blookback\b|\bdays back\b", name) or (
        "days" in param.description.lower() and "last" in param.about
    ):
        return "days"
    if re.fullmatch(r"year|an", name):
        return "year"
    return "month" if re.fullmatch(r"month|luna", name) else None


def _text_part(param: Param, name: str) -> Part | None:
    dateish = (
        param.format in ("date", "date-time")
        or "date" in name
        or re.search(r"yyyy|iso 8601|iso date|calendar date", param.description.lower())
    )
    if param.choices:
        return "range" if _choices_are_periods(param) else None
    if bound := _bound_part(param, name, bool(dateish)):
        return bound
    if _RANGE.search(name):
        return "range"
    if re.fullmatch(r"month", name):
        return "month"
    if re.fullmatch(r"(?:the )?(?:date|day|on date|as of(?: date)?|for date|report date)", name):
        return "day"
    if re.search(
        r"date range|\bperiod\b.*\b(?:days|month)|range of (?:dates|days)", param.description.lower()
    ) and not re.search(r"group|granular", param.about):
        return "range"
    return None


def _bound_part(param: Param, name: str, dateish: bool) -> Part | None:
    if dateish and re.search(r"\b(?:after|since|from)$", name):
        return "start"
    if dateish and (name == "to" or re.search(r"\b(?:before|until|to)$", name)):
        return "end"
    if name != "to" and _START.search(name) and (dateish or not re.search(r"e-?mail|city|address|node", param.about)):
        return "start"
    return "end" if dateish and _END.search(name) else None


def _choices_are_periods(param: Param) -> bool:
    today = date(2026, 6, 17)
    read = sum(_choice_span(str(c), today) is not None for c in param.choices)
    return read >= max(1, len(param.choices) * 0.5)


def _choice_span(choice: str, today: date) -> Span | None:
    text = re.sub(r"(\d+)", r" \1 ", spaced(choice)).replace("  ", " ").strip()
    text = re.sub(r"^(?:last |past )?p? ?(\d+) ?d(?:ays?)?$", r"last \1 days", text)
    text = re.sub(r"^(?:last |past )?p? ?(\d+) ?w(?:eeks?)?$", r"last \1 weeks", text)
    text = re.sub(r"^(?:last |past )?p? ?(\d+) ?m(?:onths?)?$", r"last \1 months", text)
    text = re.sub(r"^(?:week|month|quarter|year)$", r"this \g<0>", text)
    if not re.search(
        r"last|this|previous|current|today|yesterday|ytd|mtd|to date|\d{4}|q ?\d|past|ultim|azi|ieri|luna|sapt", text
    ):
        return None
    return read_dates(text.replace("q ", "q"), today).period


def write(param: Param, part: Part, answer: DateAnswer, today: date) -> Any:
    """The argument's value, or None to leave it out."""
    if part in ("compare", "compare_start", "compare_end"):
        return _write_compare(param, part, answer, today)
    if part == "ranges":
        return _write_ranges(param, answer, today)
    span = answer.period
    if span is None:
        if not param.required or param.default is not None:
            return None
        span = last_days(28, today)
    return _write_span(param, part, span, today)


def _write_span(param: Param, part: Part, span: Span, today: date) -> Any:
    if param.type == "object":
        return {f.name: _write_span(f, p, span, today) for f in param.fields if (p := part_of(f)) in ("start", "end")}
    if part == "start" or part == "day":
        return _stamp(param, span.start if part == "start" else span.end)
    if part == "end":
        return _stamp(param, span.end)
    if part == "days":
        return _bounded(param, span.days if span.end >= today or span.unit == "days" else (today - span.start).days)
    if part == "month":
        return span.start.month if param.type in ("integer", "number") else f"{span.start:%Y-%m}"
    if part == "year":
        return span.start.year
    if param.choices:
        return _nearest_choice(param, span, today)
    return range_text(param, span, today)


def _stamp(param: Param, day: date) -> str:
    return f"{day}T00:00:00Z" if param.format == "date-time" else str(day)


def _bounded(param: Param, value: int) -> int:
    low = int(param.minimum) if param.minimum is not None else 1
    return max(low, min(value, int(param.maximum))) if param.maximum is not None else max(low, value)


def _nearest_choice(param: Param, span: Span, today: date) -> Any:
    read = [(c, s) for c in param.choices if (s := _choice_span(str(c), today))]
    exact = next((c for c, s in read if (s.start, s.end) == (span.start, span.end)), None)
    if exact is not None or not read:
        return exact
    near = min(read, key=lambda pair: abs(pair[1].days - span.days) + abs((pair[1].end - span.end).days))
    return near[0]


def range_text(param: Param, span: Span, today: date) -> str:
    """A period as a string argument wants it: names it lists (`28days`, `this_month`), else both days."""
    about = f"{param.description} {param.default or ''}".lower()
    yesterday_based = span.unit == "days" and (today - span.end).days == 1
    if yesterday_based and re.search(r"\d+days|<n>days|\bndays", about):
        return "yesterday" if span.days == 1 and "yesterday" in about else f"{span.days}days"
    if yesterday_based and re.search(r"last_\d+_days|last_n_days", about):
        return f"last_{span.days}_days"
    if yesterday_based and re.search(r"\b\d+d\b", about):
        return f"{span.days}d"
    if (span.start, span.end) == (today, today) and "today" in about:
        return "today"
    if span.unit == "month" and "this_month" in about and span.start == today.replace(day=1) and span.end == today:
        return "this_month"
    if span.unit == "month" and "last_month" in about and span == month(today, -1):
        return "last_month"
    if span.unit == "month" and re.search(r"yyyy-mm(?!-)", about) and span.end in (today, month_end(span.start)):
        return f"{span.start:%Y-%m}"
    return f"{span.start}{_separator(about)}{span.end}"


def _separator(about: str) -> str:
    found = re.search(
        r"(?:yyyy-mm-dd|\d{4}-\d\d-\d\d|start|from)\s?(\.\.\.?|/|:|,|~| to | - |_)\s?(?:yyyy|\d{4}|end)", about
    )
    return found[1] if found else ".."


def _write_compare(param: Param, part: Part, answer: DateAnswer, today: date) -> Any:
    if param.type == "boolean":
        return answer.compare != "none" if answer.compare != "none" or param.required else None
    if param.choices:
        return compare_choice(param, answer)
    base = answer.period or last_days(28, today)
    other = answer.against or neighbour(base, answer.compare, today)
    if other is None:
        return None
    if part != "compare":
        return _stamp(param, other.start if part == "compare_start" else other.end)
    if param.type == "object":
        return _write_span(param, "range", other, today)
    if re.search(r"previous_period|\bprevious\b", param.about) and not re.search(r"yyyy|\d{4}-\d\d", param.about):
        return "previous_year" if answer.compare == "year" and "year" in param.about else "previous"
    return f"{other.start}{_separator(param.description.lower())}{other.end}"


def _write_ranges(param: Param, answer: DateAnswer, today: date) -> Any:
    if param.item is None or (answer.period is None and not param.required):
        return None
    base = answer.period or last_days(28, today)
    other = answer.against or neighbour(base, answer.compare, today)
    return [_write_span(param.item, "range", s, today) for s in (base, other) if s is not None]
