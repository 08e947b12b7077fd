"""Connections and sessions. A session opened with a scope sees that scope's rows and no others (see camarad.wall).

SQLite has one writer: the write engine takes the lock when a transaction begins, so that no transaction has to be
upgraded and fail half-way; readers use their own engine and never wait for it (WAL). On PostgreSQL maintenance has an
engine of its own, since another role does it (see camarad.second_wall).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from camarad import wall
from camarad.scope import Scope
from camarad.second_wall import STEP_DOWN
from camarad.settings import Settings
from camarad.sqlite import SQLITE_PRAGMAS, SqliteReader, SqliteWriter, configured, empty_log

__all__ = ["SQLITE_PRAGMAS", "Database"]

T = TypeVar("T")

QUIET: dict[str, Any] = {"hide_parameters": True}  # an error's text ends up in logs, and the values are a client's


class Database:
    """The engines of one database, and the only place sessions come from."""

    def __init__(self, url: str, pool: int = 8, maintenance: str | None = None) -> None:
        """`maintenance` is the URL of the role that owns the tables, where the application's is another."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool=1)
            self.reader = _sqlite_engine(url, begin="BEGIN", pool=4)
            self._thread: SqliteWriter | None = SqliteWriter(self.url)
            self._glances: SqliteReader | None = SqliteReader(self.url)
            self.maintainer = self.writer
        else:
            self._thread = self._glances = None
            self.writer = self.reader = _postgres_engine(url, pool)
            self.maintainer = create_async_engine(
                maintenance or url, pool_size=1, max_overflow=2, pool_pre_ping=True, **QUIET
            )

    @classmethod
    def of(cls, settings: Settings) -> Database:
        return cls(settings.resolved_database_url, settings.database_pool, settings.migration_database_url)

    @asynccontextmanager
    async def read(self, scope: Scope | None = None) -> AsyncIterator[AsyncSession]:
        """A session for reading. Without a scope, client-owned tables raise UnscopedAccess."""
        async with wall.scoped_session(self.reader, scope) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self, scope: Scope | None = None) -> AsyncIterator[AsyncSession]:
        """Like `read`, with one moment for all of its statements."""
        async with self.read(scope) as session:
            if not self.is_sqlite:  # whose readers see one state of the file anyway
                await session.run_sync(wall.one_moment)
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope | None = None) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well and rolls back when it does not."""
        async with wall.scoped_session(self.writer, scope) as session, session.begin():
            yield session

    async def transact(self, scope: Scope | None, work: Callable[[Session], T]) -> T:
        """Run `work` in one writing transaction, for paths walked with every message; it commits when `work` returns.

        `work` does nothing but talk to its session: on SQLite it runs in the writer's thread, as one visit for the
        whole transaction, where an async session pays several visits for each statement. A caller that is cancelled
        meanwhile leaves nothing behind.
        """
        if self._thread is not None:
            return await self._thread.transact(wall.session_info(scope), work)
        async with self.write(scope) as session:
            return await session.run_sync(work)

    async def glance(self, scope: Scope | None, work: Callable[[Session], T]) -> T:
        """Run `work`, a few reads by key, for paths walked with every request.

        `work` does nothing but talk to its session, and needs no one moment for all of its statements: on SQLite it
        runs at once on this thread, each statement by itself, so it must be small."""
        if self._glances is not None:
            return self._glances.look(wall.session_info(scope), work)
        async with self.read(scope) as session:
            return await session.run_sync(work)

    @asynccontextmanager
    async def unscoped(self, reason: str) -> AsyncIterator[AsyncSession]:
        """A writing session outside the wall, for named maintenance only; `reason` says why at the call site.

        Raises Misconfigured on PostgreSQL when no role that may do so is known."""
        async with wall.unscoped_session(self.maintainer, reason) as session, session.begin():
            yield session

    async def scrub(self) -> bool:
        """Take what was deleted out of SQLite's files too; PostgreSQL does so by its own vacuum. Whether it is done."""
        return not self.is_sqlite or await asyncio.to_thread(empty_log, Path(self.url.database or ""))

    async def close(self) -> None:
        if self._thread is not None:
            await self._thread.close()
        if self._glances is not None:
            self._glances.close()
        for engine in {self.writer, self.reader, self.maintainer}:
            await engine.dispose()


def _sqlite_engine(url: str, *, begin: str, pool: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool, max_overflow=0, pool_timeout=60, **QUIET)
    configured(engine.sync_engine, begin)
    return engine


def _postgres_engine(url: str, pool: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True, **QUIET)

    @event.listens_for(engine.sync_engine, "connect")
    def step_down(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(STEP_DOWN)
        cursor.close()
        connection.commit()

    return engine
