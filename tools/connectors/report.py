"""What connectors give to tools: plain rows with their totals, the same for both providers, free of Google's types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.blocks import Kind
from tools.result import Meta

Key = tuple[str, ...]
Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """`previous` is None without a comparison, or when the row before could not be read with certainty."""

    key: Key
    values: Numbers
    previous: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Rows in the order asked for; `totals` are the provider's own over all rows, not over the rows returned."""

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: Numbers = field(default_factory=dict)
    previous_totals: Numbers | None = None
    row_count: int = 0
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing was counted; an account lists its campaigns also where nothing happened."""
        return not any(self.totals.values()) and not any(any(row.values.values()) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """The reports of one read, in the order of its queries."""

    reports: tuple[Report, ...]
    meta: Meta
