"""Browsers that somebody signed in with before: strangers cannot lock them out, and they may not guess for ever."""

from __future__ import annotations

import base64
import json
import time

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from tests.support.web import PASSWORD, Browser, Camarad, code
from web.device import AGE, COOKIE
from web.signing import load_secret

ANA, BOB = "ana@example.com", "bob@example.com"
ATTEMPTS = 3  # as the fixtures set it: 15 for an e-mail from everywhere


class LongAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(time.time()) - AGE - 60


async def guess(browser: Browser, email: str = ANA) -> httpx.Response:
    return await browser.http.post("/api/auth/login", json={"email": email, "password": "not the password"})


async def strangers_lock_out(api: Camarad, email: str = ANA) -> None:
    """Wrong passwords from so many places that the e-mail is closed to everybody unknown."""
    statuses = [(await guess(api.browser(f"203.0.113.{number}"), email)).status_code for number in range(16)]
    assert statuses == [401] * 15 + [429]


async def with_device(api: Camarad, cookie: str, address: str = "198.51.100.7") -> Browser:
    """A browser elsewhere that has this device cookie and nothing else."""
    browser = api.browser(address)
    browser.http.cookies.set(COOKIE, cookie)
    return browser


async def signed_out(api: Camarad, email: str = ANA) -> Browser:
    """A browser that was signed in with and is not any more."""
    browser = await api.sign_up(email)
    await browser.post("/api/auth/logout")
    browser.csrf = ""
    return browser


async def test_a_known_browser_gets_in_while_strangers_keep_the_e_mail_locked(api_both: Camarad) -> None:
    known = await signed_out(api_both)
    await strangers_lock_out(api_both)
    assert (await api_both.browser("198.51.100.8").log_in(ANA)).status_code == 429
    assert (await known.log_in(ANA)).status_code == 200


async def test_a_known_browser_gets_in_by_the_form_too(api: Camarad) -> None:
    known = await signed_out(api)
    await strangers_lock_out(api)
    page = (await known.page("/login")).text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = await known.form("/login", email=ANA, password=PASSWORD, csrf_token=token)
    assert answer.status_code == 303 and answer.headers["location"] == "/app"


async def test_the_guesses_of_a_known_browser_run_out_wherever_it_is(api_both: Camarad) -> None:
    cookie = (await signed_out(api_both)).http.cookies[COOKIE]
    statuses = [(await guess(await with_device(api_both, cookie, f"203.0.113.{n}"))).status_code for n in range(4)]
    assert statuses == [401] * ATTEMPTS + [429]
    refused = await (await with_device(api_both, cookie)).log_in(ANA)
    assert refused.status_code == 429 and code(refused) == "rate_limited"


async def test_the_guesses_of_a_known_browser_lock_nobody_else_out(api: Camarad) -> None:
    cookie = (await signed_out(api)).http.cookies[COOKIE]
    for number in range(20):
        await guess(await with_device(api, cookie, f"203.0.113.{number}"))
    assert (await api.browser("198.51.100.8").log_in(ANA)).status_code == 200


async def test_a_known_browser_counts_for_its_addresses_as_all_do(api: Camarad) -> None:
    known = await signed_out(api)
    await strangers_lock_out(api)
    for _ in range(ATTEMPTS):
        await guess(api.browser())
    assert (await known.log_in(ANA)).status_code == 429


@pytest.mark.parametrize(
    "how", ["of somebody else", "tampered with", "too old", "of another key", "for forms", "empty"]
)
async def test_a_cookie_that_is_not_of_this_e_mail_counts_as_none(api: Camarad, how: str) -> None:
    own = (await signed_out(api)).http.cookies[COOKIE]
    salt, secret = f"camarad.device.{ANA}", load_secret(api.services.settings)
    cookies = {
        "of somebody else": (await signed_out(api, BOB)).http.cookies[COOKIE],
        "tampered with": ("A" if own[0] != "A" else "B") + own[1:],
        "too old": URLSafeTimedSerializer(secret, salt=salt, signer=LongAgo).dumps("a number"),
        "of another key": URLSafeTimedSerializer("another", salt=salt).dumps("a number"),
        "for forms": api.services.signer.sign("form", "a number"),
        "empty": '""',
    }
    await strangers_lock_out(api)
    assert (await (await with_device(api, cookies[how])).log_in(ANA)).status_code == 429
    assert (await (await with_device(api, own)).log_in(ANA)).status_code == 200


async def test_a_cookie_of_somebody_else_still_fills_the_count_of_the_e_mail(api: Camarad) -> None:
    await signed_out(api)
    cookie = (await signed_out(api, BOB)).http.cookies[COOKIE]
    statuses = [(await guess(await with_device(api, cookie, f"203.0.113.{n}"))).status_code for n in range(16)]
    assert statuses == [401] * 15 + [429]


async def test_the_cookie_opens_nothing_and_names_nobody(api: Camarad) -> None:
    cookie = (await signed_out(api)).http.cookies[COOKIE]
    browser = await with_device(api, cookie)
    assert (await browser.get("/api/clients")).status_code == 401
    assert (await browser.get("/api/auth/status")).json() == {"signed_in": False}
    held = json.loads(base64.urlsafe_b64decode(cookie.split(".")[0] + "=="))
    assert len(held) == 43 and "@" not in held


async def test_every_sign_in_makes_a_number_of_its_own_and_signing_out_keeps_it(api: Camarad) -> None:
    browser = await api.sign_up()
    first = browser.http.cookies[COOKIE]
    await browser.post("/api/auth/logout")
    assert browser.http.cookies[COOKIE] == first
    await browser.log_in(ANA)
    assert browser.http.cookies[COOKIE].split(".")[0] != first.split(".")[0]


async def test_a_refused_sign_in_and_another_workspace_make_no_browser_known(api: Camarad) -> None:
    ana = await api.sign_up()
    assert COOKIE not in (await guess(api.browser())).cookies
    workspace = (await ana.get("/api/auth/status")).json()["workspace"]["id"]
    moved = await ana.post("/api/workspaces/switch", {"workspace_id": workspace})
    assert moved.status_code == 200 and "camarad_session" in moved.cookies and COOKIE not in moved.cookies
