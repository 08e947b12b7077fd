"""Sums usage up in the background. Any number of processes may do so over one database: whoever comes second to a
change of the rollups lets its own go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rollup.columns import USAGE
from billing.rollup.groups import Groups, from_rollups, from_rows, rollup_rows, together
from billing.rollup.stretches import KEPT, LEVELS, SECOND, SMALLEST, begin, micros, moment, runs, starts
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.models import UsageMark, UsageRolled, UsageRollup, UsageRow

T = TypeVar("T")
log = get_logger(__name__)

LOCK: Final = 7_301_220_432  # as in the trigger of migration 0005
PAUSE_SECONDS: Final = 10
LAG: Final = timedelta(seconds=30)  # rows are mostly there by then; a later one leaves a mark
STRETCHES: Final = 600  # five minutes each, at most so many at a time
ROWS: Final = 150_000  # in them, roughly
AT_ONCE: Final = 500
DAY: Final = LEVELS[0]
ASTRAY: Final = DAY * SECOND  # a watermark so far ahead was set by a clock that has been put back since
ROLLUPS, MARKS = (cast("Table", table.__table__) for table in (UsageRollup, UsageMark))  # plain, for many rows at once


@dataclass(frozen=True, slots=True)
class Seen:
    """What one moment shows: the watermark, the turn it was at, and marks by the stretch they spoil."""

    upto: int
    turn: int
    marks: dict[int, list[int]]


class Roller:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="usage roller")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def roll(self) -> int:
        """Bring the rollups up to date; how many stretches of five minutes were summed up."""
        await self._advance()
        done = 0
        while rolled := await self._turn():
            done += rolled
        return done

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.roll()
            except Exception as error:  # figures are counted from rows meanwhile, and the next round may do better
                log.warning("usage_roll_failed", error=repr(error))

    async def _advance(self) -> None:
        """Move the watermark to the last five minutes that are over, and mark what it passes."""
        now = self._clock.now()
        target = begin(micros(now - LAG), SMALLEST)
        async with self._database.read() as session:
            known = await session.get(UsageRolled, USAGE)
            upto = micros(known.upto) if known else await self._oldest(session, now)
        if upto is None or target <= upto <= target + ASTRAY:
            return
        try:
            await self._move(target, now)
        except DBAPIError as error:  # a long transaction is under way; it must not hold up the ledger behind us
            log.info("usage_roll_waits", error=repr(error.orig))

    async def _oldest(self, session: AsyncSession, now: datetime) -> int | None:
        first = await session.scalar(select(func.min(UsageRow.at)).where(UsageRow.at >= now - KEPT))
        return None if first is None else begin(micros(first), DAY)

    async def _move(self, target: int, now: datetime) -> None:
        async with self._database.write() as session:
            if not self._database.is_sqlite:
                await session.execute(select(func.set_config("lock_timeout", "100ms", True)))
                await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
            known = await session.get(UsageRolled, USAGE)
            oldest = micros(known.upto) if known else await self._oldest(session, now)
            if oldest is not None and oldest > target + ASTRAY:
                await _forget(session)
                oldest = 0
            if oldest is None or oldest >= target:
                return
            horizon = moment(target) - KEPT
            oldest = max(oldest, begin(micros(horizon), DAY))
            marks = [{"at": moment(start)} for start in starts(oldest, target, SMALLEST)]
            await session.execute(insert(MARKS), marks)
            if known:
                known.upto = moment(target)
            else:
                session.add(UsageRolled(id=USAGE, upto=moment(target), turn=0))
            for level in LEVELS:
                old = delete(UsageRollup).where(UsageRollup.level == level, UsageRollup.start < horizon)
                await session.execute(old)

    async def _turn(self) -> int:
        """Sum up the newest marked stretches as one moment shows them, then store that and take their marks away."""
        async with self._database.snapshot() as session:
            seen = await _seen(session)
            if seen is None or not seen.marks:
                return 0
            horizon = micros(moment(seen.upto) - KEPT)
            fresh = await _fresh(session, seen, [start for start in seen.marks if start >= horizon])
        rows = await asyncio.to_thread(_rows, fresh)
        stored = await self._store(seen, [*fresh], rows)
        return len(seen.marks) if stored else 0

    async def _store(self, seen: Seen, stretches: list[tuple[int, int]], rows: list[dict[str, Any]]) -> bool:
        mine = update(UsageRolled).where(UsageRolled.id == USAGE, UsageRolled.turn == seen.turn)
        ids = [mark for marks in seen.marks.values() for mark in marks]
        async with self._database.write() as session:
            taken = await session.execute(mine.values(turn=seen.turn + 1).returning(UsageRolled.turn))
            if taken.first() is None:
                return False
            for level in LEVELS:
                again = [moment(start) for each, start in stretches if each == level]
                old = delete(UsageRollup).where(UsageRollup.level == level, UsageRollup.start.in_(again))
                await session.execute(old)
            for some in _parts(rows):
                await session.execute(insert(ROLLUPS), some)
            for part in _parts(ids):
                await session.execute(delete(UsageMark).where(UsageMark.id.in_(part)))
        return True


async def _forget(session: AsyncSession) -> None:
    """Begin anew: a watermark far ahead let go of what windows still need, and passed stretches without a mark. The
    turn goes up first, so that no other roller stores what it counted before."""
    mine = update(UsageRolled).where(UsageRolled.id == USAGE)
    await session.execute(mine.values(turn=UsageRolled.turn + 1))
    for everything in (UsageRollup, UsageMark):
        await session.execute(delete(everything))


async def _seen(session: AsyncSession) -> Seen | None:
    known = await session.get(UsageRolled, USAGE)
    if known is None:
        return None
    newest = select(UsageMark.at).distinct().order_by(UsageMark.at.desc()).limit(STRETCHES)
    wanted = [*(await session.scalars(newest)).all()]
    while len(wanted) > 1 and await _rows_since(session, wanted[-1], wanted[0]) > ROWS:
        wanted = wanted[: len(wanted) >> 1]
    marks: dict[int, list[int]] = {}
    for mark, at in await session.execute(select(UsageMark.id, UsageMark.at).where(UsageMark.at.in_(wanted))):
        marks.setdefault(begin(micros(at), SMALLEST), []).append(mark)
    return Seen(micros(known.upto), known.turn, marks)


async def _rows_since(session: AsyncSession, first: datetime, last: datetime) -> int:
    end = last + timedelta(seconds=SMALLEST)
    return int(await session.scalar(select(func.count()).where(UsageRow.at >= first, UsageRow.at < end)) or 0)


async def _fresh(session: AsyncSession, seen: Seen, spoilt: Sequence[int]) -> dict[tuple[int, int], Groups]:
    """The spoilt stretches counted anew, then the hours and days that they are part of and that are over."""
    made: dict[tuple[int, int], Groups] = {(SMALLEST, start): {} for start in spoilt}
    for run in runs(spoilt, SMALLEST):
        for start, groups in (await from_rows(session, run)).items():
            made[SMALLEST, start] = groups
    for level, part in zip(LEVELS[-2::-1], LEVELS[:0:-1], strict=True):
        over = sorted({at for each in spoilt if (at := begin(each, level)) + level * SECOND <= seen.upto})
        parts = {at: list(starts(at, at + level * SECOND, part)) for at in over}
        kept = [moment(child) for several in parts.values() for child in several if (part, child) not in made]
        stored = await from_rollups(session, part, kept)
        for at, several in parts.items():
            made[level, at] = together(made.get((part, child)) or stored.get(moment(child), {}) for child in several)
    return made


def _rows(fresh: dict[tuple[int, int], Groups]) -> list[dict[str, Any]]:
    return [row for (level, start), groups in fresh.items() for row in rollup_rows(level, moment(start), groups)]


def _parts(items: list[T]) -> list[list[T]]:
    return [items[n : n + AT_ONCE] for n in range(0, len(items), AT_ONCE)]
