"""The application over its whole stack: `api` on SQLite, `api_both` on SQLite and then on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import Camarad, running


@pytest.fixture
async def api(settings: Settings, sqlite_url: str, model_server: ModelServer) -> AsyncIterator[Camarad]:
    async with running(hosted(settings, model_server, login_attempts=3, internal_token=None)) as camarad:
        yield camarad


@pytest.fixture
async def api_both(settings: Settings, database_url: str, model_server: ModelServer) -> AsyncIterator[Camarad]:
    async with running(hosted(settings, model_server, database_url=database_url, login_attempts=3)) as camarad:
        yield camarad
