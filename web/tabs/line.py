"""A line by day with the compared period behind it, as places a template can draw.

Horizontal places are percent of the width, so that the picture fits every screen without its text being scaled; the
line itself is in a box of WIDTH by HEIGHT units that is stretched (`preserveAspectRatio="none"`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tools.blocks import Cell, Column
from web.tabs.figures import Figures
from web.tabs.scale import Scale, scale

WIDTH, HEIGHT, TOP, FOOT = 1000, 200, 18, 26  # units; one unit is one pixel vertically
MOST_LABELS = 6
WEEK = 7  # days that are each named; leaving one out of so few looks like a gap


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """`minor` ones are left out on a narrow screen."""

    x: float
    text: str
    anchor: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One day: what is read out for it, and where its dots are."""

    x: float
    left: float
    width: float
    y: float | None
    y_before: float | None
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    summary: str
    ticks: list[Tick]
    labels: list[Label]
    points: list[Point]
    path: str
    area: str
    before: str
    height: int = TOP + HEIGHT + FOOT


def line(
    figures: Figures, title: str, days: Sequence[str], column: Column, now: Sequence[Cell], before: Sequence[Cell]
) -> Line | None:
    """None when there are fewer than two days. `before` is empty without a comparison."""
    if len(days) < 2:
        return None
    current, past = _numbers(now), _numbers(before)
    fit = scale([value for value in (*current, *past) if value is not None], column.kind)
    return Line(
        title=title,
        summary=_summary(figures, days, column, current),
        ticks=[Tick(_y(fit, each), figures.tick(each, column.kind)) for each in fit.ticks],
        labels=_labels(figures, days),
        points=[_point(figures, fit, column, n, days, now, before) for n in range(len(days))],
        path=_path(fit, current),
        area=_area(fit, current),
        before=_path(fit, past) if any(value is not None for value in past) else "",
    )


def _numbers(cells: Sequence[Cell]) -> list[float | None]:
    return [float(cell) if isinstance(cell, (int, float)) else None for cell in cells]


def _x(n: int, count: int) -> float:
    return round(100 * n / (count - 1), 3)


def _y(fit: Scale, value: float) -> float:
    return round(HEIGHT * (1 - fit.share(value)), 2)


def _path(fit: Scale, values: Sequence[float | None]) -> str:
    """Straight pieces from day to day; a day without a figure is a gap."""
    parts, pen = [], False
    for n, value in enumerate(values):
        if value is not None:
            x = round(_x(n, len(values)) * WIDTH / 100, 2)
            parts.append(f"{'L' if pen else 'M'}{x:g} {_y(fit, value):g}")
        pen = value is not None
    return "".join(parts)


def _area(fit: Scale, values: Sequence[float | None]) -> str:
    """What lies under the line; none when there are gaps."""
    if None in values:
        return ""
    floor = _y(fit, max(0.0, fit.ticks[0]))
    return f"{_path(fit, values)}L{WIDTH} {floor:g}L0 {floor:g}Z"


def _labels(figures: Figures, days: Sequence[str]) -> list[Label]:
    last = len(days) - 1
    count = len(days) if len(days) <= WEEK else MOST_LABELS
    places = sorted({round(n * last / (count - 1)) for n in range(count)})
    return [
        Label(
            _x(place, len(days)),
            figures.day(date.fromisoformat(days[place]), short=True),
            "start" if place == 0 else "end" if place == last else "middle",
            minor=0 < n < len(places) - 1 and n != len(places) // 2,
        )
        for n, place in enumerate(places)
    ]


def _point(
    figures: Figures, fit: Scale, column: Column, n: int, days: Sequence[str], now: Sequence[Cell], past: Sequence[Cell]
) -> Point:
    wide = 100 / (len(days) - 1)
    value, before = now[n], past[n] if n < len(past) else None
    said = f"{figures.day(date.fromisoformat(days[n]))}: {figures.text(value, column.kind)}"
    if before is not None:
        said += f" ({figures.say('tabs.before', value=figures.text(before, column.kind))})"
    left = max(0.0, _x(n, len(days)) - wide / 2)
    return Point(
        x=_x(n, len(days)),
        left=round(left, 3),
        width=round(min(100.0, _x(n, len(days)) + wide / 2) - left, 3),
        y=_dot(fit, value),
        y_before=_dot(fit, before),
        said=said,
    )


def _dot(fit: Scale, value: Cell) -> float | None:
    return TOP + _y(fit, float(value)) if isinstance(value, (int, float)) else None


def _summary(figures: Figures, days: Sequence[str], column: Column, values: Sequence[float | None]) -> str:
    """What a person who cannot see the picture is told: its ends in time, its highest and its lowest day."""
    known = [(value, day) for value, day in zip(values, days, strict=True) if value is not None]
    if not known:
        return ""
    (most, best), (least, worst) = max(known), min(known)
    return figures.say(
        "tabs.chart.line",
        label=figures.label(column.label),
        start=figures.day(date.fromisoformat(days[0])),
        end=figures.day(date.fromisoformat(days[-1])),
        best=figures.day(date.fromisoformat(best)),
        most=figures.text(most, column.kind),
        worst=figures.day(date.fromisoformat(worst)),
        least=figures.text(least, column.kind),
    )
