"""Bringing a database to the newest schema, and telling whether it is there.

Alembic is imported only when there is something to bring: a second start asks one plain query and goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from camarad import second_wall
from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.settings import Settings, load_settings

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 7_301_220_418  # of rights being given; migrations have the number before it
MIGRATIONS = Path(__file__).parent / "migrations"
NAMED = re.compile(r"^(?:down_)?revision\b[^=]*=\s*['\"](\w+)['\"]", re.MULTILINE)


def config(url: str) -> Config:
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


@cache
def head() -> str:
    """The newest revision: the one that is named once, by itself, and by no later one as its predecessor."""
    named = [
        name for path in sorted((MIGRATIONS / "versions").glob("*.py")) for name in NAMED.findall(path.read_text())
    ]
    newest: list[str] = [name for name in named if named.count(name) == 1]
    if len(newest) != 1:
        raise Misconfigured("This checkout's migrations do not end in one newest revision.")
    return newest[0]


def bring_up(settings: Settings) -> None:
    """`upgrade` as the role that migrates, for the role that the application connects as."""
    upgrade(settings.migration_database_url or settings.resolved_database_url, settings.resolved_database_url)


def upgrade(url: str, application: str | None = None) -> None:
    """Apply what is missing. Raises Misconfigured when the database is newer than this checkout or out of reach.

    `application` is the URL that the product connects with, whose role gets its rights on PostgreSQL."""
    try:
        if not asyncio.run(_is_current(url)):
            _apply(url)
        if not url.startswith("sqlite"):
            asyncio.run(_admit(url, application or url))
    except Exception as error:
        raise _refusal(error) from error


def _apply(url: str) -> None:
    from alembic import command

    command.upgrade(config(url), "head")


async def _is_current(url: str) -> bool:
    database = Database(url)
    try:
        return await is_current(database)
    finally:
        await database.close()


async def _admit(url: str, application: str) -> None:
    database = Database(url)
    try:
        async with database.maintainer.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            await second_wall.admit(connection, make_url(application).username)
    finally:
        await database.close()


def _refusal(error: Exception) -> Misconfigured:
    """What stopped a migration, in a sentence, with the next step."""
    words = str(error).split("\n")[0]
    if "locate revision" in words:
        return Misconfigured(
            "The database was made by a newer Camarad than this one.", hint="Update Camarad, or use another --data."
        )
    if "not a database" in words or "malformed" in words:
        return Misconfigured(
            "The database file is damaged.",
            hint="Put a backup in its place, or use another --data; nothing was changed.",
        )
    if isinstance(error, OSError | OperationalError | InterfaceError):
        return Misconfigured(
            f"The database cannot be reached: {words}.", hint="Check DATABASE_URL, and that its server runs."
        )
    if "permission denied" in words or "must be owner" in words:
        return Misconfigured(
            f"The database could not be brought up to date: {words}",
            hint="Set MIGRATION_DATABASE_URL to the role that owns the tables; see docs/isolation.md.",
        )
    return Misconfigured(f"The database could not be brought up to date: {words}")


async def is_current(database: Database) -> bool:
    try:
        async with database.reader.connect() as connection:
            row = (await connection.execute(text("SELECT version_num FROM alembic_version"))).first()
    except SQLAlchemyError:
        return False
    return row is not None and row[0] == head()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of the settings, for a command that works on one. Raises Misconfigured where there is none of this
    schema; a mistyped folder is not made and gets no empty file."""
    url = make_url(settings.resolved_database_url)
    missing = Misconfigured(
        f"There is no database of this version at {url.render_as_string(hide_password=True)}.",
        hint="Check --data and DATABASE_URL, or bring it up to date with: python -m camarad migrate",
    )
    if not _may_be_there(url):
        raise missing
    database = Database.of(settings)
    try:
        try:
            current = await is_current(database)
        except OSError as error:
            raise _refusal(error) from error
        if not current:
            raise missing
        yield database
    finally:
        await database.close()


def _may_be_there(url: URL) -> bool:
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def migrate(argv: list[str]) -> int:
    """Bring the database of the settings, or of a data folder, to the newest schema."""
    parser = argparse.ArgumentParser(prog="python -m camarad migrate", description=migrate.__doc__)
    parser.add_argument("--data", type=Path, help="folder for everything that is written")
    folder = parser.parse_args(argv).data
    bring_up(load_settings() if folder is None else load_settings(camarad_data_dir=folder))
    print("The database is up to date.")
    return 0
