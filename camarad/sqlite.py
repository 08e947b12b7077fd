"""SQLite's connections: how each is set up, and the thread that runs whole transactions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from camarad.wall import WalledSession

SECURE_DELETE = "secure_delete=ON"  # deleted rows are overwritten; how SQLite was built decides otherwise
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000", "foreign_keys=ON", SECURE_DELETE)

T = TypeVar("T")


def configured(engine: Engine, begin: str | None) -> Engine:
    """The engine with our pragmas, and with `begin` as the statement that opens its transactions; with None each
    statement stands alone."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # or the driver opens transactions of its own
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if begin is None:
        return engine

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def empty_log(file: Path, patience: float = 5.0) -> bool:
    """Move a database's write-ahead log into its file and cut the log to nothing, so that what was deleted can be read
    from neither. False when readers held on to it for `patience` seconds, in which nobody writes; SQLite does it later.
    """
    with closing(sqlite3.connect(file, timeout=patience, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _engine(url: URL) -> Engine:
    """One connection, whose errors do not say what was to be written: they end up in logs."""
    return create_engine(url.set(drivername="sqlite"), pool_size=1, max_overflow=0, hide_parameters=True)


class SqliteReader:
    """One connection, kept open, for small reads on the caller's own thread. Reading a few rows by key takes less
    time than handing the work to another thread, and in WAL mode a reader waits for nobody. Each statement sees what
    was committed before it."""

    def __init__(self, url: URL) -> None:
        self._engine = configured(_engine(url), None)
        self._connection: Connection | None = None

    def look(self, info: dict[str, Any], work: Callable[[Session], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        with WalledSession(self._connection, expire_on_commit=False, info=info) as session:
            return work(session)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


class _Gone(Exception):
    """The caller was cancelled before the commit: roll back."""


class SqliteWriter:
    """One thread and one connection of its own. It waits for other writers of the file as they wait for it."""

    def __init__(self, url: URL) -> None:
        self._engine = configured(_engine(url), "BEGIN IMMEDIATE")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite writer")
        self._closed = False

    async def transact(self, info: dict[str, Any], work: Callable[[Session], T]) -> T:
        here: list[bool] = [True]  # emptied when the caller leaves
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, info, work, here)
        except asyncio.CancelledError:
            here.clear()
            raise

    async def close(self) -> None:
        """Closing twice does no harm."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _run(self, info: dict[str, Any], work: Callable[[Session], T], here: list[bool]) -> T:
        with WalledSession(self._engine, expire_on_commit=False, info=info) as session, session.begin():
            result = work(session)
            if not here:
                raise _Gone
            return result
