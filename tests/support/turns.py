"""A real conversation engine for tests: real door, meter, connectors and checkpoints; the model is the loopback server.

async with engine(settings, database, clock, model_server) as camarad:
    events = await camarad.ask("How did our ads do?")
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from agents.llm import ModelDoor, build_door
from billing.wallet import open_wallet
from camarad.clock import Clock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import CtHold, CtLedgerEntry, CtWallet
from camarad.scope import Scope
from camarad.settings import Settings
from graphs import conversations
from graphs.events import DoneEvent, ErrorEvent, TokenEvent, TurnDocument, TurnEvent
from graphs.owners import Owner
from graphs.turn import Assistant
from tests.support.model_server import ModelServer
from tests.support.seed import OTHER_SCOPE, SCOPE, SIBLING_SCOPE
from tools.connectors.hub import Connectors

MODEL = "openai/gpt-4o-mini"
GRANT = 5_000


def hosted(settings: Settings, server: ModelServer, **changes: Any) -> Settings:
    """The settings with every agent on the loopback model, which answers at once or fails at once."""
    fields: dict[str, Any] = {
        "camarad_model": MODEL,
        "camarad_model_bases": {"openai": server.base},
        "camarad_model_keys": {"openai": SecretStr("sk-test")},
        "camarad_model_retries": 0,
    }
    return settings.model_copy(update=fields | changes)


@dataclass
class Engine:
    assistant: Assistant
    database: Database
    door: ModelDoor
    clock: Clock
    scope: Scope = SCOPE

    async def new(self, scope: Scope | None = None, agent: str | None = None) -> str:
        view = await conversations.create(self.database, scope or self.scope, self.clock, agent)
        return view.id

    async def ask(self, text: str, conversation: str | None = None, **more: Any) -> list[TurnEvent]:
        """All events of one turn, in a new conversation unless one is named."""
        scope = more.pop("scope", self.scope)
        more.setdefault("request_id", new_id())
        where = conversation or await self.new(scope)
        return [event async for event in self.assistant.run_turn(scope, where, text, **more)]

    async def debits(self, workspace_id: str = SCOPE.workspace_id) -> list[str]:
        """The request ids that were charged something, in order."""
        async with self.database.read() as session:
            rows = await session.scalars(
                select(CtLedgerEntry.request_id)
                .where(
                    CtLedgerEntry.workspace_id == workspace_id, CtLedgerEntry.kind == "debit", CtLedgerEntry.amount != 0
                )
                .order_by(CtLedgerEntry.id)
            )
            return list(rows)

    async def held(self, workspace_id: str = SCOPE.workspace_id) -> int:
        async with self.database.read() as session:
            return (await session.scalars(select(CtWallet.held).where(CtWallet.workspace_id == workspace_id))).one()

    async def open_holds(self) -> int:
        async with self.database.read() as session:
            return (await session.scalars(select(func.count()).where(CtHold.state == "held"))).one()


@asynccontextmanager
async def engine(
    settings: Settings,
    database: Database,
    clock: Clock,
    emulator_address: str | None = None,
    grant: int = GRANT,
    owner: Owner | None = None,
) -> AsyncIterator[Engine]:
    for workspace_id in (SCOPE.workspace_id, OTHER_SCOPE.workspace_id):
        await open_wallet(database, workspace_id, grant)
    door = build_door(settings, database, clock)
    connectors = Connectors(settings, database, clock, emulator_address)
    assistant = Assistant(settings, database, door, connectors, clock, owner)
    await door.start()
    await assistant.start()
    try:
        yield Engine(assistant, database, door, clock)
    finally:
        await assistant.close(grace=0.1)
        await connectors.close()
        await door.close()


def document(events: list[TurnEvent]) -> TurnDocument:
    last = events[-1]
    assert isinstance(last, DoneEvent), last
    return last.document


def error(events: list[TurnEvent]) -> ErrorEvent:
    return next(event for event in events if isinstance(event, ErrorEvent))


def words(events: list[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TokenEvent))


__all__ = ["GRANT", "OTHER_SCOPE", "SCOPE", "SIBLING_SCOPE", "Engine", "document", "engine", "error", "hosted", "words"]
