"""A report made by hand, with what is awkward to show: formulas, missing figures, other alphabets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tools.blocks import Cell, Column
from tools.connectors.tabs import Section, TabReport
from tools.result import Meta, Period
from web.tabs.figures import Figures


def compared(name: str, label: str, kind: str) -> list[Column]:
    return [
        Column.model_validate({"name": name, "label": label, "kind": kind}),
        Column.model_validate({"name": f"{name}_previous", "label": f"{label} before", "kind": kind}),
        Column(name=f"{name}_change", label=f"{label} change", kind="percent"),
    ]


COLUMNS = [
    Column(name="campaign", label="Campaign"),
    Column(name="status", label="Status"),
    *compared("cost", "Cost", "money"),
    *compared("ctr", "CTR", "percent"),
]
ROWS: list[list[Cell]] = [
    ["Brand", "ENABLED", 1234.5, 1000.0, 0.2345, 0.05, 0.04, 0.25],
    ["=cmd()", "PAUSED", 10.0, 0.0, None, None, None, None],
    ["Ștergătoare", "ENABLED", 300.25, 400.0, -0.2494, 0.1, 0.1, 0.0],
]


@pytest.fixture
def table_section() -> Section:
    return Section(
        id="campaigns",
        title="Campaigns",
        kind="table",
        columns=COLUMNS,
        rows=ROWS,
        totals={"cost": 1544.75, "cost_change": 0.1034, "ctr": 0.06},
        compare_totals={"cost": 1400.0, "ctr": 0.05},
        truncated=2,
        notes=["Google keeps the history of changes for 30 days; earlier days of the period are not covered."],
    )


@pytest.fixture
def report(table_section: Section) -> TabReport:
    meta = Meta(
        source="demo",
        as_of=datetime(2026, 11, 20, 12, 3, tzinfo=UTC),
        range=Period(start=date(2026, 10, 23), end=date(2026, 11, 19)),
        compare=Period(start=date(2026, 9, 25), end=date(2026, 10, 22)),
        timezone="Europe/Bucharest",
        currency="RON",
    )
    return TabReport(provider="google-ads", tab="campaigns", title="Campaigns", meta=meta, sections=[table_section])


@pytest.fixture
def english() -> Figures:
    return Figures.of("en", "RON")
