"""Fixtures of every test: settings, a clock that stands still, and migrated databases with two workspaces in them.

`database` runs a test on SQLite and on PostgreSQL; `sqlite_database` on SQLite alone. Each is a fresh copy of a
template migrated once a run and seeded with `scope`, `sibling_scope` (same workspace, another client), `other_scope`.
`settings.resolved_database_url` is the SQLite file of `sqlite_database`. `postgres_url` is a migrated, seeded database.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.migrate import upgrade
from camarad.scope import Scope
from camarad.settings import Settings, load_settings
from tests.support.postgres import APPLICATION, OWNER, PostgresServer, running_postgres
from tests.support.seed import OTHER_SCOPE, SCOPE, SIBLING_SCOPE, seed

HELPERS = ("tests.support.emulator", "tests.support.model_server", "tests.support.stripe")
pytest_plugins = [name for name in HELPERS if importlib.util.find_spec(name)]

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEMPLATE = "camarad_template"

for variable in {name.upper() for name in Settings.model_fields} & set(os.environ):
    del os.environ[variable]  # a test sees the settings it names, not those of the shell it was started from

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As a shell leaves it for what runs in its background. A product started by a test would ignore Ctrl-C too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh data folder, untouched by the environment or a `.env` file."""
    return load_settings(_env_file=None, camarad_data_dir=tmp_path / "data", camarad_demo=False)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def scope() -> Scope:
    return SCOPE


@pytest.fixture
def sibling_scope() -> Scope:
    return SIBLING_SCOPE


@pytest.fixture
def other_scope() -> Scope:
    return OTHER_SCOPE


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "blank.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_template(blank_sqlite: Path) -> Path:
    """The same with the rows of tests.support.seed."""
    path = blank_sqlite.with_name("seeded.db")
    shutil.copyfile(blank_sqlite, path)
    seed(create_engine(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The run's own server (one for each xdist worker), with the seeded template database in it."""
    with running_postgres() as server:
        server.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
        upgrade(server.url(TEMPLATE, OWNER), server.url(TEMPLATE, APPLICATION))
        seed(create_engine(server.url(TEMPLATE).replace("asyncpg", "psycopg")))
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """As the role that owns the tables and may not pass row-level security, which is forced on it."""
    with postgres.database(f"test_{new_id()}", TEMPLATE, OWNER) as url:
        yield url


@pytest.fixture
def sqlite_url(settings: Settings, sqlite_template: Path) -> str:
    settings.camarad_data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_template, settings.camarad_data_dir / "camarad.db")
    return settings.resolved_database_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated, seeded database, on SQLite and then on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
