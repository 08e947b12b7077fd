"""What the agents say when a connection is broken: its state, where it is mended, and what the other source has."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.models import Connection
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo
from tests.support.gateway import TOKEN, running_gateway
from tests.support.turns import Engine, document, engine
from tools.emulator.process import EmulatorProcess

pytestmark = pytest.mark.slow

BOTH = {
    "en": "How many clicks did we pay for in Google Ads and how many sessions came from Paid Search, last 28 days?",
    "ro": "Câte clicuri am plătit în Google Ads și câte sesiuni au venit din Paid Search în ultimele 28 de zile?",
}


SESSIONS = {"en": "How many sessions did we have in the last 7 days?", "ro": "Câte sesiuni am avut în ultimele 7 zile?"}


@pytest.fixture
async def camarad(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    clock: ManualClock,
    emulator: EmulatorProcess,
) -> AsyncIterator[Engine]:
    async with engine(settings, sqlite_database, clock, emulator.address, grant=100_000) as made:
        yield made


async def broken(database: Database, scope: Scope, provider: str, state: str, reason: str | None = None) -> None:
    async with database.write(scope) as session:
        values = {"state": state, "reason": reason}
        await session.execute(update(Connection).where(Connection.provider == provider).values(**values))


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("state", ["reconnect", "missing_scope"])
async def test_the_other_source_still_answers(
    camarad: Engine, scope: Scope, sqlite_database: Database, language: str, state: str
) -> None:
    await connect_demo(sqlite_database, scope, "demo-lampadar")
    await broken(sqlite_database, scope, "ga4", state)
    done = document(await camarad.ask(BOTH[language]))
    assert [(call.name, call.error) for call in done.tool_calls] == [("ads_overview", None)]
    said = {"en": "**Google Analytics** cannot be read", "ro": "**Google Analytics** nu poate fi citit"}[language]
    assert said in done.message.text and "(/connectors)" in done.message.text, done.message.text
    assert {"en": "5,772 clicks", "ro": "5.772 de clicuri"}[language] in done.message.text
    assert not done.grounding.untraced


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_what_is_broken_is_named_with_the_page_that_mends_it(
    camarad: Engine, scope: Scope, sqlite_database: Database, language: str
) -> None:
    await connect_demo(sqlite_database, scope, "demo-lampadar")
    await broken(sqlite_database, scope, "ga4", "reconnect", "invalid_grant")
    done = document(await camarad.ask(SESSIONS[language]))
    said = {"en": "no longer accepts this client's connection", "ro": "cere o nouă autorizare"}[language]
    assert said in done.message.text and "(/connectors)" in done.message.text
    assert [(call.name, call.error) for call in done.tool_calls] == [("ga4_overview", "ga4_reconnect")]
    status = {"en": "What is connected for this client?", "ro": "Ce este conectat pentru acest client?"}
    done = document(await camarad.ask(status[language]))
    assert {"en": "**Google Analytics 4**: reconnect", "ro": "**Google Analytics 4**: de reconectat"}[
        language
    ] in done.message.text


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_a_gateway_in_trouble_is_one_sentence(
    settings: Settings,
    sqlite_database: Database,
    scope: Scope,
    clock: ManualClock,
    emulator: EmulatorProcess,
    language: str,
) -> None:
    await connect(sqlite_database, scope, "ga4", "410000001", source="gateway", currency="EUR")
    async with running_gateway(emulator.address) as gateway:
        gateway.fault = "unavailable"
        ready = settings.model_copy(
            update={"gateway_enabled": True, "gateway_url": gateway.url, "gateway_token": SecretStr(TOKEN)}
        )
        async with engine(ready, sqlite_database, clock, emulator.address, grant=100_000) as camarad:
            done = document(await camarad.ask(SESSIONS[language]))
    said = {"en": "Nothing was put in its place", "ro": "nu am pus alte cifre"}[language]
    assert said in done.message.text and "(/connectors)" in done.message.text
    assert [call.error for call in done.tool_calls] == ["ga4_gateway_failed"]
