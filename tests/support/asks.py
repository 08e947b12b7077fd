"""Questions put to the engine for a client of a fixture file, as the running product would answer them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from graphs.events import TurnDocument
from tests.support.connections import connect
from tests.support.turns import Engine, engine
from tools.emulator.fixtures import load_fixtures


class Asks:
    """The engine with the scope's client connected to one client of the file."""

    def __init__(
        self,
        file: Path,
        settings: Settings,
        database: Database,
        clock: ManualClock,
        address: str,
        scope: Scope,
        stack: AsyncExitStack,
    ) -> None:
        self._file = file
        self._made = (settings, database, clock, address)
        self._scope, self._stack = scope, stack

    async def of(self, client_id: str) -> Engine:
        settings, database, clock, address = self._made
        client = next(c for c in load_fixtures(self._file).clients if c.id == client_id)
        where = {"currency": client.currency, "timezone": client.timezone}
        if client.ga4:
            await connect(database, self._scope, "ga4", client.ga4.property_id, **where)
        if client.google_ads:
            ads = client.google_ads
            login = ads.login_customer_id
            await connect(database, self._scope, "google-ads", ads.customer_id, login_account_id=login, **where)
        made = engine(settings, database, clock, address, grant=100_000)
        return await self._stack.enter_async_context(made)


def honest(done: TurnDocument) -> bool:
    """Every figure traced, and nothing that a missing past would make up."""
    return not done.grounding.untraced and not any(word in done.message.text for word in ("∞", "nan", "inf%", "None"))
