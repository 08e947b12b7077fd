"""The telemetry of model calls as operators read it: figures in words, shares, bars and a line, nothing recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_currency

from agents.roster import AGENTS
from billing.daily import Day
from tools.blocks import Column
from web import i18n
from web.tabs.figures import Figures
from web.tabs.line import Line, line

Row = dict[str, Any]
NONE: Final = "–"
MOST_BARS: Final = 8
MOST_ROWS: Final = 50  # of a table; telemetry itself names all
GROUPS: Final = (("model", "by_model"), ("agent", "by_agent"), ("workspace_id", "by_workspace"))
FIGURES: Final = (  # of a window, in this order; the end of a key of words, and how it is written
    ("rows", "count"),
    ("tokens_in", "count"),
    ("tokens_out", "count"),
    ("cost_eur_micro", "euros"),
    ("billable_eur_micro", "euros"),
    ("ct_actual", "count"),
    ("ct_shadow", "count"),
    ("ct_delta", "signed"),
    ("implied_ct_value_eur_micro", "fine"),
)
METRICS: Final = {"cost": ("cost_eur_micro", "fine")}  # a single call's money is told to the last unit
COVERAGE: Final = ("rows_with_tokens", "rows_with_cost", "rows_estimated")
TOLD_ALREADY: Final = frozenset({"flag.tokens", "flag.estimated", "flag.priced"})
NAMES: Final = {agent.slug: agent.name for agent in AGENTS}


@dataclass(frozen=True, slots=True)
class Card:
    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Percent of the longest: `width` what cost-based pricing charges, `before_width` what was debited."""

    name: str
    text: str
    width: int
    before_width: int


@dataclass(frozen=True, slots=True)
class Group:
    """`rows` are cells by FIGURES after the name, with the share of priced calls last; `more` says what is left out."""

    id: str
    rows: list[list[str]]
    bars: list[Bar]
    more: str


@dataclass(frozen=True, slots=True)
class Window:
    """`spread` has a row for each figure that percentiles are known of, with the names of those in `ranks`."""

    name: str
    figures: list[Card]
    coverage: list[Card]
    ranks: list[str]
    spread: list[list[str]]


@dataclass(frozen=True, slots=True)
class Report:
    as_of: str
    windows: list[Window]
    groups: list[Group]
    heads: list[str]
    line: Line | None
    days: list[list[str]]
    phase3: list[Card]
    refused: list[tuple[str, str]]
    latest: list[list[str]]


