"""What a tab of a connector shows: sections of figures with what they were read from. One shape for pages and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.blocks import Cell, Column
from tools.record import Provider
from tools.result import Meta

SectionKind = Literal["metrics", "series", "table", "funnel"]
DEFAULT_RANGE, DEFAULT_COMPARE = "28days", "previous"
DEFAULT_LIMIT, MOST_ROWS = 100, 250  # rows of one table


@dataclass(frozen=True, slots=True)
class RangeRequest:
    """What is asked of a tab, as people write it (see tools.ranges). `limit` bounds the rows of each table."""

    range: str = DEFAULT_RANGE
    compare: str = DEFAULT_COMPARE
    refresh: bool = False
    limit: int = DEFAULT_LIMIT


class Section(BaseModel):
    """`metrics` is one row; `series` has the column `date` first, with every day of the period; `funnel` has its steps
    in order. With a comparison, `<metric>_previous` and `<metric>_change` (a fraction) follow their metric; the
    previous day of a series is the one at the same place in the other period.

    `totals` and `compare_totals` are by column name, over everything and not over the rows shown; `truncated` is how
    many rows are not shown."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    kind: SectionKind
    columns: list[Column]
    rows: list[list[Cell]]
    totals: dict[str, Cell] = {}
    compare_totals: dict[str, Cell] = {}
    truncated: int = 0
    notes: list[str] = []

    def at_most(self, limit: int) -> Section:
        """The same with no more than `limit` rows, when it is a table."""
        over = len(self.rows) - limit
        if self.kind != "table" or over <= 0:
            return self
        return self.model_copy(update={"rows": self.rows[:limit], "truncated": self.truncated + over})


class TabReport(BaseModel):
    """One tab. `tab` is its name in the address; titles and labels are English (tools.labels has the Romanian)."""

    provider: Provider
    tab: str
    title: str
    meta: Meta
    sections: list[Section]
