"""Which stretches of time can be taken from rollups, and which have to be counted from the rows. Pure arithmetic.

Times are whole microseconds since 1970; a stretch is its first moment and the one after its last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

SECOND: Final = 1_000_000
SMALLEST: Final = 300
LEVELS: Final = (86_400, 3_600, SMALLEST)  # seconds, each a multiple of the next
KEPT: Final = timedelta(days=9)  # before the watermark: the longest window and what its edges need
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)

Run = tuple[int, int]
Runs = tuple[Run, ...]


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // TICK


def moment(micro: int) -> datetime:
    return EPOCH + micro * TICK


def begin(micro: int, level: int) -> int:
    """The first moment of the stretch of `level` seconds that a moment lies in."""
    return micro - micro % (level * SECOND)


@dataclass(slots=True)
class Cover:
    """A window as runs of rollups by level and, between them, runs of rows."""

    rolled: dict[int, list[Run]] = field(default_factory=lambda: {level: [] for level in LEVELS})
    raw: list[Run] = field(default_factory=list)

    def raw_by_day(self) -> list[Runs]:
        """Runs of rows that begin on the same day together: where many stretches are spoilt, a question for each of a
        thousand runs would take seconds, and one for all of them is more than SQLite understands."""
        return [tuple(several) for _, several in groupby(self.raw, lambda run: begin(run[0], LEVELS[0]))]


def cover(first: int, end: int, upto: int, marked: Collection[int]) -> Cover:
    """The window from `first` to before `end`, where stretches before `upto` agree with their rows unless one of the
    `marked` moments lies in them."""
    found = Cover()
    spoilt = {level: {begin(mark, level) for mark in marked} for level in LEVELS}
    last = min(end, upto)
    at = first
    while at < end:
        level = next((each for each in LEVELS if _fits(at, each, last) and at not in spoilt[each]), None)
        if level is not None:
            after = at + level * SECOND
            _join(found.rolled[level], at, after)
        else:
            after = end if at >= last else min(end, begin(at, SMALLEST) + SMALLEST * SECOND)
            _join(found.raw, at, after)
        at = after
    return found


def _fits(at: int, level: int, last: int) -> bool:
    return at % (level * SECOND) == 0 and at + level * SECOND <= last


def _join(runs: list[Run], first: int, after: int) -> None:
    if runs and runs[-1][1] == first:
        runs[-1] = (runs[-1][0], after)
    else:
        runs.append((first, after))


def starts(first: int, end: int, level: int) -> Iterable[int]:
    return range(begin(first, level), end, level * SECOND)


def runs(several: Iterable[int], level: int) -> list[Run]:
    """Stretches that follow each other, joined."""
    found: list[Run] = []
    for start in sorted(several):
        _join(found, start, start + level * SECOND)
    return found
