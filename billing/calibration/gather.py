"""What the usage rows of a window add up to, read in one transaction: sums by workspace, slot, model and price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.window import Window
from camarad.models import PriceStamp, UsageRow

# Ends of an attempt after which the provider may have worked, and bill, without our learning what it counted.
LOST_ENDS = frozenset({"APITimeoutError", "Timeout", "TimeoutError"})


@dataclass(frozen=True, slots=True)
class Cell:
    """Calls of one workspace, model and stamp in one stretch of time. Costs in micro-EUR; `cost` counts only calls
    that had a price, as the tokens and `ct_shadow` do; `ct_actual` is what every one of them was debited. `priced` are
    those with tokens whose price is known, also where it is nothing; `with_cost` those that cost something."""

    start: datetime
    workspace: str
    model: str
    stamp: str | None
    rows: int
    with_tokens: int
    priced: int
    with_cost: int
    estimated: int
    cost: int
    tokens_in: int
    tokens_cached: int
    tokens_cache_write: int
    tokens_out: int
    ct_actual: int
    ct_shadow: int


@dataclass(frozen=True, slots=True)
class LostCall:
    """An attempt that ended without an answer though the provider may bill it."""

    start: datetime
    workspace: str
    model: str


@dataclass(frozen=True, slots=True)
class Gathered:
    cells: tuple[Cell, ...]
    lost: tuple[LostCall, ...]
    top_cost: int  # of the costliest hundredth of the calls
    stamps: dict[str, dict[str, Any]]


PRICED = UsageRow.cost_micro_eur.is_not(None)


def _sum(value: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(value), 0)


def _least(one: Any, other: Any) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


CACHED = _least(UsageRow.tokens_cached, UsageRow.tokens_in)  # as prices read it: never more than the input


def _of_priced(value: Any) -> ColumnElement[int]:
    return _sum(case((PRICED, value), else_=0))


SUMS: tuple[ColumnElement[int], ...] = (
    func.count(),
    func.count(case((UsageRow.tokens_in + UsageRow.tokens_out > 0, 1))),
    func.count(case((and_(PRICED, UsageRow.tokens_in + UsageRow.tokens_out > 0), 1))),
    func.count(case((UsageRow.cost_micro_eur > 0, 1))),
    func.count(case((UsageRow.estimated, 1))),
    _sum(UsageRow.cost_micro_eur),
    _of_priced(UsageRow.tokens_in),
    _of_priced(CACHED),
    _of_priced(_least(UsageRow.tokens_cache_write, UsageRow.tokens_in - CACHED)),
    _of_priced(UsageRow.tokens_out),
    _sum(UsageRow.ct_actual_debit),
    _sum(UsageRow.ct_shadow_debit),
)


async def gather(session: AsyncSession, window: Window, cuts: Sequence[datetime]) -> Gathered:
    """`cuts` are instants at which a price changed: no cell spans one of them."""
    starts = sorted({*window.slots, *(cut for cut in cuts if window.since < cut < window.until)})
    cells = await _cells(session, window, starts)
    names = sorted({cell.stamp for cell in cells if cell.stamp})
    return Gathered(
        cells=tuple(cells),
        lost=tuple(await _lost(session, window, starts)),
        top_cost=await _top_cost(session, window, max(1, sum(cell.with_cost for cell in cells) // 100)),
        stamps=await _stamps(session, names),
    )


async def models(session: AsyncSession, window: Window) -> list[str]:
    """Those that were called."""
    return list(await session.scalars(select(UsageRow.model).where(*inside(window)).distinct()))


def inside(window: Window) -> tuple[ColumnElement[bool], ...]:
    return UsageRow.at > window.since, UsageRow.at <= window.until


def _stretch(starts: Sequence[datetime]) -> ColumnElement[int]:
    """The number of the stretch a row lies in."""
    later = [(UsageRow.at > start, number) for number, start in reversed(list(enumerate(starts))) if number]
    return case(*later, else_=0)


async def _cells(session: AsyncSession, window: Window, starts: Sequence[datetime]) -> list[Cell]:
    stretch = _stretch(starts).label("stretch")
    by = (stretch, UsageRow.workspace_id, UsageRow.model, UsageRow.stamp)
    named = select(
        stretch, UsageRow.workspace_id, UsageRow.model, UsageRow.stamp, *(s.label(f"s{n}") for n, s in enumerate(SUMS))
    )
    found = await session.execute(named.where(*inside(window)).group_by(*by).order_by(*by))
    return [Cell(starts[n], workspace, model, stamp, *map(int, sums)) for n, workspace, model, stamp, *sums in found]


async def _lost(session: AsyncSession, window: Window, starts: Sequence[datetime]) -> list[LostCall]:
    """Read from the few rows that failed or were tried more than once."""
    postgres = session.get_bind().dialect.name == "postgresql"
    length = (func.jsonb_array_length if postgres else func.json_array_length)(UsageRow.attempts)
    statement = (
        select(_stretch(starts), UsageRow.workspace_id, UsageRow.status, UsageRow.tokens_in, UsageRow.attempts)
        .where(*inside(window), or_(UsageRow.status == "failed", length > 1))
        .order_by(UsageRow.workspace_id, UsageRow.at, UsageRow.id)
    )
    lost = []
    for number, workspace, status, tokens_in, attempts in await session.execute(statement):
        charged = 1 if status == "failed" and tokens_in else 0  # it broke off half-way, and its row has what it used
        for attempt in attempts[: len(attempts) - charged]:
            if attempt.get("outcome") in LOST_ENDS:
                lost.append(LostCall(starts[number], workspace, str(attempt.get("model", ""))))
    return lost


async def _top_cost(session: AsyncSession, window: Window, count: int) -> int:
    top = (
        select(UsageRow.cost_micro_eur.label("cost"))
        .where(*inside(window), PRICED)
        .order_by(UsageRow.cost_micro_eur.desc())
        .limit(count)
        .subquery()
    )
    return int(await session.scalar(select(func.coalesce(func.sum(top.c.cost), 0))) or 0)


async def _stamps(session: AsyncSession, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = await session.execute(select(PriceStamp.id, PriceStamp.numbers).where(PriceStamp.id.in_(names)))
    return {row.id: row.numbers for row in found}
