"""A person whom Google signs in sets a first password: never by a sign-in alone, which may be stolen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from camarad.models import User
from camarad.settings import Settings
from tests.support.emulator import consent
from tests.support.model_server import ModelServer
from tests.support.oauth import AGENCY, NOTHING, path_of, sign_in
from tests.support.turns import hosted
from tests.support.web import PASSWORD, Browser, Camarad, code, running
from web.oauth.proving import PROOF
from web.oauth.state import Proof

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

FIRST = {"password": PASSWORD}


@pytest.fixture
async def api(settings: Settings, sqlite_url: str, model_server: ModelServer, oauth_url: str) -> AsyncIterator[Camarad]:
    changes = {"camarad_demo": True, "emulator_oauth_url": oauth_url, "login_attempts": 3}
    async with running(hosted(settings, model_server, **changes)) as camarad:
        yield camarad


async def by_google(api: Camarad) -> Browser:
    browser = api.browser()
    assert (await sign_in(browser)).status_code == 303
    browser.csrf = (await browser.get("/api/auth/status")).json()["csrf_token"]
    return browser


async def proving(browser: Browser, google: str = AGENCY) -> str:
    """The way back from Google."""
    answer = await browser.page("/settings/password/google")
    assert answer.status_code == 303, answer.text
    return path_of(consent(answer.headers["location"], google))


async def has_password(api: Camarad) -> bool:
    async with api.services.database.read() as session:
        return await session.scalar(select(User.password_hash).where(User.email == AGENCY)) is not None


async def test_a_sign_in_alone_gives_an_account_no_password(api: Camarad) -> None:
    browser = await by_google(api)
    shown = (await browser.page("/settings")).text
    assert "This account has no password" in shown and 'action="/settings/password"' not in shown
    for body in (FIRST, {**FIRST, "current": PASSWORD}):
        answer = await browser.post("/api/auth/password", body)
        assert answer.status_code == 403 and code(answer) == "proof_required"
    sent = await browser.form("/settings/password", password=PASSWORD, again=PASSWORD, csrf_token=browser.csrf)
    assert sent.status_code == 403 and "has no password yet" in sent.text
    assert not await has_password(api)


async def test_after_google_said_who_it_is_the_form_sets_one_and_ends_every_other_sign_in(api: Camarad) -> None:
    browser, elsewhere = await by_google(api), await by_google(api)
    back = await browser.page(await proving(browser))
    assert back.status_code == 303 and back.headers["location"] == "/settings?done=proven"
    shown = (await browser.page(back.headers["location"])).text
    assert 'name="password"' in shown and 'name="current"' not in shown
    sent = await browser.form("/settings/password", password=PASSWORD, again=PASSWORD, csrf_token=browser.csrf)
    assert sent.headers["location"] == "/settings?done=password_changed" and PROOF not in browser.http.cookies
    assert (await elsewhere.get("/api/clients")).status_code == 401
    assert (await api.browser().log_in(AGENCY)).status_code == 200
    assert (await by_google(api)).csrf, "Google goes on signing in"
    acts = [event["act"] for event in (await browser.get("/api/audit")).json()["events"]]
    assert "proved_with_google" in acts and "password_changed" in acts


async def test_a_program_sets_it_with_the_same_proof_and_a_second_one_needs_the_first(api: Camarad) -> None:
    browser = await by_google(api)
    await browser.page(await proving(browser))
    answer = await browser.post("/api/auth/password", FIRST)
    assert answer.status_code == 200
    browser.csrf = answer.json()["csrf_token"]
    again = await browser.post("/api/auth/password", {"password": "another one of them"})
    assert again.status_code == 403 and code(again) == "wrong_password"


async def test_the_way_back_loaded_again_says_the_same(api: Camarad) -> None:
    browser = await by_google(api)
    back = await proving(browser)
    places = [(await browser.page(back)).headers["location"] for _ in range(2)]
    assert places == ["/settings?done=proven"] * 2


async def test_another_google_account_proves_nothing(api: Camarad) -> None:
    browser = await by_google(api)
    answer = await browser.page(await proving(browser, NOTHING))
    assert answer.status_code == 403 and "not linked to yours" in answer.text and PROOF not in browser.http.cookies


async def test_a_no_at_google_proves_nothing(api: Camarad) -> None:
    browser = await by_google(api)
    begun = (await browser.page("/settings/password/google")).headers["location"]
    answer = await browser.page(path_of(consent(begun, AGENCY, deny=True)))
    assert answer.status_code == 403 and PROOF not in browser.http.cookies


async def test_a_proof_is_good_for_its_own_sign_in_and_browser_only(api: Camarad) -> None:
    browser, other = await by_google(api), await by_google(api)
    await browser.page(await proving(browser))
    proof = browser.http.cookies[PROOF]
    other.http.cookies.delete("camarad_browser")
    other.http.cookies.update({PROOF: proof, "camarad_browser": browser.http.cookies["camarad_browser"]})
    assert (await other.post("/api/auth/password", FIRST)).status_code == 403
    stolen = api.browser()
    stolen.csrf = browser.csrf
    stolen.http.cookies.update({"camarad_session": browser.http.cookies["camarad_session"], PROOF: proof})
    assert (await stolen.post("/api/auth/password", FIRST)).status_code == 403
    assert not await has_password(api)


async def test_a_proof_is_over_after_ten_minutes_and_is_not_made_by_hand(api: Camarad) -> None:
    browser = await by_google(api)
    await browser.page(await proving(browser))
    good = api.services.states.open_proof(browser.http.cookies[PROOF])
    old = api.services.states.seal_proof(Proof(good.user, good.session, good.browser, good.at - 601))
    for value in (old, "made-up", browser.http.cookies[PROOF][:-2]):
        browser.http.cookies.delete(PROOF)
        browser.http.cookies.set(PROOF, value)
        assert (await browser.post("/api/auth/password", FIRST)).status_code == 403


async def test_what_one_person_began_another_does_not_finish(api: Camarad) -> None:
    browser, ana = await by_google(api), await api.sign_up()
    back = await proving(browser)
    ana.http.cookies.set("camarad_browser", browser.http.cookies["camarad_browser"])
    assert (await ana.page(back)).status_code == 403
    nobody = api.browser()
    nobody.http.cookies.set("camarad_browser", browser.http.cookies["camarad_browser"])
    assert (await nobody.page(back)).status_code == 401


async def test_an_api_key_begins_no_proof(api: Camarad) -> None:
    browser = await by_google(api)
    secret = (await browser.post("/api/keys", {"name": "Leaked"})).json()["secret"]
    thief = api.browser()
    thief.http.headers["Authorization"] = f"Bearer {secret}"
    refused = await thief.page("/settings/password/google")
    assert refused.status_code == 403 and "location" not in refused.headers


async def test_with_a_password_the_google_account_can_be_unlinked(api: Camarad) -> None:
    browser = await by_google(api)
    await browser.page(await proving(browser))
    browser.csrf = (await browser.post("/api/auth/password", FIRST)).json()["csrf_token"]
    unlink = re.search(r'action="(/settings/google/[^"]+/unlink)"', (await browser.page("/settings")).text)
    assert unlink is not None
    answer = await browser.form(unlink[1], csrf_token=browser.csrf)
    assert answer.headers["location"] == "/settings?done=unlinked"
