"""A table of a section: sorted as the address asks, the change under each figure, Google's totals at the foot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from tools.blocks import Cell
from tools.connectors.tabs.report import Section
from web.tabs.address import Address
from web.tabs.figures import NUMERIC, Change, Figures
from web.tabs.shape import CHANGE, Group, Shape

FIRST_ROWS = 15
LONG_WORD = 20  # letters without a place to break, above which a cell may break anywhere
BREAKS = re.compile(r"(?<=[@/._?&=-])(?=.)")


@dataclass(frozen=True, slots=True)
class Head:
    """`link` sorts by this column; `change_link` by how much it changed. `sort` is the value of aria-sort, or empty."""

    label: str
    numeric: bool
    link: str
    sort: str
    change_link: str = ""
    change_sort: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    text: str
    numeric: bool
    before: str = ""
    change: Change | None = None

    @property
    def long(self) -> bool:
        return not self.numeric and any(len(word) > LONG_WORD for word in self.text.split())

    @property
    def html(self) -> Markup:
        """The text, with places to break in long addresses."""
        parts = BREAKS.split(self.text) if self.long else [self.text]
        return Markup("<wbr>").join(escape(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Table:
    heads: list[Head]
    rows: list[list[Shown]]
    totals: list[Shown] = field(default_factory=list)
    hidden: int = 0  # rows that are read but not shown yet
    truncated: int = 0  # rows that Google has and we did not read
    toggle: str = ""  # the address with all rows, or with the first ones again


def table(figures: Figures, section: Section, shape: Shape, address: Address) -> Table:
    sort = address.sorts.get(section.id, "")
    rows = _sorted(section, sort)
    whole = section.id in address.alls
    first = rows if whole or len(rows) <= FIRST_ROWS + 3 else rows[:FIRST_ROWS]
    more = len(rows) > FIRST_ROWS + 3
    return Table(
        heads=_heads(figures, section, shape, address, sort),
        rows=[_row(figures, section, shape, row) for row in first],
        totals=_totals(figures, section, shape),
        hidden=len(rows) - len(first),
        truncated=section.truncated,
        toggle=address.whole(section.id, not whole) if more else "",
    )


def sort_group(section: Section, shape: Shape, address: Address) -> Group | None:
    """The metric a table is sorted by, if it is sorted by one."""
    name = address.sorts.get(section.id, "").removeprefix("-")
    return shape.group(name) or shape.group(name.removesuffix(CHANGE))


def _sorted(section: Section, sort: str) -> list[list[Cell]]:
    """Missing figures last, either way. An unknown column leaves Google's order."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    at = next((n for n, column in enumerate(section.columns) if column.name == name), None)
    if at is None:
        return section.rows
    known = [row for row in section.rows if row[at] is not None]
    known.sort(key=lambda row: _order(row[at]), reverse=down)
    return known + [row for row in section.rows if row[at] is None]


def _order(cell: Cell) -> tuple[int, float, str]:
    return (1, 0.0, cell.casefold()) if isinstance(cell, str) else (0, float(cell or 0), "")


def _heads(figures: Figures, section: Section, shape: Shape, address: Address, sort: str) -> list[Head]:
    keys = [_head(figures, section, n, address, sort, False) for n in shape.keys]
    return keys + [_head(figures, section, g.at, address, sort, g.change is not None) for g in shape.groups]


def _head(figures: Figures, section: Section, at: int, address: Address, sort: str, compared: bool) -> Head:
    column = section.columns[at]
    numeric = column.kind in NUMERIC
    link, direction = _sorting(section.id, column.name, numeric, address, sort)
    change, moving = _sorting(section.id, column.name + CHANGE, True, address, sort) if compared else ("", "")
    return Head(figures.label(column.label), numeric, link, direction, change, moving)


def _sorting(section: str, name: str, numeric: bool, address: Address, sort: str) -> tuple[str, str]:
    """Where a press on the column leads, and how it is sorted now. Figures start with the largest, names with A."""
    if sort == f"-{name}":
        return address.sorted_by(section, name), "descending"
    if sort == name:
        return address.sorted_by(section, f"-{name}"), "ascending"
    return address.sorted_by(section, f"-{name}" if numeric else name), ""


def _row(figures: Figures, section: Section, shape: Shape, row: list[Cell]) -> list[Shown]:
    keys = [Shown(figures.cell(row[n], section.columns[n]), False) for n in shape.keys]
    return keys + [_figure(figures, group, row) for group in shape.groups]


def _figure(figures: Figures, group: Group, row: list[Cell]) -> Shown:
    before = group.before(row)
    return Shown(
        figures.cell(group.now(row), group.column),
        group.column.kind in NUMERIC,
        "" if before is None else figures.text(before, group.column.kind),
        figures.change(group.moved(row), group.column.name),
    )


def _totals(figures: Figures, section: Section, shape: Shape) -> list[Shown]:
    """Google's own totals over everything; nothing when it gave none."""
    known = any(group.column.name in section.totals for group in shape.groups)
    if not known or not shape.keys or len(section.rows) < 2:
        return []
    keys = [Shown(figures.say("tabs.total") if n == 0 else "", False) for n in range(len(shape.keys))]
    return keys + [_total(figures, section, group) for group in shape.groups]


def _total(figures: Figures, section: Section, group: Group) -> Shown:
    name, kind = group.column.name, group.column.kind
    if name not in section.totals:
        return Shown("", True)
    before = section.compare_totals.get(name) if group.previous is not None else None
    return Shown(
        figures.text(section.totals[name], kind),
        True,
        "" if before is None else figures.text(before, kind),
        figures.change(section.totals.get(name + CHANGE), name) if group.change is not None else None,
    )
