"""A tool result as an answer reads it: the self-describing JSON of `for_model()`, or any other JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeGuard

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
    reason: str = ""
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
    try:
        data = json.loads(returned.body)
    except ValueError:
        data = returned.body
    if not isinstance(data, dict) or not ({"columns", "totals", "error", "notes"} & data.keys()):
        return View(returned.name, returned.args, raw=data)
    if data.get("columns") and not _is_table(data):
        return View(returned.name, returned.args, raw=data)
    fields = tuple(_field(c) for c in data.get("columns") or ())
    rows = tuple(_row(r, fields) for r in data.get("rows") or ())
    if "error" in data and not isinstance(data["error"], dict):
        data["error"] = {"message": str(data["error"])}
    return View(
        tool=returned.name,
        args=returned.args,
        title=str(data.get("title") or ""),
        source=str(data.get("source") or ""),
        reason=str(data.get("reason") or ""),
        as_of=str(data.get("as_of") or ""),
        period=_period(data.get("date_range") or data.get("range") or data.get("period")),
        compare=_period(data.get("compare_range") or data.get("compare")),
        timezone=str(data.get("timezone") or ""),
        currency=str(data.get("currency") or ""),
        fields=fields or _guessed(rows),
        rows=rows,
        totals=_plain(data.get("totals")),
        before=_plain(data.get("compare_totals")),
        truncated=int(data.get("truncated") or 0),
        notes=tuple(str(n) for n in data.get("notes") or () if isinstance(n, str)),
        warnings=tuple(str(n) for n in data.get("warnings") or ()),
        error={k: str(v) for k, v in data["error"].items()} if data.get("error") else None,
    )


def _is_table(data: dict[str, Any]) -> bool:
    return all(isinstance(c, dict | str) for c in data["columns"]) and isinstance(data.get("rows", []), list)


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
