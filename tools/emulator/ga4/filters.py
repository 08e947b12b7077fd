"""Filter expressions of a report as SQL conditions with their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.analytics.data_v1beta import types as beta

from tools.emulator.ga4 import errors
from tools.emulator.rpc import Refusal

Resolve = Callable[[str], str]
_OPERATIONS = {
    "EQUAL": "=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
}


def condition(expression: Any, resolve: Resolve, arguments: list[Any]) -> str:
    """The condition of a FilterExpression (beta or alpha); `resolve` gives a field's SQL or refuses it."""
    kind = type(expression).pb(expression).WhichOneof("expr")
    if kind is None:
        return "true"
    if kind == "and_group":
        return _join(" AND ", expression.and_group.expressions, resolve, arguments)
    if kind == "or_group":
        return _join(" OR ", expression.or_group.expressions, resolve, arguments)
    if kind == "not_expression":
        return f"NOT coalesce({condition(expression.not_expression, resolve, arguments)}, false)"
    return _filter(expression.filter, resolve, arguments)


def fields(expression: Any) -> list[str]:
    """The names of all fields an expression mentions."""
    kind = type(expression).pb(expression).WhichOneof("expr")
    if kind in ("and_group", "or_group"):
        return [name for part in getattr(expression, kind).expressions for name in fields(part)]
    if kind == "not_expression":
        return fields(expression.not_expression)
    return [expression.filter.field_name] if kind == "filter" else []


def _join(word: str, parts: Any, resolve: Resolve, arguments: list[Any]) -> str:
    if not parts:
        raise errors.invalid("A filter expression group must have at least one expression.")
    return "(" + word.join(condition(part, resolve, arguments) for part in parts) + ")"


def _filter(one: Any, resolve: Resolve, arguments: list[Any]) -> str:
    column = resolve(one.field_name)
    kind = type(one).pb(one).WhichOneof("one_filter")
    if kind == "string_filter":
        return _string(column, one.string_filter, arguments)
    if kind == "in_list_filter":
        return _in_list(column, one.in_list_filter, arguments)
    if kind == "numeric_filter":
        operation = beta.Filter.NumericFilter.Operation(int(one.numeric_filter.operation)).name
        if operation not in _OPERATIONS:
            raise errors.invalid(f"The numeric filter on {one.field_name} needs an operation.")
        arguments.append(_number(one.numeric_filter.value))
        return f"TRY_CAST({column} AS DOUBLE) {_OPERATIONS[operation]} ?"
    if kind == "between_filter":
        arguments += [_number(one.between_filter.from_value), _number(one.between_filter.to_value)]
        return f"TRY_CAST({column} AS DOUBLE) BETWEEN ? AND ?"
    if kind == "empty_filter":
        return f"({column} IS NULL OR {column} IN ('', '(not set)'))"
    raise _missing(one.field_name)


def _missing(field: str) -> Refusal:
    return errors.invalid(f"The filter on {field} must have one of the filter types set.")


def _number(value: Any) -> float:
    kind = type(value).pb(value).WhichOneof("one_value")
    return float(getattr(value, kind)) if kind else 0.0


def _in_list(column: str, wanted: Any, arguments: list[Any]) -> str:
    if not wanted.values:
        raise errors.invalid("An inListFilter must have at least one value.")
    arguments += [value if wanted.case_sensitive else value.lower() for value in wanted.values]
    marks = ",".join("?" * len(wanted.values))
    return f"{column} IN ({marks})" if wanted.case_sensitive else f"lower({column}) IN ({marks})"


def _string(column: str, wanted: Any, arguments: list[Any]) -> str:
    match = beta.Filter.StringFilter.MatchType(int(wanted.match_type)).name
    if match in ("FULL_REGEXP", "PARTIAL_REGEXP"):
        arguments.append(wanted.value)
        function = "regexp_full_match" if match == "FULL_REGEXP" else "regexp_matches"
        options = "" if wanted.case_sensitive else ", 'i'"
        return f"{function}({column}, ?{options})"
    arguments.append(wanted.value if wanted.case_sensitive else wanted.value.lower())
    text = column if wanted.case_sensitive else f"lower({column})"
    return {
        "BEGINS_WITH": f"starts_with({text}, ?)",
        "ENDS_WITH": f"suffix({text}, ?)",
        "CONTAINS": f"contains({text}, ?)",
    }.get(match, f"{text} = ?")
