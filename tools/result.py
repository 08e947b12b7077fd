"""What a tool gives back: a table that describes itself, with its source, period and time, compact for a model."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tools.blocks import Block, Cell, Column

Source = Literal["live", "gateway", "demo", "camarad"]


class Period(BaseModel):
    """Calendar days, both ends included, in the account's own time zone."""

    model_config = ConfigDict(frozen=True)

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


class Meta(BaseModel):
    """Where numbers came from: on tool results, tabs and API answers alike. `camarad` marks our own records."""

    source: Source
    reason: str | None = None
    as_of: datetime
    range: Period | None = None
    compare: Period | None = None
    timezone: str | None = None
    currency: str | None = None
    cached: bool = False
    warnings: list[str] = []
    quota: dict[str, Any] | None = None


class ToolError(BaseModel):
    """Written for a model: what was wrong, what is allowed or what the person can do, never a traceback."""

    code: str
    message: str
    hint: str
    link: str | None = None


class ToolResult(BaseModel):
    """`totals` and `compare_totals` are by column name; `notes` are findings computed by the tool, in plain words."""

    title: str
    meta: Meta
    columns: list[Column] = []
    rows: list[list[Cell]] = []
    totals: dict[str, Cell] = {}
    compare_totals: dict[str, Cell] = {}
    truncated: int = 0
    notes: list[str] = []
    blocks: list[Block] = []
    error: ToolError | None = None

    def for_model(self) -> str:
        """The result as compact JSON: no blocks, no empty fields, no spaces."""
        body: dict[str, Any] = {
            "title": self.title,
            "source": self.meta.source,
            "reason": self.meta.reason,
            "as_of": self.meta.as_of.isoformat(timespec="seconds"),
            "date_range": self.meta.range and [str(self.meta.range.start), str(self.meta.range.end)],
            "compare_range": self.meta.compare and [str(self.meta.compare.start), str(self.meta.compare.end)],
            "timezone": self.meta.timezone,
            "currency": self.meta.currency,
            "columns": [c.model_dump() for c in self.columns],
            "rows": self.rows,
            "totals": self.totals,
            "compare_totals": self.compare_totals,
            "truncated": self.truncated,
            "notes": self.notes,
            "warnings": self.meta.warnings,
            "error": self.error and self.error.model_dump(exclude_none=True),
        }
        return json.dumps(
            {k: v for k, v in body.items() if v not in (None, [], {}, 0)}, ensure_ascii=False, separators=(",", ":")
        )
