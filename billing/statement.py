"""A workspace's ledger as an account statement: chosen by kind and days, summed over all that was chosen.

Sums are over every entry that fits, not over those shown. Days are UTC days, both ends within.

A workspace's debits are found through its usage rows, one for each with the same time and amount: the ledger has no
index of debits by workspace, which every settlement would have to pay for (docs/decisions/metering-keys.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    Subquery,
    case,
    desc,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.database import Database
from camarad.models import CtLedgerEntry, CtWallet, UsageRow

KINDS: Final = ("grant", "topup", "debit", "refund", "expire", "adjust")
A_CHUNK: Final = 1000  # entries read at once for a file
COLUMNS: Final[tuple[SQLColumnExpression[Any], ...]] = (
    *(CtLedgerEntry.id, CtLedgerEntry.at, CtLedgerEntry.kind, CtLedgerEntry.request_id),
    *(CtLedgerEntry.amount, CtLedgerEntry.plan_delta, CtLedgerEntry.topup_delta),
)
NOT_DEBIT: Final = CtLedgerEntry.kind != literal("debit", literal_execute=True)  # as its index says it
its_place = tuple_(CtLedgerEntry.at, CtLedgerEntry.id)
OLDEST_FIRST: Final = ("at", "id")
NEWEST_FIRST: Final[tuple[ColumnElement[Any], ...]] = (desc("at"), desc("id"))

At = SQLColumnExpression[datetime]
Condition = ColumnElement[bool]
Narrowing = Callable[[At], list[Condition]]  # conditions on entries, given the column their time is indexed by


@dataclass(frozen=True, slots=True)
class Choice:
    kind: str | None = None
    start: date | None = None
    end: date | None = None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A choice by instants, `until` without."""

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, choice: Choice) -> Self:
        since = None if choice.start is None else _begin(choice.start)
        last = None if choice.end is None or choice.end == date.max else _begin(choice.end)
        return cls(choice.kind, since, None if last is None else last + timedelta(days=1))


class Place(NamedTuple):
    """Where an entry stands among a workspace's: by time, then in the order of booking."""

    at: datetime
    id: int


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
    """The newest entries that fit, or the newest that come before the one with the id `before`."""
    span = Span.of(choice)
    async with database.snapshot() as session:
        last = await _place(session, workspace_id, before)
        page = _entries(workspace_id, span, _earlier(last)).order_by(*NEWEST_FIRST).limit(limit + 1)
        rows = [Entry(*row) for row in await session.execute(page)]
        count, put_in, taken_out = (await session.execute(_sums(workspace_id, span))).one()
        opening = closing = None
        if span.kind is None:
            opening = await _balance(session, workspace_id, span.since) if span.since else None
            closing = await _balance(session, workspace_id, span.until)
    shown = rows[:limit]
    older = shown[-1].id if len(rows) > limit else None
    return Statement(shown, count, int(put_in), int(taken_out), opening, closing, older)


async def entries(database: Database, workspace_id: str, choice: Choice) -> AsyncIterator[list[Entry]]:
    """All entries that fit, oldest first, a chunk at a time; those written meanwhile are left out."""
    async with database.read() as session:
        newest = await session.scalar(select(func.max(CtLedgerEntry.id))) or 0
    last = None
    while True:
        chunk = _entries(workspace_id, Span.of(choice), _later(last, newest)).order_by(*OLDEST_FIRST).limit(A_CHUNK)
        async with database.read() as session:
            rows = [Entry(*row) for row in await session.execute(chunk)]
        if not rows:
            return
        yield rows
        last = Place(rows[-1].at, rows[-1].id)


async def _place(session: AsyncSession, workspace_id: str, entry_id: int | None) -> Place | None:
    mine = (CtLedgerEntry.id == entry_id, CtLedgerEntry.workspace_id == workspace_id)
    at = None if entry_id is None else await session.scalar(select(CtLedgerEntry.at).where(*mine))
    return None if at is None or entry_id is None else Place(at, entry_id)


def _earlier(last: Place | None) -> Narrowing:
    return lambda at: [] if last is None else [at <= last.at, its_place < last]


def _later(last: Place | None, newest: int) -> Narrowing:
    known = CtLedgerEntry.id <= newest
    return lambda at: [known] if last is None else [known, at >= last.at, its_place > last]


def _entries(workspace_id: str, span: Span, more: Narrowing) -> Select[Any] | CompoundSelect[Any]:
    its_call = (UsageRow.request_id == CtLedgerEntry.request_id) & (UsageRow.workspace_id == CtLedgerEntry.workspace_id)
    debits = (
        select(*COLUMNS, UsageRow.agent, UsageRow.model)
        .join_from(UsageRow, CtLedgerEntry, its_call & (CtLedgerEntry.kind == "debit"))
        .where(*_debits(workspace_id, span), *more(UsageRow.at))
    )
    nobody = (null().label("agent"), null().label("model"))
    bookings = select(*COLUMNS, *nobody).where(*_bookings(workspace_id, span), *more(CtLedgerEntry.at))
    return _both(debits, bookings, span.kind)


def _amounts(workspace_id: str, span: Span) -> Subquery:
    debits = select((-UsageRow.ct_actual_debit).label("amount")).where(*_debits(workspace_id, span))
    bookings = select(CtLedgerEntry.amount).where(*_bookings(workspace_id, span))
    return _both(debits, bookings, span.kind).subquery()


def _both(debits: Select[Any], bookings: Select[Any], kind: str | None) -> Select[Any] | CompoundSelect[Any]:
    if kind is None:
        return union_all(debits, bookings)
    return debits if kind == "debit" else bookings


def _debits(workspace_id: str, span: Span) -> list[Condition]:
    """Which usage rows are debits that fit: each one is, with its own time and amount, and they have the index."""
    return [UsageRow.workspace_id == workspace_id, *_days(UsageRow.at, span)]


def _bookings(workspace_id: str, span: Span) -> list[Condition]:
    """Which entries other than debits fit. They have an index of their own."""
    kind = [] if span.kind is None else [CtLedgerEntry.kind == span.kind]
    return [CtLedgerEntry.workspace_id == workspace_id, NOT_DEBIT, *kind, *_days(CtLedgerEntry.at, span)]


def _days(at: At, span: Span) -> list[Condition]:
    since = [] if span.since is None else [at >= span.since]
    return since if span.until is None else [*since, at < span.until]


def _sums(workspace_id: str, span: Span) -> Select[Any]:
    amount = _amounts(workspace_id, span).c.amount
    above, below = case((amount > 0, amount), else_=0), case((amount < 0, amount), else_=0)
    return select(func.count(), func.coalesce(func.sum(above), 0), func.coalesce(func.sum(below), 0))


async def _balance(session: AsyncSession, workspace_id: str, until: datetime | None) -> int:
    amount = _amounts(workspace_id, Span(until=until)).c.amount
    return int(await session.scalar(select(func.coalesce(func.sum(amount), 0))) or 0)
