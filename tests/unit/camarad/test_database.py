import asyncio
import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from camarad.database import Database
from camarad.models import Client, Conversation, User
from camarad.rows import select_rows
from tests.conftest import NOW


async def test_a_fresh_test_database_has_both_workspaces(database):
    async with database.read() as session:
        names = (await session.scalars(select(Client.id).order_by(Client.id))).all()
    assert names == ["client-one", "client-three", "client-two"]


async def test_a_write_commits_when_the_block_ends_well(database):
    async with database.write() as session:
        session.add(User(id="u", email="u@example.com", created_at=NOW))
    async with database.read() as session:
        assert (await session.get(User, "u")).created_at == NOW


async def test_a_write_leaves_nothing_when_the_block_raises(database):
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            session.add(User(id="u", email="u@example.com", created_at=NOW))
            await session.flush()
            raise RuntimeError
    async with database.read() as session:
        assert await session.get(User, "u") is None


async def test_a_transaction_in_one_visit_gives_its_result_and_commits(database):
    def work(session):
        session.add(User(id="u", email="u@example.com", created_at=NOW))
        return "done"

    assert await database.transact(None, work) == "done"
    async with database.read() as session:
        assert (await session.get(User, "u")).created_at == NOW


async def test_a_transaction_in_one_visit_leaves_nothing_when_it_raises(database):
    def work(session):
        session.add(User(id="u", email="u@example.com", created_at=NOW))
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.transact(None, work)
    async with database.read() as session:
        assert await session.get(User, "u") is None


async def test_a_transaction_in_one_visit_stands_behind_the_wall(database, scope, other_scope):
    def work(session):
        session.add(Conversation(id="c", created_at=NOW, updated_at=NOW))

    await database.transact(scope, work)
    assert await database.transact(scope, lambda session: session.get(Conversation, "c")) is not None
    assert await database.transact(other_scope, lambda session: session.get(Conversation, "c")) is None


async def test_a_caller_that_leaves_a_transaction_leaves_nothing_behind(sqlite_database):
    began, may_go_on = threading.Event(), threading.Event()

    def work(session):
        session.add(User(id="u", email="u@example.com", created_at=NOW))
        began.set()
        may_go_on.wait(10)

    caller = asyncio.create_task(sqlite_database.transact(None, work))
    await asyncio.to_thread(began.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    may_go_on.set()
    assert await sqlite_database.transact(None, lambda session: session.get(User, "u")) is None


async def test_a_database_may_be_closed_twice(sqlite_database):
    await sqlite_database.close()
    await sqlite_database.close()


async def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(Exception, match="without a time zone"):
        async with database.write() as session:
            session.add(User(id="u", email="u@example.com", created_at=NOW.replace(tzinfo=None)))


async def test_sqlite_readers_do_not_wait_for_the_writer(sqlite_database, scope):
    async with sqlite_database.write(scope) as writing:
        writing.add(Conversation(id="c", created_at=NOW, updated_at=NOW))
        await writing.flush()
        async with sqlite_database.read(scope) as reading:
            assert await reading.scalar(select(func.count()).select_from(Conversation)) == 0


async def test_sqlite_keeps_foreign_keys(sqlite_database):
    async with sqlite_database.unscoped("reads a pragma") as session:
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1


async def test_a_missing_folder_of_the_sqlite_file_is_made(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'er' / 'x.db'}")
    async with database.unscoped("proves the file opens") as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await database.close()


async def test_a_glance_sees_what_was_committed_before_it(database, scope):
    def names(session):
        return [row["id"] for row in select_rows(session, Conversation)]

    assert await database.glance(scope, names) == []
    async with database.write(scope) as session:
        session.add(Conversation(id="new", title="new", created_at=NOW, updated_at=NOW))
    assert await database.glance(scope, names) == ["new"]


async def test_a_glance_that_fails_leaves_the_next_one_well(database):
    def failing(session):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.glance(None, failing)
    assert await database.glance(None, lambda session: session.scalar(select(func.count(Client.id)))) == 3


async def test_no_error_of_a_database_says_what_was_to_be_written_or_looked_for(database):
    """It would stand in the log, long after its client erased it."""
    asked = select(func.no_such_function("ocelot words"))

    async def within(opened):
        async with opened as session:
            await session.execute(asked)

    ways = {
        "read": within(database.read()),
        "write": within(database.write()),
        "transact": database.transact(None, lambda session: session.execute(asked)),
        "glance": database.glance(None, lambda session: session.execute(asked)),
        "unscoped": within(database.unscoped("a test")),
    }
    for way, tried in ways.items():
        with pytest.raises(DBAPIError) as failed:
            await tried
        assert "no_such_function" in str(failed.value), way
        assert "ocelot" not in str(failed.value), way
