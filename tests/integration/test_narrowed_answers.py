"""Figures narrowed two ways and more, asked in both languages, against a count of the emulator's own rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from graphs.events import TurnDocument
from tests.support.asks import honest
from tests.support.connections import connect_demo
from tests.support.emulator import Truth, last_days
from tests.support.turns import Engine, document, engine
from tools.emulator.process import EmulatorProcess

# pydantic warns about a type of litellm's, once a process
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")]

SHOP = "demo-lampadar"
WEEK, MONTH = (date(2026, 11, 9), date(2026, 11, 15)), last_days(28)
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
GA4 = [
    ("How many sessions on mobile in Germany last week?", WEEK, {"device": "mobile", "country": "Germany"}),
    ("Câte sesiuni am avut pe mobil din Germania săptămâna trecută?", WEEK, {"device": "mobile", "country": "Germany"}),
    ("sessions from email in Romania in the last 28 days", MONTH, {"channel": "Email", "country": "Romania"}),
    ("sesiuni din căutare organică pe desktop din București în octombrie", OCTOBER,
     {"channel": "Organic Search", "device": "desktop", "city": "Bucharest"}),
    ("how many sessions came from Vienna in October?", OCTOBER, {"city": "Vienna"}),
    ("Câte sesiuni directe pe tabletă luna trecută?", OCTOBER, {"channel": "Direct", "device": "tablet"}),
]  # fmt: skip
ADS = [
    ("What did the ads cost on mobile last week?", WEEK, {"device": "MOBILE"}),
    ("Cât am cheltuit pe reclame pe mobil săptămâna trecută?", WEEK, {"device": "MOBILE"}),
    ("Cost of the campaign Generic – Lustre on desktop in October", OCTOBER,
     {"campaign": "Generic – Lustre", "device": "DESKTOP"}),
    ("Cât a costat campania Generic – Lustre pe telefon în octombrie?", OCTOBER,
     {"campaign": "Generic – Lustre", "device": "MOBILE"}),
]  # fmt: skip


@pytest.fixture
async def shop(
    settings: Settings, sqlite_database: Database, clock: ManualClock, emulator: EmulatorProcess, scope: Scope
) -> AsyncIterator[Engine]:
    async with AsyncExitStack() as stack:
        await connect_demo(sqlite_database, scope, SHOP)
        yield await stack.enter_async_context(engine(settings, sqlite_database, clock, emulator.address, grant=100_000))


def digits(done: TurnDocument) -> str:
    """The text without what separates thousands, and with points for decimals, in either language."""
    text = done.message.text.replace("\u00a0", "")
    return text.replace(",", "") if done.message.language == "en" else text.replace(".", "").replace(",", ".")


async def test_visits_narrowed_together_are_counted_exactly(shop: Engine, truth: Truth) -> None:
    for question, days, kinds in GA4:
        done = document(await shop.ask(question))
        true = truth.ga4(SHOP, *days, **kinds)
        assert true.sessions > 0, question
        assert f"{true.sessions} " in digits(done), (question, true, done.message.text)
        assert all(value in done.message.text for value in kinds.values()), (question, done.message.text)
        assert honest(done), question
        assert "Lampadar" in done.message.text or "Google Analytics" in done.message.text


async def test_advertising_narrowed_to_a_device_is_counted_exactly(shop: Engine, truth: Truth) -> None:
    for question, days, kinds in ADS:
        done = document(await shop.ask(question))
        true = truth.google_ads(SHOP, *days, **kinds)
        assert f"{true.cost:.2f}" in digits(done), (question, true, done.message.text)
        assert honest(done), question


async def test_a_follow_up_changes_one_condition_and_keeps_the_others(shop: Engine, truth: Truth) -> None:
    where = await shop.new()
    for question, kinds in (
        ("Sessions on mobile in Germany last week", {"device": "mobile", "country": "Germany"}),
        ("and on desktop?", {"device": "desktop", "country": "Germany"}),
        ("dar din Franța?", {"device": "desktop", "country": "France"}),
    ):
        done = document(await shop.ask(question, where))
        assert f"{truth.ga4(SHOP, *WEEK, **kinds).sessions} " in digits(done), (question, done.message.text)


async def test_two_channels_held_against_each_other_leave_out_the_rest(shop: Engine, truth: Truth) -> None:
    done = document(await shop.ask("Compare organic and paid search revenue in October"))
    for channel in ("Organic Search", "Paid Search"):
        assert f"{truth.ga4(SHOP, *OCTOBER, channel=channel).revenue:.2f}" in digits(done), done.message.text
    assert "Direct" not in done.message.text


async def test_a_country_that_nobody_came_from_is_told_as_none(shop: Engine) -> None:
    done = document(await shop.ask("How many new users on mobile from Finland last week?"))
    assert "**0 new users" in done.message.text
    assert "mobile, Finland" in done.message.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How much did we spend on ads in Germany last week?", "Google Ads cannot be narrowed to Germany"),
        ("Cât am cheltuit pe reclame în Germania săptămâna trecută?", "Google Ads nu poate fi restrâns la Germany"),
    ],
)
async def test_what_cannot_be_narrowed_is_said_before_the_figures(shop: Engine, question: str, words: str) -> None:
    assert words in document(await shop.ask(question)).message.text.split("\n\n")[0]
