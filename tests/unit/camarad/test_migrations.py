import asyncio
import os
import subprocess
import sys

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

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
