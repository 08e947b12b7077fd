"""The grounding check: every number of an answer must come from this turn's tool results, from the person's words, or
be one arithmetic step from them (a difference, a share, a ratio, a rounding).

It reads English and Romanian number formats. What it cannot trace it lists as written; it changes no answer. Signs are
ignored, because "fell by 12 %" states -0.12. Clock times, list numbering and digits of names (GA4, Google Analytics 4)
are no figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
import numpy.typing as npt

from graphs.events import Grounding
from tools.result import ToolResult

Floats = npt.NDArray[np.float64]
SPACES = "\u00a0\u202f\u2009 "
NUMBER = re.compile(
    rf"(?<![\w/.#])(?:\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?P<percent>[{SPACES}]?%| percent\b| la sută\b)?"
    rf"(?P<scale>[{SPACES}]?(?:k|K|M|mii de|mii|mil\.|milioane|million|thousand)(?![\w]))?"
    rf"(?![\w/])"
)
ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:T[\d:.+Z-]+)?\b")
NOT_FIGURES = re.compile(
    r"\b\d{1,2}:\d{2}(?::\d{2})?\b|^[ \t]*\d{1,2}[.)](?=\s)|https?://\S+|Google Analytics 4", re.MULTILINE
)
SCALES = {"k": 3, "K": 3, "mii": 3, "mii de": 3, "thousand": 3, "M": 6, "mil.": 6, "milioane": 6, "million": 6}
MOST_COUNTED = 20
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written, with each way to read it: (value, decimals shown). Decimals go negative for thousands."""

    written: str
    readings: tuple[tuple[float, int], ...]
    percent: bool

    @property
    def count(self) -> int | None:
        """The figure as a small plain count, when it looks like one."""
        value, decimals = self.readings[0]
        return int(value) if decimals == 0 and not self.percent and 0 < value <= MOST_COUNTED else None


def check(text: str, results: Sequence[ToolResult], words: str, today: date | None = None) -> Grounding:
    """Trace every figure of `text`. `words` is what the person wrote in this turn, and the facts of the prompt."""
    known = _Known(results, words, today)
    unknown_days = [m[0] for m in ISO_DATE.finditer(text) if not set(_iso_dates(m[0])) <= known.dates]
    figures = list(_figures(ISO_DATE.sub(" ", text)))
    untraced = [*unknown_days, *(figure.written for figure in figures if not known.explains(figure))]
    return Grounding(numbers=len(figures) + len(unknown_days), untraced=list(dict.fromkeys(untraced)))


class _Known:
    """All that this turn may quote: plain values looked up first, one-step values worked out only when needed."""

    def __init__(self, results: Sequence[ToolResult], words: str, today: date | None) -> None:
        self.tables = [_table(result) for result in results]
        self.results = results
        self.said = [value for figure in _figures(words) for value, _ in figure.readings]
        self.dates = {*_dates_of(results), *_iso_dates(words), *((today,) if today else ())}
        self.rows = max((len(result.rows) + result.truncated for result in results), default=0)
        self.plain = sorted(self._plain())

    def _plain(self) -> Iterator[float]:
        yield from self.said
        for day in self.dates:
            yield from (day.day, day.month, day.year)
        for result, table in zip(self.results, self.tables, strict=True):
            for value in table[~np.isnan(table)].tolist():
                yield abs(value)
                yield abs(value) * 100  # a fraction told as percent
            yield from _told(result)
            yield from (p.days for p in (result.meta.range, result.meta.compare) if p)
            yield len(result.rows)

    def explains(self, figure: Figure) -> bool:
        if any(self._is_plain(value, _tolerance(decimals)) for value, decimals in figure.readings):
            return True
        if figure.count is not None and figure.count <= self.rows:
            return True  # "3 of the campaigns", "the 2nd"
        return any(self._is_one_step(value, _tolerance(decimals)) for value, decimals in figure.readings)

    def _is_plain(self, value: float, tolerance: float) -> bool:
        at = bisect_left(self.plain, value - tolerance)
        return at < len(self.plain) and self.plain[at] <= value + tolerance

    def _is_one_step(self, value: float, tolerance: float) -> bool:
        """Within a column, within a row, and between totals of the turn and the person's own numbers."""
        for table in self.tables:
            if _pairs_reach(table.T, value, tolerance) or _pairs_reach(table, value, tolerance):
                return True
        if any(_pairs_reach(pairs, value, tolerance) for pairs in self._side_by_side()):
            return True
        totals = [table[-2:].ravel() for table in self.tables if len(table)]
        together = np.concatenate([*totals, np.asarray(self.said, dtype=float)]) if totals else np.empty(0)
        return bool(len(together)) and _pairs_reach(together[None, :], value, tolerance)

    def _side_by_side(self) -> Iterator[Floats]:
        """The same cells of one tool read for two periods: pairs of the rows with the same key, and of the totals."""
        for first, second in combinations(self.results, 2):
            if first.title != second.title or [c.name for c in first.columns] != [c.name for c in second.columns]:
                continue
            past = {_key(row): row for row in second.rows}
            lines = [(row, past[_key(row)]) for row in first.rows if _key(row) in past]
            names = first.totals.keys() & second.totals.keys()
            lines.append(([first.totals[n] for n in names], [second.totals[n] for n in names]))
            cells = [(_number(a), _number(b)) for now, before in lines for a, b in zip(now, before, strict=True)]
            yield np.asarray(cells or [(np.nan, np.nan)], dtype=float)


