from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.turns import Engine, engine, hosted


@pytest.fixture
async def camarad(
    settings: Settings, sqlite_database: Database, clock: ManualClock, model_server: ModelServer
) -> AsyncIterator[Engine]:
    """The engine on SQLite, with the loopback model."""
    async with engine(hosted(settings, model_server), sqlite_database, clock) as running:
        yield running


@pytest.fixture
async def camarad_on_both(
    settings: Settings, database: Database, clock: ManualClock, model_server: ModelServer
) -> AsyncIterator[Engine]:
    """The engine on SQLite and then on PostgreSQL: app database and checkpoints alike."""
    async with engine(hosted(settings, model_server), database, clock) as running:
        yield running
