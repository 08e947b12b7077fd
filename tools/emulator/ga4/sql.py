"""The SQL of a report: events grouped by dimensions and session, then metrics over those groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tools.emulator.ga4 import errors
from tools.emulator.ga4.fields import DIMENSIONS, Dimension
from tools.emulator.ga4.filters import condition, fields
from tools.emulator.ga4.metrics import MEASURES, METRICS, Metric

JOINS: dict[str, tuple[str | None, str]] = {  # alias: (alias it needs, join)
    "s": (None, "JOIN session s ON s.session_id = e.session_id AND s.p = {p} AND s.day BETWEEN '{start}' AND '{end}'"),
    "k": (None, "JOIN kind k ON k.kind_id = e.kind_id"),
    "pg": (None, "JOIN page pg ON pg.page_id = e.page_id"),
    "prop": (None, "JOIN property prop ON prop.p = e.p"),
    "src": ("s", "JOIN source src ON src.source_id = s.source_id"),
    "fsrc": ("s", "JOIN source fsrc ON fsrc.source_id = s.first_source_id"),
    "lp": ("s", "JOIN page lp ON lp.page_id = s.landing_id"),
    "pl": ("s", "JOIN place pl ON pl.place_id = s.place_id"),
    "t": ("s", "JOIN tech t ON t.tech_id = s.tech_id"),
    "ag": ("s", "JOIN age ag ON ag.age_id = s.age_id"),
    "ge": ("s", "JOIN gender ge ON ge.gender_id = s.gender_id"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a report, and seconds of the day for realtime."""

    start: date
    end: date
    name: str = ""
    seconds: tuple[int, int] | None = None


@dataclass(slots=True)
class Report:
    """What to compute for one property. `where` and `having` are FilterExpressions of either API version."""

    p: int
    dimensions: list[Dimension]
    metrics: list[Metric]
    where: Any
    having: Any
    arguments: list[Any] = field(default_factory=list)

    def rows(self, span: Span) -> str:
        """One row for each combination of dimension values, then the metrics."""
        return self._grouped(span, [f"d{i}" for i in range(len(self.dimensions))])

    def total(self, span: Span) -> str:
        """The metrics over everything that the report's rows cover."""
        return self._grouped(span, [])

    def _grouped(self, span: Span, columns: list[str]) -> str:
        inner = self._sessions(span)
        values = ", ".join([*columns, *(f"{m.sql} AS m{i}" for i, m in enumerate(self.metrics))])
        group = f" GROUP BY {', '.join(columns)}" if columns else ""
        if not fields(self.having):
            return f"SELECT {values} FROM ({inner}){group}"
        if columns or not self.dimensions:
            return f"SELECT {values} FROM ({inner}){group} HAVING {self._having()}"
        # A total under a metric filter covers only the groups that pass it.
        keys = ", ".join(f"d{i}" for i in range(len(self.dimensions)))
        passing = f"SELECT {keys} FROM ({self._sessions(span)}) GROUP BY {keys} HAVING {self._having()}"
        return f"SELECT {values} FROM ({inner}) WHERE ({keys}) IN ({passing})"

    def _having(self) -> str:
        return condition(self.having, _metric_sql, self.arguments)

    def _sessions(self, span: Span) -> str:
        needed = self._measures()
        tables = {t for d in self.dimensions for t in d.tables}
        tables |= {t for name in fields(self.where) for t in dimension_named(name).tables}
        tables |= {table for m in needed if (table := MEASURES[m][1])}
        columns = [f"{d.sql} AS d{i}" for i, d in enumerate(self.dimensions)]
        columns += ["e.session_id", *(f"{MEASURES[m][0]} AS {m}" for m in needed)]
        joins = " ".join(JOINS[t][1] for t in ordered(tables)).format(p=self.p, start=span.start, end=span.end)
        where = [f"e.p = {self.p}", f"e.day BETWEEN '{span.start}' AND '{span.end}'"]
        if span.seconds:
            where.append(f"e.second BETWEEN {span.seconds[0]} AND {span.seconds[1]}")
        where.append(condition(self.where, lambda name: dimension_named(name).sql, self.arguments))
        group = ", ".join([*(f"d{i}" for i in range(len(self.dimensions))), "e.session_id"])
        return f"SELECT {', '.join(columns)} FROM event e {joins} WHERE {' AND '.join(where)} GROUP BY {group}"

    def _measures(self) -> list[str]:
        wanted = {m for metric in self.metrics for m in metric.measures}
        wanted |= {m for name in fields(self.having) for m in metric_named(name).measures}
        return [name for name in MEASURES if name in wanted]


def ordered(tables: Iterable[str]) -> list[str]:
    """Joins with those they depend on first."""
    wanted = set(tables)
    wanted |= {need for t in wanted if (need := JOINS[t][0])}
    return [alias for alias in JOINS if alias in wanted]


def dimension_named(name: str) -> Dimension:
    if name not in DIMENSIONS:
        raise errors.unknown_dimension(name)
    return DIMENSIONS[name]


def metric_named(name: str) -> Metric:
    if name not in METRICS:
        raise errors.unknown_metric(name)
    return METRICS[name]


def _metric_sql(name: str) -> str:
    """A metric in a filter, where money is compared in whole units."""
    metric = metric_named(name)
    return f"({metric.sql}) / 1e6" if metric.kind == "TYPE_CURRENCY" else f"({metric.sql})"