def _key(row: Sequence[object]) -> tuple[object, ...]:
    return tuple(cell for cell in row if isinstance(cell, str))


def _pairs_reach(lines: Floats, value: float, tolerance: float) -> bool:
    """Whether a difference, ratio or share (as percent) of two numbers of one line is `value`."""
    first, second = lines[:, :, None], lines[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = first / second
        reached = np.abs(np.abs(first - second) - value) <= tolerance
        for told in (ratio, ratio * 100, np.abs(ratio - 1) * 100):
            reached |= np.abs(np.abs(told) - value) <= tolerance
    return bool(reached.any())


def _table(result: ToolResult) -> Floats:
    """The numbers of a result: its rows, then totals and comparison totals as the last two lines; NaN for the rest."""
    names = [column.name for column in result.columns]
    other = [v for totals in (result.totals, result.compare_totals) for n, v in totals.items() if n not in names]
    other += [1 - rate for rate in _engaged(result)]
    last = [[totals.get(name) for name in names] for totals in (result.totals, result.compare_totals)]
    lines = [*result.rows, other, *last]
    width = max(len(line) for line in lines)
    cells = [[_number(cell) for cell in line] + [np.nan] * (width - len(line)) for line in lines]
    return np.asarray(cells, dtype=float).reshape(len(cells), width)


def _engaged(result: ToolResult) -> list[float]:
    """Engagement rates, of which a bounce rate is what is left of 1."""
    rates = (_number(totals.get("engagementRate")) for totals in (result.totals, result.compare_totals))
    return [rate for rate in rates if not np.isnan(rate)]


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else np.nan


def _told(result: ToolResult) -> Iterator[float]:
    """Numbers inside the words of a result: names, notes, warnings, the error."""
    words = [result.title, *result.notes, *result.meta.warnings]
    words += [cell for row in result.rows for cell in row if isinstance(cell, str)]
    words += [v for v in (*result.totals.values(), *result.compare_totals.values()) if isinstance(v, str)]
    if result.error:
        words += [result.error.message, result.error.hint]
    if result.meta.reason:
        words.append(result.meta.reason)
    for figure in _figures(" ; ".join(words)):
        yield from (value for value, _ in figure.readings)


def _dates_of(results: Iterable[ToolResult]) -> Iterator[date]:
    for result in results:
        yield result.meta.as_of.date()
        for period in (result.meta.range, result.meta.compare):
            if period:
                yield from (period.start, period.end)
        for row in result.rows:
            yield from (day for cell in row if isinstance(cell, str) for day in _iso_dates(cell))
        for note in result.notes:
            yield from _iso_dates(note)


def _iso_dates(text: str) -> Iterator[date]:
    for match in ISO_DATE.finditer(text):
        try:
            yield date(*(int(part) for part in match.groups()))
        except ValueError:
            continue


def _figures(text: str) -> Iterator[Figure]:
    for match in NUMBER.finditer(NOT_FIGURES.sub(" ", text)):
        scale = SCALES.get((match["scale"] or "").strip(SPACES), 0)
        written = match[0].strip()
        digits = re.match(rf"[\d.,{SPACES}]*\d", written)
        readings = _readings(digits[0]) if digits else ()
        scaled = tuple((value * 10**scale, decimals - scale) for value, decimals in readings)
        yield Figure(written, scaled, bool(match["percent"]))


def _readings(written: str) -> tuple[tuple[float, int], ...]:
    """1,234.5 and 1.234,5 are clear; 1.234 and 1,234 may be thousands or decimals, so both are kept."""
    digits = re.sub(rf"[{SPACES}]", "", written)
    separators = [char for char in digits if char in ".,"]
    if not separators:
        return ((float(digits), 0),)
    last = separators[-1]
    whole, fraction = digits.rsplit(last, 1)
    grouped = (float(re.sub("[.,]", "", digits)), 0)
    decimal = (float(re.sub("[.,]", "", whole) + "." + fraction), len(fraction))
    if separators.count(last) > 1:
        return (grouped,)
    if len(set(separators)) == 2 or len(fraction) != 3 or len(whole) > 3:
        return (decimal,)
    return (grouped, decimal)


def _tolerance(decimals: int) -> float:
    """Half of the last place shown, so that a rounding is the same number."""
    return 0.5 * 10.0**-decimals + SLACK
