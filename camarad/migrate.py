"""Bringing a database to the newest schema, and telling whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

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
        raise _refusal(error) from error


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
    return Misconfigured(f"The database could not be brought up to date: {words}")


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
