"""Where a turn in flight is kept, so that a process that dies repeats no model call that was paid for.

A turn is a thread of its own, whose name begins with its scope; when it ends its rows are worthless, because the answer
is in the database, and they are deleted in batches. `durability="sync"` writes each step before the next begins. Of the
writes of LangGraph's savers those are left out that nobody would read: a task's own writes (one task a step, so the
step's checkpoint follows at once), the untouched input, and the step that ends the turn.

SQLite keeps them in a file of its own: a second connection in the main file would wait for its writer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from camarad.sqlite import SECURE_DELETE, empty_log

FILE = "checkpoints.db"
FRESH = "fresh"  # in a run's configuration: a new turn, so there is nothing to read before it
BATCH = 64
INSERT = (
    "INSERT OR REPLACE INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, "
    "checkpoint, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
TABLES = ("checkpoints", "writes")


def thread_of(scope: Scope, turn_id: str) -> str:
    """The name of a turn's thread. Nobody who holds another scope can name it."""
    return "/".join((scope.workspace_id, scope.client_id, scope.user_id, turn_id))


def scope_of(thread: str) -> tuple[str, str, str]:
    """Workspace, client and user of a thread. Raises ValueError for a name that carries none."""
    workspace_id, client_id, user_id, _ = thread.split("/")
    return workspace_id, client_id, user_id


class SqliteSteps(AsyncSqliteSaver):
    """One row a step, written and committed in one visit to the connection's thread."""

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return None if config["configurable"].get(FRESH) else await super().aget_tuple(config)

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, versions: ChannelVersions
    ) -> RunnableConfig:
        if not is_over(checkpoint) and metadata.get("source") != "input":
            asked = config["configurable"]
            kind, body = self.serde.dumps_typed(checkpoint)
            about = json.dumps({"source": metadata.get("source"), "step": metadata.get("step")}).encode()
            before = asked.get("checkpoint_id")
            row = (asked["thread_id"], asked["checkpoint_ns"], checkpoint["id"], before, kind, body, about)
            async with self.lock:
                await self.conn.execute_insert(INSERT, row)
        return put_nowhere(config, checkpoint)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Nothing: see the module."""


def is_over(checkpoint: Checkpoint) -> bool:
    """Whether the turn ended with this step: its answer goes to the database at once, so nobody would read it here."""
    messages: Any = checkpoint["channel_values"].get("messages")
    return bool(messages) and isinstance(messages[-1], AIMessage) and not messages[-1].tool_calls


def put_nowhere(config: RunnableConfig, checkpoint: Checkpoint) -> RunnableConfig:
    asked = config["configurable"]
    return {
        "configurable": {
            "thread_id": asked["thread_id"],
            "checkpoint_ns": asked["checkpoint_ns"],
            "checkpoint_id": checkpoint["id"],
        }
    }


class Store(Protocol):
    async def delete(self, threads: Sequence[str]) -> None: ...

    async def threads(self) -> list[str]: ...


class Checkpoints:
    """The saver of the configured database, and the clean-up of what it no longer needs."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._path = settings.camarad_data_dir / FILE
        self._database = database
        self._stack = AsyncExitStack()
        self._store: Store | None = None
        self._finished: list[str] = []
        self._sweeps: set[asyncio.Task[None]] = set()

    async def open(self) -> BaseCheckpointSaver[Any]:
        if self._database.is_sqlite:
            connection = await self._stack.enter_async_context(_connect(self._path))
            saver = SqliteSteps(connection)
            await connection.execute(
                "PRAGMA synchronous=NORMAL"
            )  # survives a killed process, which is what is at stake
            await connection.execute(f"PRAGMA {SECURE_DELETE}")
            await saver.setup()
            self._store = _SqliteStore(saver)
            return saver
        from graphs import checkpoints_postgres  # its driver is of no use to a process on SQLite

        postgres, self._store = await checkpoints_postgres.opened(self._database, self._stack)
        return postgres

    def finished(self, thread: str) -> None:
        """Forget the thread of a turn that ended; rows go in batches, off the turn's own path."""
        self._finished.append(thread)
        if len(self._finished) >= BATCH:
            sweep = asyncio.get_running_loop().create_task(self._sweep())
            self._sweeps.add(sweep)
            sweep.add_done_callback(self._sweeps.discard)

    async def _sweep(self) -> None:
        gone, self._finished = self._finished, []
        if gone and self._store:
            await self._store.delete(gone)

    async def drop(self, threads: Sequence[str]) -> None:
        """Drop these threads' rows now, before their batch is full."""
        if self._store and threads:
            await self._store.delete(threads)

    async def erase(self, workspace_id: str) -> bool:
        """Drop all that is kept of a workspace, whether its turns still have a row or not. Whether the file is clean
        of it too."""
        if self._store:
            await self.drop([each for each in await self._store.threads() if scope_of(each)[0] == workspace_id])
        return not self._database.is_sqlite or await asyncio.to_thread(empty_log, self._path)

    async def keep_only(self, threads: Collection[str]) -> None:
        """At start: drop every thread whose turn is no longer running."""
        if self._store:
            stale = [thread for thread in await self._store.threads() if thread not in threads]
            await self._store.delete(stale)

    async def close(self) -> None:
        await asyncio.gather(*self._sweeps)
        await self._sweep()
        await self._stack.aclose()


def _connect(path: Path) -> aiosqlite.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return aiosqlite.connect(path, isolation_level=None)  # each statement commits by itself


class _SqliteStore:
    def __init__(self, saver: AsyncSqliteSaver) -> None:
        self._saver = saver

    async def delete(self, threads: Sequence[str]) -> None:
        marks = [(thread,) for thread in threads]
        async with self._saver.lock:
            for table in TABLES:
                await self._saver.conn.executemany(f"DELETE FROM {table} WHERE thread_id = ?", marks)
            await self._saver.conn.commit()

    async def threads(self) -> list[str]:
        async with self._saver.lock, self._saver.conn.execute("SELECT DISTINCT thread_id FROM checkpoints") as rows:
            return [row[0] async for row in rows]
