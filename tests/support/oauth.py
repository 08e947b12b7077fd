"""Flows to Google for tests: sealed ones made by hand, and whole round trips at the emulator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from camarad.clock import Clock
from tests.support.emulator import consent
from tests.support.web import Browser
from web.oauth.browser import fingerprint
from web.oauth.state import Flow

AGENCY = "agency@camarad.example"
ONE_CLIENT = "marketing@lampadar.example"
NETWORK = "network@camarad.example"
NOTHING = "empty@camarad.example"
UNVERIFIED = "unverified@camarad.example"


def flow(clock: Clock, **changes: Any) -> Flow:
    values: dict[str, Any] = {
        "id": "flow",
        "purpose": "connect:ga4",
        "user": "user",
        "workspace": "workspace",
        "client": "client",
        "browser": fingerprint("b" * 43),
        "redirect_uri": "http://127.0.0.1/api/connectors/ga4/oauth/callback",
        "verifier": "v" * 64,
        "nonce": "nonce",
        "next": "",
        "at": int(clock.now().timestamp()),
    }
    return Flow(**(values | changes))


async def at_google(browser: Browser, provider: str) -> str:
    """Begin connecting the browser's client, as its page's button does; gives the address at Google."""
    answer = await browser.page(f"/connectors/{provider}/connect?client={browser.client_id}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def signing_in(browser: Browser, next_path: str = "/app") -> str:
    answer = await browser.page(f"/api/auth/google/start?next={next_path}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def path_of(address: str) -> str:
    """Path and query, for a client that has the host already."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def connect(
    browser: Browser, provider: str, user: str = AGENCY, untick: Iterable[str] = (), deny: bool = False
) -> httpx.Response:
    """The whole round trip; gives what the callback answered."""
    address = await at_google(browser, provider)
    return await browser.page(path_of(consent(address, user, untick, deny)))


async def sign_in(browser: Browser, user: str = AGENCY, next_path: str = "/app") -> httpx.Response:
    return await browser.page(path_of(consent(await signing_in(browser, next_path), user)))


def outcome_of(answer: httpx.Response) -> str:
    """What the redirect to a page says, as `outcome` or `path?outcome`."""
    parts = urlsplit(answer.headers["location"])
    return parse_qs(parts.query).get("outcome", [""])[0]
