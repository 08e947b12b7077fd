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

IN_ROMANIAN = {"reconnect": "cere o nouă autorizare", "missing_scope": "nu a fost inclus în acordul"}
ASKED = {
    "en": "How did our Google Ads do in the last 28 days, and how many sessions did the website have?",
    "ro": "Cum au mers reclamele Google Ads în ultimele 28 de zile și câte sesiuni a avut site-ul?",
}
PARTS = {  # the cost and the sessions of the 28 days, as they stand in each language
    "en": {"google-ads": "€2,375.55", "ga4": "14,057"},
    "ro": {"google-ads": "2.375,55\xa0EUR", "ga4": "14.057"},
}
NAMES = {"google-ads": "Google Ads", "ga4": "Google Analytics"}
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
    assert [(call.name, call.error) for call in done.tool_calls] == [
        ("ads_overview", None),
        ("ga4_overview", f"ga4_{state}"),
    ]
    said = {"en": "**Google Analytics could not be read.**", "ro": f"**Google Analytics** {IN_ROMANIAN[state]}"}[
        language
    ]
    assert said in done.message.text and "(/connectors)" in done.message.text, done.message.text
    assert {"en": "5,772 clicks", "ro": "5.772 de clicuri"}[language] in done.message.text
    assert not done.grounding.untraced


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_a_question_about_both_sources_is_answered_from_both(
    camarad: Engine, scope: Scope, sqlite_database: Database, language: str
) -> None:
    await connect_demo(sqlite_database, scope, "demo-lampadar")
    done = document(await camarad.ask(ASKED[language]))
    assert [(call.name, call.error) for call in done.tool_calls] == [("ads_overview", None), ("ga4_overview", None)]
    assert all(figure in done.message.text for figure in PARTS[language].values()), done.message.text
    assert ": Google Ads, Google Analytics," in done.message.text.splitlines()[-1]
    assert not done.grounding.untraced


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize(("down", "up"), [("google-ads", "ga4"), ("ga4", "google-ads")])
async def test_either_half_is_told_when_the_other_cannot_be_read(
    camarad: Engine, scope: Scope, sqlite_database: Database, language: str, down: str, up: str
) -> None:
    await connect_demo(sqlite_database, scope, "demo-lampadar")
    await broken(sqlite_database, scope, down, "reconnect", "invalid_grant")
    text = document(await camarad.ask(ASKED[language])).message.text
    assert PARTS[language][up] in text and PARTS[language][down] not in text, text
    assert f"**{NAMES[down]}" in text and "(/connectors)" in text
    other = {"en": "cere o nouă autorizare", "ro": "no longer accepts"}[language]
    assert other not in text and "say so" not in text.lower()


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
