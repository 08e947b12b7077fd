"""The calls of a window by agent, model and workspace, from rollups where they agree with the rows, else from the rows.

Every part is read in the session's one snapshot, so the answer is the recount of that moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rollup import raw
from billing.rollup.columns import METRICS, ROLLED, SPREAD, USAGE
from billing.rollup.groups import Group, Groups
from billing.rollup.spread import unpack
from billing.rollup.stretches import KEPT, Cover, Runs, cover, micros, moment, starts
from camarad.models import UsageMark, UsageRolled, UsageRollup

PACKED = tuple(getattr(UsageRollup, f"{metric}_values") for metric in METRICS)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Stretches before `upto` agree with their rows, but for those that hold a mark. Microseconds since 1970."""

    upto: int = 0
    marks: frozenset[int] = frozenset()


async def watermark(session: AsyncSession, since: datetime) -> Watermark:
    """Where rollups agree with the rows from `since` on. Nowhere while the watermark is so far ahead that some of them
    were let go: a clock that was ahead set it, and the roller has yet to begin anew."""
    known = await session.get(UsageRolled, USAGE)
    if known is None or known.upto - KEPT > since:
        return Watermark()
    marks = await session.scalars(select(UsageMark.at).distinct().where(UsageMark.at >= since))
    return Watermark(micros(known.upto), frozenset(micros(at) for at in marks))


async def groups(
    session: AsyncSession,
    since: datetime,
    until: datetime,
    mark: Watermark,
    dims: Collection[str],
    counted: dict[Runs, Groups],
) -> Groups:
    """Calls after `since` and not after `until`. What is counted from rows is kept in `counted`, for a window of fewer
    dims that ends alike."""
    covered = cover(micros(since) + 1, micros(until) + 1, mark.upto, mark.marks)
    found: Groups = {}
    where = _rolled(covered, dims)
    if where is not None:
        await _from_rollups(session, where, found)
    for runs in covered.raw_by_day():
        if runs not in counted:
            counted[runs] = await _from_rows(session, runs, dims)
        for (dim, key), group in counted[runs].items():
            if dim in dims:
                found.setdefault((dim, key), Group()).add(group)
    return found


def _rolled(covered: Cover, dims: Collection[str]) -> ColumnElement[bool] | None:
    at_levels = stored(covered)
    return None if at_levels is None else and_(at_levels, UsageRollup.dim.in_(dims))


def stored(covered: Cover) -> ColumnElement[bool] | None:
    """The rollups of a cover. Each start is named: where many stretches are spoilt there are as many runs between them,
    and SQLite refuses a condition of a thousand parts."""
    several = {
        level: [moment(start) for first, end in runs for start in starts(first, end, level)]
        for level, runs in covered.rolled.items()
        if runs
    }
    wanted = [and_(UsageRollup.level == level, UsageRollup.start.in_(each)) for level, each in several.items()]
    return or_(*wanted) if wanted else None


async def _from_rollups(session: AsyncSession, where: ColumnElement[bool], found: Groups) -> None:
    by = (UsageRollup.dim, UsageRollup.key)
    for dim, key, *figures in await session.execute(select(*by, *ROLLED).where(where).group_by(*by)):
        found[dim, key] = Group([int(each) for each in figures])
    for dim, key, *packed in await session.execute(select(*by, *PACKED).where(where, UsageRollup.dim.in_(SPREAD))):
        for metric, each in zip(METRICS, packed, strict=True):
            if each:
                found[dim, key].values[metric].append(unpack(each))


async def _from_rows(session: AsyncSession, runs: Runs, dims: Collection[str]) -> Groups:
    rows = await raw.sums(session, runs, dims)
    found = {(dim, key): Group(figures) for (_, dim, key), figures in rows.items()}
    for name, metrics in (await raw.values(session, runs, [dim for dim in dims if dim in SPREAD])).items():
        found[name].take(metrics)
    return found
