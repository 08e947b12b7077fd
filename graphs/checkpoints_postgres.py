"""LangGraph's saver for PostgreSQL, with what graphs.checkpoints leaves out; imported only where it is used.

Its tables are behind the database's own wall (camarad.second_wall), by the scope that a thread's name begins with: each
visit says in its transaction whose thread it is for. A migration makes them, since the application may make no table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text

from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.second_wall import CHECKPOINTS, STEP_DOWN
from graphs.checkpoints import FRESH, Store, is_over, put_nowhere, scope_of

SET_SCOPE = (
    "SELECT set_config('camarad.workspace', %s, true), set_config('camarad.client', %s, true), "
    "set_config('camarad.user', %s, true)"
)
ENDED = "turns that ended leave nothing behind, whoever's they were"
Pool = AsyncConnectionPool[AsyncConnection[DictRow]]
_thread: ContextVar[str] = ContextVar("thread")  # whose rows the cursor that is opened next is for


async def opened(database: Database, stack: AsyncExitStack) -> tuple[BaseCheckpointSaver[Any], Store]:
    """The saver on a pool of its own, which `stack` closes, and its clean-up. Raises Misconfigured for old tables."""
    pool: Pool = AsyncConnectionPool(
        database.url.set(drivername="postgresql").render_as_string(hide_password=False),
        min_size=1,
        max_size=4,
        open=False,
        configure=_step_down,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    await stack.enter_async_context(pool)
    await _check(pool)
    return PostgresSteps(pool), PostgresStore(database)


async def _step_down(connection: AsyncConnection[DictRow]) -> None:
    await connection.execute(STEP_DOWN.encode())


async def _check(pool: Pool) -> None:
    async with pool.connection() as connection:
        found = await (await connection.execute("SELECT max(v) AS newest FROM checkpoint_migrations")).fetchone()
    if found is None or found["newest"] != len(AsyncPostgresSaver.MIGRATIONS) - 1:
        raise Misconfigured("The tables of turns in flight are of another release than the code.")


class PostgresSteps(AsyncPostgresSaver):
    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        _thread.set(config["configurable"]["thread_id"])
        return None if config["configurable"].get(FRESH) else await super().aget_tuple(config)

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, versions: ChannelVersions
    ) -> RunnableConfig:
        if is_over(checkpoint):
            return put_nowhere(config, checkpoint)
        _thread.set(config["configurable"]["thread_id"])
        return await super().aput(config, checkpoint, metadata, versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Nothing: see graphs.checkpoints. (The input is kept here: later checkpoints refer to its blobs.)"""

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        """One transaction, sent as one pipeline where nothing is read in between."""
        async with super()._cursor(pipeline=pipeline) as cursor, cursor.connection.transaction():
            await cursor.execute(SET_SCOPE, scope_of(_thread.get()))
            yield cursor


class PostgresStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete(self, threads: Sequence[str]) -> None:
        async with self._database.unscoped(ENDED) as session:
            for table in CHECKPOINTS:
                await session.execute(
                    text(f"DELETE FROM {table} WHERE thread_id = ANY(:threads)"), {"threads": list(threads)}
                )

    async def threads(self) -> list[str]:
        async with self._database.unscoped(ENDED) as session:
            return list(await session.scalars(text("SELECT DISTINCT thread_id FROM checkpoints")))
