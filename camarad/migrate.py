"""Bringing a database to the newest schema, and telling whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.settings import load_settings

MIGRATIONS = Path(__file__).parent / "migrations"


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


def head() -> str:
    revision = ScriptDirectory.from_config(config("")).get_current_head()
    if revision is None:
        raise Misconfigured("This checkout has no migrations.")
    return revision


def upgrade(url: str) -> None:
    """Apply what is missing. Raises Misconfigured when the database is newer than this checkout or out of reach."""
    try:
        command.upgrade(config(url), "head")
    except Exception as error:
        raise Misconfigured(f"The database could not be brought up to date: {error}") from error


async def is_current(database: Database) -> bool:
    try:
        async with database.reader.connect() as connection:
            row = (await connection.execute(text("SELECT version_num FROM alembic_version"))).first()
    except SQLAlchemyError:
        return False
    return row is not None and row[0] == head()


def migrate(_: list[str]) -> int:
    settings = load_settings()
    upgrade(settings.resolved_database_url)
    print("The database is up to date.")
    return 0
