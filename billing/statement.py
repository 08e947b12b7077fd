"""A workspace's ledger as an account statement: chosen by kind and days, summed over all that was chosen.

Sums are over every entry that fits, not over those shown. Days are UTC days, both ends within.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.database import Database
from camarad.models import CtLedgerEntry, CtWallet, UsageRow

KINDS: Final = ("grant", "topup", "debit", "refund", "expire", "adjust")
A_CHUNK: Final = 1000  # entries read at once for a file


@dataclass(frozen=True, slots=True)
class Choice:
    kind: str | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` = `plan` + `topup`, signed CT. `agent` and `model` are those of the call that a debit paid."""

    id: int
    at: datetime
    kind: str
    request_id: str
    amount: int
    plan: int
    topup: int
    agent: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """`count`, `put_in` and `taken_out` are of all entries that fit. `opening` and `closing` are the balances before
    the first day and after the last, over all kinds; None where one kind is looked at or nothing comes before. `older`
    is where the next page begins, None after the last entry."""

    entries: list[Entry]
    count: int
    put_in: int
    taken_out: int
    opening: int | None
    closing: int | None
    older: int | None

    @property
    def total(self) -> int:
        return self.put_in + self.taken_out


@dataclass(frozen=True, slots=True)
class Buckets:
    """What there is, by where it came from: the plan's lapse, the topped-up ones stay."""

    plan: int = 0
    topup: int = 0
    shortfall: int = 0


async def buckets(database: Database, workspace_id: str) -> Buckets:
    async with database.read() as session:
        wallet = await session.get(CtWallet, workspace_id)
    return Buckets(wallet.plan_balance, wallet.topup_balance, wallet.shortfall) if wallet else Buckets()


async def statement(
    database: Database, workspace_id: str, choice: Choice, limit: int, before: int | None = None
) -> Statement:
    """The newest entries that fit, or the newest below the id `before`."""
    chosen = _fitting(workspace_id, choice)
    page = _entries(chosen).order_by(CtLedgerEntry.id.desc()).limit(limit + 1)
    if before is not None:
        page = page.where(CtLedgerEntry.id < before)
    async with database.snapshot() as session:
        rows = [_entry(row) for row in await session.execute(page)]
        count, put_in, taken_out = (await session.execute(_sums(chosen))).one()
        opening = closing = None
        if choice.kind is None:
            opening = await _balance(session, workspace_id, _begin(choice.start)) if choice.start else None
            closing = await _balance(session, workspace_id, _after(choice.end))
    shown = rows[:limit]
    older = shown[-1].id if len(rows) > limit else None
    return Statement(shown, count, int(put_in), int(taken_out), opening, closing, older)


async def entries(database: Database, workspace_id: str, choice: Choice) -> AsyncIterator[list[Entry]]:
    """All entries that fit, oldest first, a chunk at a time; those written meanwhile are left out."""
    chosen, last = _fitting(workspace_id, choice), 0
    async with database.read() as session:
        newest = int(await session.scalar(select(func.max(CtLedgerEntry.id)).where(*chosen)) or 0)
    while last < newest:
        chunk = _entries(chosen).where(CtLedgerEntry.id > last, CtLedgerEntry.id <= newest)
        async with database.read() as session:
            rows = [_entry(row) for row in await session.execute(chunk.order_by(CtLedgerEntry.id).limit(A_CHUNK))]
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _fitting(workspace_id: str, choice: Choice) -> list[ColumnElement[bool]]:
    found = [CtLedgerEntry.workspace_id == workspace_id]
    if choice.kind is not None:
        found.append(CtLedgerEntry.kind == choice.kind)
    if choice.start is not None:
        found.append(CtLedgerEntry.at >= _begin(choice.start))
    if (after := _after(choice.end)) is not None:
        found.append(CtLedgerEntry.at < after)
    return found


def _entries(chosen: list[ColumnElement[bool]]) -> Select[CtLedgerEntry, str, str]:
    paid = (UsageRow.workspace_id == CtLedgerEntry.workspace_id) & (UsageRow.request_id == CtLedgerEntry.request_id)
    return select(CtLedgerEntry, UsageRow.agent, UsageRow.model).outerjoin(UsageRow, paid).where(*chosen)


def _entry(row: Any) -> Entry:
    booked, agent, model = row
    return Entry(
        booked.id,
        booked.at,
        booked.kind,
        booked.request_id,
        booked.amount,
        booked.plan_delta,
        booked.topup_delta,
        agent,
        model,
    )


def _sums(chosen: list[ColumnElement[bool]]) -> Select[Any]:
    amount = CtLedgerEntry.amount
    above, below = case((amount > 0, amount), else_=0), case((amount < 0, amount), else_=0)
    sums = (func.coalesce(func.sum(above), 0), func.coalesce(func.sum(below), 0))
    return select(func.count(), *sums).select_from(CtLedgerEntry).where(*chosen)


async def _balance(session: AsyncSession, workspace_id: str, until: datetime | None) -> int:
    total = select(func.coalesce(func.sum(CtLedgerEntry.amount), 0)).where(CtLedgerEntry.workspace_id == workspace_id)
    return int(await session.scalar(total if until is None else total.where(CtLedgerEntry.at < until)) or 0)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _after(day: date | None) -> datetime | None:
    """The first instant after a day; None also for the last day of all."""
    return None if day is None or day == date.max else _begin(day + timedelta(days=1))
