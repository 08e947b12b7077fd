"""Connections and sessions. A session opened with a scope sees that scope's rows and no others (see camarad.wall).

SQLite has one writer: the write engine takes the lock when a transaction begins, so that no transaction has to be
upgraded and fail half-way; readers use their own engine and never wait for it (WAL).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from camarad import wall
from camarad.scope import Scope

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000", "foreign_keys=ON")


class Database:
    """Both engines of one database, and the only place sessions come from."""

    def __init__(self, url: str, pool: int = 8) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool=1)
            self.reader = _sqlite_engine(url, begin="BEGIN", pool=4)
        else:
            self.writer = self.reader = create_async_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True)

    @asynccontextmanager
    async def read(self, scope: Scope | None = None) -> AsyncIterator[AsyncSession]:
        """A session for reading. Without a scope, client-owned tables raise UnscopedAccess."""
        async with wall.scoped_session(self.reader, scope) as session:
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope | None = None) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well and rolls back when it does not."""
        async with wall.scoped_session(self.writer, scope) as session, session.begin():
            yield session

    @asynccontextmanager
    async def unscoped(self, reason: str) -> AsyncIterator[AsyncSession]:
        """A writing session outside the wall, for named maintenance only; `reason` says why at the call site."""
        async with wall.unscoped_session(self.writer, reason) as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def _sqlite_engine(url: str, *, begin: str, pool: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # or the driver opens transactions of its own
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
