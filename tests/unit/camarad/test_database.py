import pytest
from sqlalchemy import func, select, text

from camarad.database import Database
from camarad.models import Client, Conversation, User
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
