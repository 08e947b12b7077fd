"""The ledger as a statement: what fits, its sums, its balances, its pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing import statement as statements
from billing.statement import Choice, Span, buckets, entries, statement
from billing.wallet import grant, open_wallet
from camarad.ids import new_id
from camarad.models import CtLedgerEntry, UsageRow
from tests.support.metering import WORKSPACE
from tests.support.seed import OTHER_SCOPE

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
BOOKED = (  # hours after FIRST, kind, plan, topup
    (0, "grant", 100, 0),
    (1, "debit", -30, 0),
    (23.999, "debit", -20, -5),
    (24, "topup", 0, 500),
    (25, "refund", 20, 5),
    (49, "expire", -70, 0),
)


def call(workspace_id: str, request_id: str, debit: int, at: datetime, agent: str = "assistant") -> UsageRow:
    row = UsageRow(id=new_id(), workspace_id=workspace_id, request_id=request_id, agent=agent, model="m", at=at)
    row.status, row.attempts, row.duration_ms, row.estimated = "settled", [], 1, False
    row.tokens_in, row.tokens_cached, row.tokens_out, row.ct_actual_debit = 1, 0, 1, debit
    return row


def booked(workspace_id: str, kind: str, plan: int, topup: int, at: datetime) -> list[Any]:
    """An entry, and the call it paid when it is a debit."""
    given = {"kind": kind, "amount": plan + topup, "plan_delta": plan, "topup_delta": topup, "at": at}
    entry = CtLedgerEntry(workspace_id=workspace_id, request_id=new_id(), **given)
    return [entry, call(workspace_id, entry.request_id, -plan - topup, at)] if kind == "debit" else [entry]


@pytest.fixture
async def books(database):
    return await written(database)


async def written(database):
    await open_wallet(database, WORKSPACE)
    await open_wallet(database, OTHER_SCOPE.workspace_id, 9_999)
    async with database.write() as session:
        for hours, kind, plan, topup in BOOKED:
            await session.flush()
            session.add_all(booked(WORKSPACE, kind, plan, topup, FIRST + timedelta(hours=hours)))
        session.add_all(booked(OTHER_SCOPE.workspace_id, "debit", -400, 0, FIRST))
    return database


async def test_everything_is_listed_newest_first_and_summed(books):
    found = await statement(books, WORKSPACE, Choice(), 10)
    assert [(entry.kind, entry.amount) for entry in found.entries] == [
        (kind, plan + topup) for _, kind, plan, topup in reversed(BOOKED)
    ]
    assert (found.count, found.put_in, found.taken_out, found.total) == (6, 625, -125, 500)
    assert (found.opening, found.closing, found.older) == (None, 500, None)


async def test_days_are_whole_utc_days_with_both_ends_within(books):
    second = date(2026, 11, 2)
    found = await statement(books, WORKSPACE, Choice(start=second, end=second), 10)
    assert [entry.kind for entry in found.entries] == ["refund", "topup"]
    assert (found.opening, found.closing, found.total) == (45, 570, 525)
    assert found.opening + found.total == found.closing
    first = await statement(books, WORKSPACE, Choice(end=date(2026, 11, 1)), 10)
    assert (first.count, first.closing) == (3, 45)


async def test_one_kind_has_sums_but_no_balances(books):
    found = await statement(books, WORKSPACE, Choice(kind="debit"), 10)
    assert (found.count, found.put_in, found.taken_out) == (2, 0, -55)
    assert found.opening is None and found.closing is None


async def test_sums_are_of_all_that_fits_whatever_page_is_shown(books):
    first = await statement(books, WORKSPACE, Choice(), 4)
    second = await statement(books, WORKSPACE, Choice(), 4, first.older)
    assert [len(first.entries), len(second.entries)] == [4, 2] and second.older is None
    assert (first.count, first.total) == (second.count, second.total) == (6, 500)
    assert [entry.id for entry in (*first.entries, *second.entries)] == sorted(
        (entry.id for entry in (*first.entries, *second.entries)), reverse=True
    )


async def test_the_last_day_of_all_has_no_day_after_it(books):
    assert (await statement(books, WORKSPACE, Choice(end=date.max), 10)).count == 6
    assert (await statement(books, WORKSPACE, Choice(start=date.max), 10)).count == 0


async def test_nothing_booked_is_an_empty_statement(database):
    found = await statement(database, WORKSPACE, Choice(), 10)
    assert (found.entries, found.count, found.total, found.closing) == ([], 0, 0, 0)
    assert [chunk async for chunk in entries(database, WORKSPACE, Choice())] == []
    assert await buckets(database, WORKSPACE) == statements.Buckets()


async def test_a_file_gets_every_entry_once_oldest_first_in_chunks(books, monkeypatch):
    monkeypatch.setattr(statements, "A_CHUNK", 4)
    chunks = [chunk async for chunk in entries(books, WORKSPACE, Choice())]
    assert [len(chunk) for chunk in chunks] == [4, 2]
    assert [entry.kind for chunk in chunks for entry in chunk] == [kind for _, kind, _, _ in BOOKED]


async def test_what_is_booked_while_a_file_is_written_waits_for_the_next_file(books, clock, monkeypatch):
    monkeypatch.setattr(statements, "A_CHUNK", 4)
    reading = entries(books, WORKSPACE, Choice())
    first = await anext(reading)
    await grant(books, WORKSPACE, 7, "later", clock=clock)
    rest = [entry async for chunk in reading for entry in chunk]
    assert len(first) + len(rest) == 6


async def test_a_debit_names_the_call_it_paid(books, clock):
    async with books.write() as session:
        for workspace in (WORKSPACE, OTHER_SCOPE.workspace_id):  # an id of the same name elsewhere says nothing here
            agent = "ppc-specialist" if workspace == WORKSPACE else "somebody-else"
            session.add(call(workspace, "call", 3, clock.now(), agent))
        debit = CtLedgerEntry(workspace_id=WORKSPACE, request_id="call", kind="debit", at=clock.now())
        debit.amount = debit.plan_delta = -3
        debit.topup_delta = 0
        session.add(debit)
    newest = (await statement(books, WORKSPACE, Choice(), 1)).entries[0]
    assert (newest.agent, newest.model, newest.amount) == ("ppc-specialist", "m", -3)
    assert (await statement(books, WORKSPACE, Choice(kind="debit"), 10)).count == 3


async def test_entries_of_one_instant_are_each_shown_once_across_pages(books):
    async with books.write() as session:
        for _ in range(5):
            session.add_all(booked(WORKSPACE, "debit", -1, 0, FIRST + timedelta(hours=99)))
            session.add_all(booked(WORKSPACE, "refund", 1, 0, FIRST + timedelta(hours=99)))
    shown, before = [], None
    while not shown or before is not None:
        page = await statement(books, WORKSPACE, Choice(), 3, before)
        shown, before = [*shown, *(entry.id for entry in page.entries)], page.older
    assert len(shown) == len(set(shown)) == 16


async def test_a_page_that_begins_at_another_workspaces_entry_begins_at_the_newest(books):
    async with books.read() as session:
        theirs = await session.scalar(
            select(CtLedgerEntry.id).where(CtLedgerEntry.workspace_id == OTHER_SCOPE.workspace_id).limit(1)
        )
    found = await statement(books, WORKSPACE, Choice(), 10, theirs)
    assert len(found.entries) == 6


@pytest.mark.parametrize("choice", [Choice(), Choice("debit"), Choice("grant"), Choice(start=FIRST.date())])
async def test_a_statement_reads_its_own_workspaces_rows_only(sqlite_database, choice):
    """On SQLite, whose plans do not depend on how much there is."""
    books = await written(sqlite_database)
    asked = statements._entries(WORKSPACE, Span.of(choice), lambda at: [at < FIRST])
    async with books.reader.connect() as connection:
        words = str(asked.compile(connection.sync_engine, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]
    assert plan and not [step for step in plan if step.startswith("SCAN")]
