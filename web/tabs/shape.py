"""The columns of a section as a page groups them: keys first, then each metric with its previous value and change."""

from __future__ import annotations

from dataclasses import dataclass

from tools.blocks import Cell, Column, Kind
from tools.connectors.tabs.report import Section
from web.tabs.figures import NUMERIC

PREVIOUS, CHANGE = "_previous", "_change"
COUNTED: frozenset[Kind] = frozenset({"integer", "number", "money"})
FIRST_DRAWN = "cost"  # of Google Ads, whose first column is impressions
SCORES = frozenset({"quality_score"})  # counted in no unit, so that a bar would say nothing


@dataclass(frozen=True, slots=True)
class Group:
    """One metric and where its cells stand in a row."""

    column: Column
    at: int
    previous: int | None
    change: int | None

    def now(self, row: list[Cell]) -> Cell:
        return row[self.at]

    def before(self, row: list[Cell]) -> Cell:
        return None if self.previous is None else row[self.previous]

    def moved(self, row: list[Cell]) -> Cell:
        return None if self.change is None else row[self.change]


@dataclass(frozen=True, slots=True)
class Shape:
    """`keys` are the places of the leading columns that name a row."""

    keys: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def compared(self) -> bool:
        return any(group.previous is not None for group in self.groups)

    def group(self, name: str) -> Group | None:
        return next((group for group in self.groups if group.column.name == name), None)

    def drawn(self) -> Group | None:
        """The metric a picture shows first: one that is counted, not a ratio, a score or a name."""
        usable = [group for group in self.groups if drawable(group)]
        return next((group for group in usable if group.column.name == FIRST_DRAWN), usable[0] if usable else None)


def shape(section: Section) -> Shape:
    places = {column.name: n for n, column in enumerate(section.columns)}
    keys: list[int] = []
    groups: list[Group] = []
    for n, column in enumerate(section.columns):
        if _belongs(column.name, places):
            continue
        if column.kind not in NUMERIC and not groups:
            keys.append(n)
        else:
            groups.append(Group(column, n, places.get(column.name + PREVIOUS), places.get(column.name + CHANGE)))
    return Shape(tuple(keys), tuple(groups))


def drawable(group: Group) -> bool:
    return group.column.kind in COUNTED and group.column.name not in SCORES


def _belongs(name: str, places: dict[str, int]) -> bool:
    return any(name.endswith(end) and name.removesuffix(end) in places for end in (PREVIOUS, CHANGE))
