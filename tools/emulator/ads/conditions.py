"""WHERE conditions of a query as SQL with arguments, values checked against the field's type."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NoReturn

from tools.emulator.ads.during import days_of
from tools.emulator.ads.failure import query_error
from tools.emulator.ads.gaql import Condition, Value
from tools.emulator.ads.schema import descriptor

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}(\.\d+)?)?")
_DATE_FIELDS = (
    "segments.date",
    "segments.week",
    "segments.month",
    "segments.quarter",
    "change_event.change_date_time",
)
_TEXT_OPERATORS = ("LIKE", "NOT LIKE", "REGEXP_MATCH", "NOT REGEXP_MATCH")
_ORDERED = ("<", "<=", ">", ">=", "BETWEEN")


def condition_sql(condition: Condition, column: str, today: date, arguments: list[Any]) -> str:
    """The condition on `column`, which is the SQL of its field."""
    operator = condition.operator
    if operator == "DURING":
        return _during(condition, column, today, arguments)
    if operator.startswith("CONTAINS"):
        _mismatch(condition)
    if operator in ("IS NULL", "IS NOT NULL"):
        return f"{column} {operator}"
    if operator in _TEXT_OPERATORS:
        return _text(condition, column, arguments)
    if operator in _ORDERED and _kind(condition.field) in ("enum", "boolean"):
        _mismatch(condition)
    if is_date(condition.field):
        column = f"({column})::TIMESTAMP"
    values = [_value(condition, value) for value in condition.values]
    arguments += values
    if operator == "BETWEEN":
        return f"{column} BETWEEN {_mark(condition.field)} AND {_mark(condition.field)}"
    if operator in ("IN", "NOT IN"):
        return f"{column} {operator} ({', '.join([_mark(condition.field)] * len(values))})"
    return f"{column} {operator} {_mark(condition.field)}"


def is_date(name: str) -> bool:
    return name in _DATE_FIELDS


def _mismatch(condition: Condition) -> NoReturn:
    raise query_error(
        "OPERATOR_FIELD_MISMATCH",
        f"Operator '{condition.operator}' cannot be applied to the field '{condition.field}'.",
    )


def _mark(name: str) -> str:
    return "?::TIMESTAMP" if is_date(name) else "?"


def _during(condition: Condition, column: str, today: date, arguments: list[Any]) -> str:
    if not is_date(condition.field):
        _mismatch(condition)
    arguments += days_of(str(condition.values[0]), today)
    return f"{column}::DATE BETWEEN ? AND ?"


def _text(condition: Condition, column: str, arguments: list[Any]) -> str:
    if _kind(condition.field) != "text" or is_date(condition.field):
        _mismatch(condition)
    value = str(condition.values[0])
    negation = "NOT " if condition.operator.startswith("NOT") else ""
    if condition.operator.endswith("REGEXP_MATCH"):
        arguments.append(value)
        return f"{negation}regexp_full_match({column}, ?)"
    arguments.append(_like(value))
    return f"{column} {negation}ILIKE ? ESCAPE '\\'"


def _like(pattern: str) -> str:
    """A GAQL pattern, where [%], [_] and [[] stand for themselves, as an SQL one."""
    escaped = pattern.replace("\\", "\\\\")
    return re.sub(r"\[([%_\[])\]", lambda m: m[1] if m[1] == "[" else "\\" + m[1], escaped)


def _kind(name: str) -> str:
    field = descriptor(name)
    if field.enum_type:
        return "enum"
    if field.cpp_type == field.CPPTYPE_BOOL:
        return "boolean"
    return "text" if field.cpp_type == field.CPPTYPE_STRING else "number"


def _value(condition: Condition, value: Value) -> Any:
    name = condition.field
    if is_date(name):
        if not _DATE.fullmatch(str(value)) or not _is_day(str(value)[:10]):
            raise query_error("INVALID_DATE_FORMAT", f"Invalid date literal supplied for filtering: '{value}'.")
        return str(value)
    return {"enum": _enum, "boolean": _boolean, "text": _plain, "number": _number}[_kind(name)](condition, value)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _enum(condition: Condition, value: Value) -> str:
    if str(value) not in descriptor(condition.field).enum_type.values_by_name:
        raise query_error("BAD_ENUM_CONSTANT", f"Invalid enum value cannot be included in WHERE clause: '{value}'.")
    return str(value)


def _boolean(condition: Condition, value: Value) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise query_error("BAD_VALUE", f"Invalid boolean value for the field '{condition.field}': '{value}'.")
    return str(value).lower() == "true"


def _plain(condition: Condition, value: Value) -> str:
    return str(value)


def _number(condition: Condition, value: Value) -> float | int:
    try:
        return value if isinstance(value, int | float) else float(value)
    except ValueError:
        raise query_error("BAD_NUMBER", f"Invalid number for the field '{condition.field}': '{value}'.") from None
