"""SQLite's writer tells a batch late while another one follows, and never later than it must."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from billing.call import Reservation
from billing.sqlite_insert import Insert, upsert
from billing.sqlite_ledger import SqliteLedger
from billing.wallet import open_wallet
from tests.support.metering import WORKSPACE

SOON = 10  # seconds that nothing here takes


@pytest.fixture
async def ledger(sqlite_database, settings, clock):
    await open_wallet(sqlite_database, WORKSPACE, 1_000)
    made = SqliteLedger(sqlite_database.url.database, settings, clock)
    await made.start()
    yield made
    await made.close()


def hold(ledger: SqliteLedger, request: str) -> asyncio.Task:
    return asyncio.create_task(ledger.apply(0, [Reservation(WORKSPACE, request, 1)]))


async def test_who_waits_hears_of_its_batch_although_the_next_one_cannot_begin(ledger, sqlite_database):
    other = sqlite3.connect(sqlite_database.url.database, isolation_level=None, check_same_thread=False)
    commit = ledger._commit

    def commit_and_be_locked_out(connection):
        commit(connection)
        ledger._commit = commit
        other.execute("BEGIN IMMEDIATE")

    ledger._commit = commit_and_be_locked_out
    first, second = hold(ledger, "first"), hold(ledger, "second")
    assert [outcome.status for outcome in await asyncio.wait_for(first, SOON)] == ["held"]
    assert not second.done()
    other.close()
    assert [outcome.status for outcome in await asyncio.wait_for(second, SOON)] == ["held"]


async def test_who_waits_hears_of_its_batch_although_the_next_one_fails(ledger, monkeypatch):
    decide, tried = ledger._decide, []

    def fail_the_second(connection, operations):
        tried.append(operations)
        if len(tried) == 2:
            raise sqlite3.OperationalError("disk I/O error")
        return decide(connection, operations)

    monkeypatch.setattr(ledger, "_decide", fail_the_second)
    first, second = hold(ledger, "first"), hold(ledger, "second")
    assert [outcome.status for outcome in await asyncio.wait_for(first, SOON)] == ["held"]
    with pytest.raises(sqlite3.OperationalError):
        await asyncio.wait_for(second, SOON)
    assert [outcome.status for outcome in await asyncio.wait_for(hold(ledger, "third"), SOON)] == ["held"]


async def test_a_batch_is_told_only_after_it_is_stored(ledger, sqlite_database):
    seen = sqlite3.connect(sqlite_database.url.database)
    waiting = [hold(ledger, f"call {n}") for n in range(20)]
    for number, each in enumerate(waiting):
        await asyncio.wait_for(each, SOON)
        stored = seen.execute("SELECT count(*) FROM ct_holds WHERE request_id = ?", (f"call {number}",)).fetchone()
        assert stored == (1,)
    seen.close()


@pytest.mark.parametrize("count", [0, 1, 3, 64, 65, 200])
def test_as_many_rows_are_inserted_as_are_given(count):
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE pairs (a INTEGER PRIMARY KEY, b TEXT NOT NULL)")
        Insert("pairs", ("a", "b")).run(db, [(n, f"row {n}") for n in range(count)])
        assert db.execute("SELECT a, b FROM pairs ORDER BY a").fetchall() == [(n, f"row {n}") for n in range(count)]
    db.close()


def test_rows_with_a_known_key_are_replaced():
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE pairs (a INTEGER PRIMARY KEY, b TEXT NOT NULL)")
        for words in ("old", "new"):
            upsert("pairs", ("a",), ("b",)).run(db, [(n, words) for n in range(3)])
        assert db.execute("SELECT b FROM pairs").fetchall() == [("new",)] * 3
    db.close()
