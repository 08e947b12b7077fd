"""Runs migrations on SQLite and PostgreSQL alike; on PostgreSQL an advisory lock lets one process do it."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from camarad.database import Database
from camarad.models import Base
from camarad.models.base import UtcDateTime
from camarad.second_wall import CHECKPOINTS

LOCK = 7_301_220_417


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration names plain SQLAlchemy types, so that it keeps working when the product's own types change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def is_ours(item: Any, name: str | None, kind: str, _: bool, other: Any) -> bool:
    """LangGraph's tables are made by a migration of ours and described by no model."""
    del item, other
    return not (kind == "table" and name in (*CHECKPOINTS, "checkpoint_migrations"))


def run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        render_item=render,
        include_object=is_ours,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            # Row-level security holds for the owner too: a migration that changes rows says that it does.
            connection.execute(text("SELECT set_config('camarad.maintenance', 'a migration', true)"))
        context.run_migrations()


async def main(url: str) -> None:
    if url.startswith("sqlite"):
        database = Database(url)
        try:
            async with database.writer.connect() as connection:
                await connection.run_sync(run)
                await connection.commit()
        finally:
            await database.close()
        return
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(main(context.config.attributes["url"]))
