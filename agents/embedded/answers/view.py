"""A tool result as an answer reads it: the self-describing JSON of `for_model()`, or any other JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeGuard

from agents.embedded.answers.wrapping import unwrapped
from agents.embedded.request import Returned
from agents.embedded.schema import spaced

Number = int | float
NUMERIC = ("integer", "number", "percent", "money", "seconds", "ratio")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def derived(self) -> bool:
        """A comparison column, told beside its metric and never alone."""
        return self.name.endswith(("_previous", "_change"))


@dataclass(frozen=True, slots=True)
class View:
    tool: str
    args: dict[str, Any]
    title: str = ""
    source: str = ""
    as_of: str = ""
    period: tuple[date, date] | None = None
    compare: tuple[date, date] | None = None
    timezone: str = ""
    currency: str = ""
    fields: tuple[Field, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    totals: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    no_past: tuple[date, date] | None = None  # the period compared with, when nothing was recorded in it
    whole: dict[str, Any] = field(default_factory=dict)  # the account's totals, when narrowed to rows by name
    named: str = ""  # the one row it was narrowed to
    truncated: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: dict[str, str] | None = None
    raw: Any = None  # set when the result does not describe itself

    @property
    def keys(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if not f.numeric)

    @property
    def metrics(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.numeric and not f.derived)

    def kind(self, name: str) -> str:
        found = next((f.kind for f in self.fields if f.name == name), None)
        if re.search(r"roas$", name, re.IGNORECASE):
            return "ratio"
        return found if found in NUMERIC else guess_kind(name)

    def label(self, name: str) -> str:
        found = next((f.label for f in self.fields if f.name == name), "")
        return found or spaced(name).capitalize()


def guess_kind(name: str) -> str:
    """The kind of a total that has no column of its own."""
    if re.search(r"share|rate$|Rate$|^ctr$|percent|_change$|pct|ratio", name):
        return "percent"
    if re.search(
        r"^(?:cost|spend|spent|budget|revenue|cpa|avg_cpc|cpc|value)$|cost$|_cost|revenue|"
        r"Revenue|conversion_value|_budget|projected$|amount|price",
        name,
    ):
        return "money"
    return "seconds" if re.search(r"[Dd]uration|seconds", name) else "number"


def read_view(returned: Returned) -> View:
    """A result of any shape. What does not describe itself is kept whole in `raw`; nothing at all is an empty text."""
    data = unwrapped(returned.body)
    if isinstance(data, dict) and (failed := _error(data)):
        return replace(_origin(returned, data), error=failed)
    if not isinstance(data, dict) or not ({"columns", "totals", "notes"} & data.keys()) or not _is_table(data):
        return View(returned.name, returned.args, raw="" if data is None else data)
    named = tuple(_field(c) for c in data.get("columns") or ())
    rows = tuple(_row(r, named) for r in data.get("rows") or ())
    truncated = data.get("truncated")
    return replace(
        _origin(returned, data),
        period=_period(data.get("date_range") or data.get("range") or data.get("period")),
        compare=_period(data.get("compare_range") or data.get("compare")),
        fields=tuple(_as_filled(f, rows) for f in named) or _guessed(rows),
        rows=rows,
        totals=_plain(data.get("totals")),
        before=_plain(data.get("compare_totals")),
        truncated=truncated if isinstance(truncated, int) else 0,
        notes=_texts(data.get("notes")),
        warnings=_texts(data.get("warnings")),
    )


def _origin(returned: Returned, data: dict[str, Any]) -> View:
    said = {k: str(data.get(k) or "") for k in ("title", "source", "as_of", "timezone", "currency")}
    return View(
        returned.name,
        returned.args,
        title=said["title"],
        source=said["source"],
        as_of=said["as_of"],
        timezone=said["timezone"],
        currency=said["currency"],
    )


def _error(data: dict[str, Any]) -> dict[str, str] | None:
    """What went wrong, from `error` or the first of `errors`; None when nothing did."""
    several = data.get("errors")
    found = data.get("error") or (several[0] if isinstance(several, list) and several else None)
    if not found:
        return None
    plain = found if isinstance(found, dict) else {"message": found}
    return {str(k): str(v) for k, v in plain.items()}


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(str(t) for t in (raw if isinstance(raw, list) else [raw]) if isinstance(t, str) and t)


def _as_filled(field: Field, rows: tuple[dict[str, Any], ...]) -> Field:
    """A column called a number whose cells are words is a name."""
    cells = [r.get(field.name) for r in rows if r.get(field.name) is not None]
    words_only = field.numeric and cells and not any(is_number(c) for c in cells)
    return Field(field.name, field.label, "text") if words_only else field


def _is_table(data: dict[str, Any]) -> bool:
    columns, rows, totals = (data.get(k) or [] for k in ("columns", "rows", "totals"))
    described = isinstance(columns, list) and all(isinstance(c, dict | str) for c in columns)
    return described and isinstance(rows, list) and (isinstance(totals, dict) or not totals)


def _field(raw: Any) -> Field:
    if isinstance(raw, str):
        return Field(raw, spaced(raw).capitalize(), guess_kind(raw))
    name = str(raw.get("name") or raw.get("id") or raw.get("label") or "")
    kind = str(raw.get("kind") or raw.get("type") or "text")
    kind = {"currency": "money", "string": "text", "float": "number", "int": "integer"}.get(kind, kind)
    if kind == "number" and name.lower().endswith("roas"):
        kind = "ratio"
    return Field(name, str(raw.get("label") or spaced(name).capitalize()), kind)


def _row(raw: Any, fields: tuple[Field, ...]) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    if isinstance(raw, list):
        return {f.name: value for f, value in zip(fields, raw, strict=False)}
    return {"value": raw}


def _guessed(rows: tuple[dict[str, Any], ...]) -> tuple[Field, ...]:
    first = rows[0] if rows else {}
    return tuple(
        Field(
            n,
            spaced(n).capitalize(),
            guess_kind(n) if isinstance(v, int | float) and not isinstance(v, bool) else "text",
        )
        for n, v in first.items()
    )


def _plain(raw: Any) -> dict[str, Any]:
    return dict(raw) if isinstance(raw, dict) else {}


def _period(raw: Any) -> tuple[date, date] | None:
    if isinstance(raw, dict):
        raw = [raw.get("start") or raw.get("start_date"), raw.get("end") or raw.get("end_date")]
    if isinstance(raw, str):
        raw = re.findall(r"\d{4}-\d{2}-\d{2}", raw)
    try:
        start, end = (date.fromisoformat(str(day)[:10]) for day in raw)
    except (TypeError, ValueError):
        return None
    return start, end


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
