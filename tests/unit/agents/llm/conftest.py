"""A door on the scripted provider, over a real meter on SQLite or PostgreSQL, with pauses that take no time."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from agents.llm import CallContext, ModelDoor, Reply, build_door
from billing.audit import audit
from billing.wallet import open_wallet
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.models import CtHold, UsageRow
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.model_server import ModelServer

MODEL = "openai/gpt-4o-mini"
FALLBACK = "openai/gpt-4o"
GRANT = 10_000
MakeBench = Callable[..., Any]
USER = [{"role": "user", "content": "How did our Google Ads do?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "ads_overview",
        "description": "Totals of the account.",
        "parameters": {"type": "object", "properties": {"range": {"type": "string"}}},
    },
}


@dataclass
class Bench:
    """The door with what a test looks at: the provider, the books, and the pauses it would have made."""

    door: ModelDoor
    server: ModelServer
    database: Database
    scope: Scope
    pauses: list[float] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def context(self, **fields: Any) -> CallContext:
        given = {"scope": self.scope, "agent": "ppc-specialist", "request_id": f"turn-1:{next(self.numbers)}", **fields}
        return CallContext(**given)

    async def ask(self, streamed: bool, **options: Any) -> Reply:
        """One call either way, to its end."""
        if not streamed:
            return await self.door.complete(self.context(), USER, **options)
        async with self.door.stream(self.context(), USER, **options) as stream:
            last = [chunk async for chunk in stream][-1]
        assert last.reply is not None
        return last.reply

    async def usage(self) -> list[UsageRow]:
        async with self.database.read() as session:
            return list(await session.scalars(select(UsageRow).order_by(UsageRow.at, UsageRow.id)))

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def door_settings(settings: Settings, model_server: ModelServer) -> Settings:
    return settings.model_copy(
        update={
            "camarad_model": MODEL,
            "camarad_model_bases": {"openai": model_server.base},
            "camarad_model_timeout": 20,
            "camarad_fallback_models": [],
        }
    )


@pytest.fixture
def books(sqlite_database: Database) -> Database:
    """Where the meter writes; a module that tests the meter overrides this to run on both databases."""
    return sqlite_database


@pytest.fixture
async def make_bench(
    door_settings: Settings, books: Database, clock: ManualClock, scope: Scope, model_server: ModelServer
) -> AsyncIterator[MakeBench]:
    """Builds a bench with settings of the test's own; at the end the books must balance and nothing be held."""
    benches: list[Bench] = []
    await open_wallet(books, scope.workspace_id, GRANT, clock)

    async def make(**changes: Any) -> Bench:
        door = build_door(door_settings.model_copy(update=changes), books, clock)
        await door.start()
        benches.append(Bench(door, model_server, books, scope))
        door.pause = benches[-1].pause
        return benches[-1]

    yield make
    for bench in benches:
        await bench.door.close()
    assert await audit(books) == []
    async with books.read() as session:
        assert (await session.scalars(select(CtHold).where(CtHold.state == "held"))).all() == []


@pytest.fixture
async def bench(make_bench: MakeBench) -> Bench:
    return await make_bench()