@dataclass(frozen=True, slots=True)
class Writer:
    language: str

    def say(self, key: str, **values: object) -> str:
        return i18n.translate(self.language, f"costs.{key}", **values)

    def named(self, name: str) -> str:
        """The words for a figure; its own name where there are none yet."""
        return self.say(name) if i18n.has(self.language, f"costs.{name}") else name.rpartition(".")[2]

    def text(self, value: Any, kind: str = "count") -> str:
        """A figure as written. `euros` and `fine` are micro-EUR, to a hundredth of a cent and to the last unit."""
        if value is None:
            return NONE
        if kind in ("euros", "fine"):
            return self._euros(Decimal(int(value)) / 1_000_000, 4 if kind == "euros" else 6)
        sign = "+" if kind == "signed" and int(value) > 0 else ""
        return sign + i18n.number(self.language, int(value))

    def _euros(self, amount: Decimal, digits: int) -> str:
        pattern = ("¤#,##0.{}" if self.language == "en" else "#,##0.{} ¤").format("0" * digits)
        locale = i18n.LOCALES[self.language]
        return str(format_currency(amount, "EUR", format=pattern, locale=locale, currency_digits=False))

    def percent(self, part: int, whole: int) -> str:
        """To a tenth, rounded down: 100 % means all of them."""
        if not whole:
            return NONE
        tenths = i18n.number(self.language, Decimal(1000 * part // whole) / 10)
        return f"{tenths}%" if self.language == "en" else f"{tenths}\xa0%"

    def moment(self, at: str) -> str:
        return i18n.moment(self.language, datetime.fromisoformat(at))


def report(language: str, found: Row, days: Sequence[Day]) -> Report:
    write, phase3 = Writer(language), found.get("phase3") or {}
    return Report(
        as_of=write.moment(found["as_of"]),
        windows=[_window(write, name, each) for name, each in found["windows"].items()],
        groups=[_group(write, name, found.get(key, [])) for name, key in GROUPS],
        heads=[*(write.say(name) for name, _ in FIGURES), write.say("priced")],
        line=_line(language, days),
        days=[
            [each.day.isoformat(), *(write.text(n) for n in (each.calls, each.ct_actual, each.ct_shadow))]
            for each in days
        ],
        phase3=_phase3(write, phase3),
        refused=[(str(code), write.text(n)) for code, n in sorted(phase3.get("refused", {}).items())],
        latest=[_call(write, each) for each in found.get("latest", [])],
    )


def _cards(write: Writer, window: Row) -> list[Card]:
    return [Card(write.say(name), write.text(window.get(name), kind)) for name, kind in FIGURES]


def _window(write: Writer, name: str, window: Row) -> Window:
    percentiles: dict[str, Row] = window.get("percentiles") or {}
    ranks = list(next(iter(percentiles.values()), {}))
    return Window(name, _cards(write, window), _coverage(write, window), ranks, _spread(write, percentiles, ranks))


def _spread(write: Writer, percentiles: dict[str, Row], ranks: list[str]) -> list[list[str]]:
    named = [(*METRICS.get(metric, (metric, "count")), row) for metric, row in percentiles.items()]
    return [[write.named(name), *(write.text(row.get(rank), kind) for rank in ranks)] for name, kind, row in named]


def _coverage(write: Writer, window: Row) -> list[Card]:
    """What the rows say of themselves, and where telemetry has them, the marks of how each was priced."""
    rows = int(window.get("rows", 0))
    given: dict[str, int] = {name: int(window[name]) for name in COVERAGE if name in window}
    given |= {f"flag.{name}": int(each["rows"]) for name, each in (window.get("coverage") or {}).items()}
    shown = {name: count for name, count in given.items() if name not in TOLD_ALREADY}
    return [Card(write.named(name), write.percent(count, rows), write.text(count)) for name, count in shown.items()]


def _group(write: Writer, name: str, rows: Sequence[Row]) -> Group:
    most = max((max(int(row["ct_shadow"]), int(row["ct_actual"])) for row in rows), default=0)
    ordered = sorted(rows, key=lambda row: (-max(int(row["ct_shadow"]), int(row["ct_actual"])), str(row[name])))
    return Group(
        name,
        [
            [
                _named(row[name]),
                *(write.text(row.get(each), kind) for each, kind in FIGURES),
                write.percent(int(row.get("rows_with_cost", 0)), int(row["rows"])),
            ]
            for row in ordered[:MOST_ROWS]
        ],
        [_bar(write, row, _named(row[name]), most) for row in ordered[:MOST_BARS] if most],
        write.say("more", count=write.text(len(ordered) - MOST_ROWS)) if len(ordered) > MOST_ROWS else "",
    )


def _bar(write: Writer, row: Row, name: str, most: int) -> Bar:
    actual, shadow = int(row["ct_actual"]), int(row["ct_shadow"])
    words = f"{write.text(shadow)} / {write.text(actual)}"
    return Bar(name, words, 100 * max(shadow, 0) // most, 100 * max(actual, 0) // most)


def _named(key: Any) -> str:
    return NAMES.get(str(key), str(key) or NONE)


def _line(language: str, days: Sequence[Day]) -> Line | None:
    """Debited CT as the line, what cost-based pricing would have charged behind it."""
    write, figures = Writer(language), Figures.of(language, "EUR")
    column = Column(name="ct_actual", label=write.say("ct_actual"), kind="integer")
    dates = [each.day.isoformat() for each in days]
    drawn = line(
        figures,
        write.say("chart"),
        dates,
        column,
        [each.ct_actual for each in days],
        [each.ct_shadow for each in days],
    )
    if drawn is None:
        return None
    points = [replace(point, said=_said(write, figures, day)) for point, day in zip(drawn.points, days, strict=True)]
    return replace(drawn, points=points)


def _said(write: Writer, figures: Figures, day: Day) -> str:
    given = {"actual": write.text(day.ct_actual), "shadow": write.text(day.ct_shadow)}
    return write.say("point", day=figures.day(day.day), **given)


def _phase3(write: Writer, phase3: Row) -> list[Card]:
    window = phase3.get("window") or {}
    state = "on" if phase3.get("open", bool(window)) else "ready" if phase3.get("enabled") else "off"
    cards = [Card(write.say("phase3.state"), write.say(f"phase3.{state}"))]
    cards += [
        Card(write.say(f"phase3.{name}"), write.text(phase3[name]))
        for name in ("applied", "debited_ct")
        if name in phase3
    ]
    closes = window.get("closes_at") if isinstance(window, dict) else None
    return [*cards, Card(write.say("phase3.closes"), write.moment(closes))] if closes else cards


def _call(write: Writer, row: Row) -> list[str]:
    return [
        write.moment(row["at"]),
        str(row["workspace_id"]),
        _named(row["agent"]),
        str(row["model"]),
        write.named(f"status.{row['status']}"),
        *(write.text(row.get(name)) for name in ("tokens_in", "tokens_out")),
        write.text(row.get("cost_eur_micro"), "fine"),
        *(write.text(row.get(name)) for name in ("ct_actual", "ct_shadow")),
    ]
