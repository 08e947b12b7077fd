"""Calls counted from their own rows, for stretches that no rollup covers, and for the rollups themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rollup.columns import DIMS, FIGURES, METRICS, SPREAD
from billing.rollup.stretches import EPOCH, SECOND, SMALLEST, Runs, micros, moment
from camarad.models import UsageRow

ALL = 0  # the only stretch where all runs count as one

Sums = dict[tuple[int, str, str], list[int]]  # stretch, dim, key → figures
Counted = dict[tuple[int, str, str], dict[str, Counter[int]]]  # stretch, dim, key → metric → calls by value
Values = dict[tuple[str, str], dict[str, list[int | None]]]  # dim, key → metric → the value of each call


def within(runs: Runs) -> ColumnElement[bool]:
    return or_(*(and_(UsageRow.at >= moment(first), UsageRow.at < moment(end)) for first, end in runs))


def _stretch(session: AsyncSession, *, split: bool) -> ColumnElement[Any]:
    """What rows are grouped by: the five minutes they lie in, or nothing."""
    if not split:
        return literal(ALL)
    if session.get_bind().dialect.name == "sqlite":
        second = func.substr(UsageRow.at, 1, 19)  # SQLite would round what follows up
        return cast(func.strftime("%s", second), Integer) // SMALLEST
    return func.date_bin(timedelta(seconds=SMALLEST), UsageRow.at, EPOCH)


def _start(stretch: Any) -> int:
    if isinstance(stretch, int):
        return stretch * SMALLEST * SECOND
    return micros(stretch)


async def sums(session: AsyncSession, runs: Runs, dims: Collection[str], *, split: bool = False) -> Sums:
    """Figures by key of each dim, for all runs as one, or with `split` for each five minutes of them."""
    found: Sums = {}
    stretch = _stretch(session, split=split).label("stretch")
    together = [dim for dim in dims if dim in SPREAD]  # few keys each, so all are counted in one pass over the rows
    for several in ([together] if together else []) + [[dim] for dim in dims if dim not in SPREAD]:
        by = [DIMS[dim] for dim in several]
        wanted = select(stretch, *by, *FIGURES.values()).where(within(runs))
        for start, *row in await session.execute(wanted.group_by(*([stretch] if split else []), *by)):
            _count_in(found, _start(start), several, row)
    return found


def _count_in(found: Sums, start: int, dims: list[str], row: list[Any]) -> None:
    figures = [int(each) for each in row[len(dims) :]]
    for dim, key in zip(dims, row, strict=False):
        known = found.get((start, dim, key))
        found[start, dim, key] = [mine + its for mine, its in zip(known, figures, strict=True)] if known else [*figures]


async def counts(session: AsyncSession, runs: Runs, dims: Collection[str]) -> Counted:
    """How many calls of each five minutes of some runs had which value."""
    keys = [_stretch(session, split=True).label("stretch"), *(DIMS[dim] for dim in dims)]
    by: list[Any] = [*keys, *METRICS.values()]
    found: Counted = defaultdict(lambda: {metric: Counter() for metric in METRICS})
    for start, *row in await session.execute(select(*by, func.count()).where(within(runs)).group_by(*by)):
        given, calls, at = row[len(dims) : -1], row[-1], _start(start)
        for dim, key in zip(dims, row, strict=False):
            mine = found[at, dim, key]
            for metric, value in zip(METRICS, given, strict=True):
                if value is not None:
                    mine[metric][value] += calls
    return found


async def values(session: AsyncSession, runs: Runs, dims: Collection[str]) -> Values:
    """The value of each call of some runs, None where it has none. These are few: nothing is counted in between."""
    found: Values = defaultdict(lambda: {metric: [] for metric in METRICS})
    wanted: list[Any] = [*(DIMS[dim] for dim in dims), *METRICS.values()]
    many = len(dims)
    for row in await session.execute(select(*wanted).where(within(runs))):
        for dim, key in zip(dims, row, strict=False):
            for taken, value in zip(found[dim, key].values(), row[many:], strict=True):
                taken.append(value)
    return found
