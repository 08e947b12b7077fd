"""LangGraph's saver for PostgreSQL, with what graphs.checkpoints leaves out; imported only where it is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
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
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import URL

from graphs.checkpoints import FRESH, Store, is_over, put_nowhere

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")


async def opened(url: URL, stack: AsyncExitStack) -> tuple[BaseCheckpointSaver[Any], Store]:
    """The saver on a pool of its own, which `stack` closes, and its clean-up."""
    pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]] = AsyncConnectionPool(
        url.render_as_string(hide_password=False),
        min_size=1,
        max_size=4,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    await stack.enter_async_context(pool)
    saver = PostgresSteps(pool)
    await saver.setup()
    return saver, PostgresStore(pool)


class PostgresSteps(AsyncPostgresSaver):
    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return None if config["configurable"].get(FRESH) else await super().aget_tuple(config)

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, versions: ChannelVersions
    ) -> RunnableConfig:
        if is_over(checkpoint):
            return put_nowhere(config, checkpoint)
        return await super().aput(config, checkpoint, metadata, versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Nothing: see graphs.checkpoints. (The input is kept here: later checkpoints refer to its blobs.)"""


class PostgresStore:
    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]) -> None:
        self._pool = pool

    async def delete(self, threads: Sequence[str]) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table} WHERE thread_id = ANY(%s)", (list(threads),))

    async def threads(self) -> list[str]:
        async with self._pool.connection() as connection:
            rows = await connection.execute("SELECT DISTINCT thread_id FROM checkpoints")
            return [row["thread_id"] async for row in rows]
