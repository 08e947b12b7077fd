"""A funnel as steps: how many reached each one, what part of the first that is, and how many were lost on the way."""

from __future__ import annotations

from dataclasses import dataclass

from tools.blocks import Cell
from tools.connectors.tabs.report import Section
from web import i18n
from web.tabs.figures import Change, Figures
from web.tabs.shape import Group, Shape


@dataclass(frozen=True, slots=True)
class Step:
    """`width` and `before_width` are percent of the largest step; `kept` and `lost` are about the step before."""

    name: str
    event: str
    text: str
    before: str
    change: Change | None
    share: str
    kept: str
    lost: str
    width: float
    before_width: float | None


def funnel(figures: Figures, section: Section, shape: Shape) -> list[Step]:
    """The steps in order; nothing when nobody entered."""
    counted = shape.drawn()
    if counted is None or not any(_count(counted.now(row)) for row in section.rows):
        return []
    most = max(max(_count(counted.now(row)), _count(counted.before(row))) for row in section.rows)
    return [_step(figures, section, counted, place, most) for place in range(len(section.rows))]


def _step(figures: Figures, section: Section, counted: Group, place: int, most: float) -> Step:
    row = section.rows[place]
    users, before = _count(counted.now(row)), counted.before(row)
    earlier = _count(counted.now(section.rows[place - 1])) if place else 0.0
    first = _count(counted.now(section.rows[0]))
    return Step(
        name=_name(figures, str(row[0])),
        event=str(row[0]),
        text=figures.text(counted.now(row), counted.column.kind),
        before="" if before is None else figures.text(before, counted.column.kind),
        change=figures.change(counted.moved(row), counted.column.name),
        share=figures.text(users / first, "percent") if first else "",
        kept=figures.text(users / earlier, "percent") if earlier else "",
        lost=figures.text(earlier - users, "integer") if earlier else "",
        width=round(100 * users / most, 2),
        before_width=None if before is None else round(100 * _count(before) / most, 2),
    )


def _name(figures: Figures, event: str) -> str:
    key = f"tabs.step.{event}"
    return i18n.translate(figures.language, key) if i18n.has(figures.language, key) else event


def _count(cell: Cell) -> float:
    return float(cell) if isinstance(cell, (int, float)) else 0.0
