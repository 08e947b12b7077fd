"""Whole turns on the built-in model, the real tools and connectors, and the Google emulator, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from babel.numbers import format_decimal

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from graphs.events import TurnDocument
from tests.support.connections import connect
from tests.support.emulator import Truth, last_days
from tests.support.turns import Engine, document, engine
from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

pytestmark = pytest.mark.slow

SHOP, OTHER = [client for client in DEMO_CLIENTS if client.ga4 and client.google_ads][:2]
QUESTIONS = {
    "en": "How did our Google Ads do in the last 28 days against the 28 before, and where are we wasting money?",
    "ro": "Cum au mers reclamele Google Ads în ultimele 28 de zile față de cele 28 dinainte și unde irosim bani?",
}


@pytest.fixture
async def camarad(
    settings: Settings,
    sqlite_database: Database,
    clock: ManualClock,
    emulator: EmulatorProcess,
    scope: Scope,
    sibling_scope: Scope,
) -> AsyncIterator[Engine]:
    """Two clients of one workspace, each connected to its own demo accounts."""
    for where, client in ((scope, SHOP), (sibling_scope, OTHER)):
        assert client.ga4
        assert client.google_ads
        await connect(sqlite_database, where, "ga4", client.ga4.property_id, currency=client.currency)
        login = client.google_ads.login_customer_id
        await connect(
            sqlite_database,
            where,
            "google-ads",
            client.google_ads.customer_id,
            login_account_id=login,
            currency=client.currency,
        )
    async with engine(settings, sqlite_database, clock, emulator.address, grant=100_000) as running:
        yield running


def shown(value: float, language: str, decimals: int = 2) -> str:
    return format_decimal(value, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=language)


def grounded(done: TurnDocument) -> bool:
    return done.grounding.numbers > 0 and not done.grounding.untraced


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_the_main_question_is_answered_with_exact_numbers(camarad: Engine, truth: Truth, language: str) -> None:
    done = document(await camarad.ask(QUESTIONS[language]))
    assert done.route == ["personal-assistant", "ppc-specialist"]
    assert {call.name for call in done.tool_calls} >= {"ads_overview", "ads_wasted_spend"}
    assert {call.source for call in done.tool_calls} == {"demo"}
    total = truth.google_ads(SHOP.id, *last_days(28))
    assert shown(total.cost, language) in done.message.text
    assert done.message.language == language
    assert grounded(done)
    assert done.message.blocks
    assert done.usage.model == "camarad/embedded"
    assert len(done.suggestions) == 3


async def test_two_clients_asked_at_once_get_their_own_numbers(
    camarad: Engine, truth: Truth, sibling_scope: Scope
) -> None:
    one, two = await asyncio.gather(camarad.ask(QUESTIONS["en"]), camarad.ask(QUESTIONS["en"], scope=sibling_scope))
    costs = [shown(truth.google_ads(client.id, *last_days(28)).cost, "en") for client in (SHOP, OTHER)]
    texts = [document(events).message.text for events in (one, two)]
    assert costs[0] in texts[0]
    assert costs[1] in texts[1]
    assert costs[0] not in texts[1]
    assert costs[1] not in texts[0]


async def test_a_change_of_topic_changes_the_specialist(camarad: Engine) -> None:
    conversation = await camarad.new()
    await camarad.ask(QUESTIONS["en"], conversation)
    done = document(await camarad.ask("Which landing pages bring organic traffic?", conversation))
    assert done.route == ["ppc-specialist", "seo-strategist"]
    assert "seo_landing_pages" in {call.name for call in done.tool_calls}
    assert grounded(done)


@pytest.mark.parametrize("fault", ["unavailable", "quota", "permission"])
async def test_a_connector_that_fails_is_said_and_nothing_is_made_up(
    camarad: Engine, emulator_faults: ControlClient, fault: str
) -> None:
    assert SHOP.google_ads
    emulator_faults.add("*", fault, times=50, target=SHOP.google_ads.customer_id)
    done = document(await camarad.ask(QUESTIONS["en"]))
    assert done.status == "complete"
    assert any(call.error and call.error.startswith("google_ads_") for call in done.tool_calls)
    assert not done.grounding.untraced
    assert "Google Ads" in done.message.text


async def test_a_greeting_is_about_this_client(camarad: Engine) -> None:
    done = document(await camarad.ask("Hello"))
    assert done.route == ["personal-assistant"]
    assert "client-one" in done.message.text
    assert not done.grounding.untraced
