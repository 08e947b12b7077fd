"""Sections of a report as panels of a page: cards, a line, bars, a funnel, and the table behind each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tools.blocks import Cell
from tools.connectors.tabs.report import Section, SectionKind, TabReport
from web.tabs import bars, funnel, line, table
from web.tabs.address import Address
from web.tabs.figures import Change, Figures
from web.tabs.notes import said
from web.tabs.shape import Group, Shape, drawable, shape

SUMMARIES = frozenset({"overview", "audience"})  # tabs whose tables wait behind a picture


@dataclass(frozen=True, slots=True)
class Card:
    label: str
    text: str
    before: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One metric of a series that can be drawn."""

    label: str
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """`folded` tables wait behind a summary because a picture says the same; `half` panels stand in pairs."""

    id: str
    title: str
    kind: SectionKind
    download: str
    notes: list[str]
    empty: bool
    folded: bool = False
    half: bool = False
    cards: list[Card] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    line: line.Line | None = None
    bars: bars.Bars | None = None
    steps: list[funnel.Step] = field(default_factory=list)
    table: table.Table | None = None


def panels(figures: Figures, report: TabReport, address: Address) -> list[Panel]:
    """In the report's order. A panel that would stand alone in its row takes the whole of it."""
    found = [_panel(figures, section, address) for section in report.sections]
    pairs = [n for n, panel in enumerate(found) if panel.half]
    alone = [n for n in pairs if n - 1 not in pairs and n + 1 not in pairs]
    return [replace(panel, half=False) if n in alone else panel for n, panel in enumerate(found)]


def _panel(figures: Figures, section: Section, address: Address) -> Panel:
    form = shape(section)
    panel = {"metrics": _metrics, "series": _series, "table": _table, "funnel": _funnel}[section.kind]
    return panel(figures, section, form, address)


def _base(figures: Figures, section: Section, address: Address, *, empty: bool) -> dict[str, object]:
    return {
        "id": section.id,
        "title": figures.label(section.title),
        "kind": section.kind,
        "download": address.download(section.id),
        "notes": [said(figures, note) for note in section.notes],
        "empty": empty,
    }


def _metrics(figures: Figures, section: Section, form: Shape, address: Address) -> Panel:
    row = section.rows[0] if section.rows else []
    cards = [_card(figures, group, row) for group in form.groups] if row else []
    return Panel(**_base(figures, section, address, empty=_nothing(section, form)), cards=cards)  # type: ignore[arg-type]


def _card(figures: Figures, group: Group, row: list[Cell]) -> Card:
    name, kind = group.column.name, group.column.kind
    before = group.before(row)
    return Card(
        figures.label(group.column.label),
        figures.cell(group.now(row), group.column),
        "" if before is None else figures.text(before, kind),
        figures.change(group.moved(row), name),
    )


def _series(figures: Figures, section: Section, form: Shape, address: Address) -> Panel:
    empty = _nothing(section, form)
    chosen = form.group(address.shows.get(section.id, "")) or form.drawn()
    drawn = None if empty or chosen is None else _line(figures, section, chosen)
    return Panel(
        **_base(figures, section, address, empty=empty),  # type: ignore[arg-type]
        folded=drawn is not None,
        choices=[_choice(figures, section, each, chosen, address) for each in form.groups] if drawn else [],
        line=drawn,
        table=None if empty else table.table(figures, section, form, address),
    )


def _line(figures: Figures, section: Section, group: Group) -> line.Line | None:
    days = [str(row[0]) for row in section.rows]
    now = [group.now(row) for row in section.rows]
    before = [group.before(row) for row in section.rows] if group.previous is not None else []
    return line.line(figures, figures.label(group.column.label), days, group.column, now, before)


def _choice(figures: Figures, section: Section, group: Group, chosen: Group | None, address: Address) -> Choice:
    link = address.showing(section.id, group.column.name)
    return Choice(figures.label(group.column.label), link, group is chosen)


def _table(figures: Figures, section: Section, form: Shape, address: Address) -> Panel:
    empty = not section.rows
    drawn = bars.bars(figures, section, form, _drawn_by(section, form, address))
    return Panel(
        **_base(figures, section, address, empty=empty),  # type: ignore[arg-type]
        half=drawn is not None and (address.tab in SUMMARIES or address.tab == "realtime"),
        folded=drawn is not None and address.tab in SUMMARIES and not _asked(section, address),
        bars=drawn,
        table=None if empty else table.table(figures, section, form, address),
    )


def _drawn_by(section: Section, form: Shape, address: Address) -> Group | None:
    """What the table is sorted by, where that can be a bar."""
    asked = table.sort_group(section, form, address)
    return asked if asked is not None and drawable(asked) else form.drawn()


def _asked(section: Section, address: Address) -> bool:
    """Whether a person has just sorted or opened this very table."""
    return section.id in address.sorts or section.id in address.alls


def _funnel(figures: Figures, section: Section, form: Shape, address: Address) -> Panel:
    steps = funnel.funnel(figures, section, form)
    return Panel(
        **_base(figures, section, address, empty=not steps),  # type: ignore[arg-type]
        steps=steps,
        folded=bool(steps),
        table=table.table(figures, section, form, address) if steps else None,
    )


def _nothing(section: Section, form: Shape) -> bool:
    """No figure but zeros: Google counted nothing in the period."""
    return not any(group.now(row) for group in form.groups for row in section.rows)
