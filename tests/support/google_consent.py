"""A person's consent at the emulated Google, walked without a browser, and connectors that use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.settings import Settings
from tests.support.emulator import TODAY, consent
from tools.connectors.hub import Connectors
from tools.connectors.oauth import SCOPES, Google, Granted
from tools.emulator.process import EmulatorProcess
from tools.record import Provider

AGENCY, READER = "agency@camarad.example", "reader@camarad.example"
MARKETING, EMPTY = "marketing@lampadar.example", "empty@camarad.example"
BACK = "http://127.0.0.1:8000/api/connectors/ga4/oauth/callback"
VERIFIER, NONCE = "v" * 64, "n" * 22


def with_google(settings: Settings, emulator: EmulatorProcess, **more: Any) -> Settings:
    """Settings of a demo server whose Google is the emulator."""
    where = {"emulator_oauth_url": emulator.oauth_url, "emulator_address": emulator.address, "camarad_demo": True}
    return settings.model_copy(update=where | more)


@asynccontextmanager
async def connectors_of(settings: Settings, database: Database) -> AsyncIterator[Connectors]:
    """A hub with the emulator's date."""
    made = Connectors(settings, database, SystemClock(pinned=TODAY), settings.emulator_address)
    try:
        yield made
    finally:
        await made.close()


def code_from(google: Google, user: str, *providers: Provider, untick: tuple[Provider, ...] = ()) -> str:
    """The code that Google sends back once the person allowed it."""
    scopes = [SCOPES[provider] for provider in providers]
    address = google.authorize_url("state", VERIFIER, scopes, BACK, NONCE)
    back = consent(address, user, untick=[SCOPES[provider] for provider in untick])
    return parse_qs(urlsplit(back).query)["code"][0]


async def granted_by(google: Google, user: str, *providers: Provider, untick: tuple[Provider, ...] = ()) -> Granted:
    code = await asyncio.to_thread(code_from, google, user, *providers, untick=untick)
    return await google.exchange(code, VERIFIER, BACK, NONCE)
