"""Lying bars for the largest rows of a table, each with its name and figure in words beside it."""

from __future__ import annotations

from dataclasses import dataclass

from tools.blocks import Cell
from tools.connectors.tabs.report import Section
from web.tabs.figures import Change, Figures
from web.tabs.shape import Group, Shape

MOST = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """`width` and `before_width` are percent of the longest; `before_width` is None without a comparison."""

    name: str
    text: str
    before: str
    change: Change | None
    width: float
    before_width: float | None


@dataclass(frozen=True, slots=True)
class Bars:
    metric: str
    bars: list[Bar]
    left: int  # rows of the section without a bar


def bars(figures: Figures, section: Section, shape: Shape, by: Group | None) -> Bars | None:
    """None when there are fewer than two rows to compare, or when their first names do not tell them apart."""
    if by is None or not shape.keys:
        return None
    rows = sorted((row for row in section.rows if _size(by.now(row)) > 0), key=lambda row: -_size(by.now(row)))
    if len(rows) < 2:
        return None
    shown = rows[:MOST]
    if len({row[shape.keys[0]] for row in shown}) < len(shown):
        return None
    longest = max(max(_size(by.now(row)), _size(by.before(row))) for row in shown)
    return Bars(
        figures.label(by.column.label),
        [_bar(figures, section, shape, by, row, longest) for row in shown],
        len(section.rows) + section.truncated - len(shown),
    )


def _bar(figures: Figures, section: Section, shape: Shape, by: Group, row: list[Cell], longest: float) -> Bar:
    before = by.before(row)
    key = shape.keys[0]
    return Bar(
        name=figures.cell(row[key], section.columns[key]),
        text=figures.text(by.now(row), by.column.kind),
        before="" if before is None else figures.text(before, by.column.kind),
        change=figures.change(by.moved(row), by.column.name),
        width=_percent(_size(by.now(row)), longest),
        before_width=None if before is None else _percent(_size(before), longest),
    )


def _size(cell: Cell) -> float:
    return max(0.0, float(cell)) if isinstance(cell, (int, float)) else 0.0


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
