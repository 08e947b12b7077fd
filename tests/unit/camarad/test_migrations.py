import asyncio
import os
import subprocess
import sys

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.migrate import config, head, is_current, upgrade
from camarad.models import Base
from camarad.second_wall import CHECKPOINTS


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").database("empty") as url:
        yield url


def tables(url):
    engine = create_engine(url.replace("+aiosqlite", "").replace("asyncpg", "psycopg"))
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def expected(url):
    langgraph = set() if url.startswith("sqlite") else {*CHECKPOINTS, "checkpoint_migrations"}
    return {*Base.metadata.tables, "alembic_version", *langgraph}


def test_up_down_and_up_again(empty_url):
    upgrade(empty_url)
    made = tables(empty_url)
    assert made == expected(empty_url)
    command.downgrade(config(empty_url), "base")
    assert tables(empty_url) == {"alembic_version"}
    upgrade(empty_url)
    assert tables(empty_url) == made


def test_the_newest_revision_is_the_one_alembic_names():
    assert head() == ScriptDirectory.from_config(config("")).get_current_head()


def test_a_current_database_needs_no_alembic(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'current.db'}"
    upgrade(url)
    again = "import sys; from camarad.migrate import upgrade; upgrade(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", again, url], check=False).returncode == 0


def test_upgrading_twice_changes_nothing(empty_url):
    upgrade(empty_url)
    upgrade(empty_url)


def test_the_migrations_make_exactly_the_models(empty_url):
    upgrade(empty_url)
    command.check(config(empty_url))


@pytest.mark.postgres
def test_processes_starting_together_migrate_once(postgres):
    with postgres.database("together") as url:
        command = [sys.executable, "-m", "camarad", "migrate"]
        environment = {**os.environ, "DATABASE_URL": url}
        started = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]
        assert [process.wait(60) for process in started] == [0, 0, 0]
        assert tables(url) == expected(url)


async def test_a_migrated_database_is_current_and_an_empty_one_is_not(database, tmp_path):
    assert await is_current(database)
    empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    assert not await is_current(empty)
    await empty.close()


async def test_a_newer_database_is_refused_with_a_sentence(sqlite_database, sqlite_url):
    async with sqlite_database.unscoped("pretends a newer release was here") as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured):
        await asyncio.to_thread(upgrade, sqlite_url)
    assert not await is_current(sqlite_database)


def test_there_is_one_head():
    assert head().isdigit()


BOOKS = (
    "INSERT INTO workspaces (id, name, plan_code, demo, created_at) VALUES ('w', 'W', 'free', false, '2026-11-01')",
    "INSERT INTO ct_holds (workspace_id, request_id, amount, actual, state, created_at, expires_at)"
    " VALUES ('w', 'r', 5, 5, 'settled', '2026-11-01', '2026-11-02')",
    "INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at)"
    " VALUES ('w', 'g', 'grant', 9, 9, 0, '2026-11-01'), ('w', 'r', 'debit', -5, -5, 0, '2026-11-02')",
    "INSERT INTO usage (id, workspace_id, request_id, agent, model, status, tokens_in, tokens_cached, tokens_out,"
    " estimated, ct_actual_debit, attempts, duration_ms, at)"
    " VALUES ('u', 'w', 'r', 'a', 'm', 'settled', 1, 0, 1, false, 5, '[]', 1, '2026-11-02')",
)
TABLES = ("ct_holds", "ct_ledger", "usage")


def rows(engine):
    with engine.connect() as connection:
        return {
            table: [
                dict(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY request_id")).mappings()
            ]
            for table in TABLES
        }


def test_new_keys_keep_the_books_and_hold_for_them(empty_url):
    command.upgrade(config(empty_url), "0008")
    engine = create_engine(empty_url.replace("+aiosqlite", "").replace("asyncpg", "psycopg"))
    with engine.begin() as connection:
        for statement in BOOKS:
            connection.execute(text(statement))
    before = rows(engine)
    upgrade(empty_url)
    assert rows(engine) == before
    for statement in (*BOOKS[1:], "UPDATE ct_ledger SET amount = 1"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(statement))
    command.downgrade(config(empty_url), "0008")
    assert rows(engine) == before
    engine.dispose()
