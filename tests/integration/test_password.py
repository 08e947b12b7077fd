"""Changing one's password: who may, what it ends, and what goes on."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select
from starlette.requests import Request

from camarad.errors import BadCredentials
from camarad.models import RateCounter, User
from tests.support.web import PASSWORD, Browser, Camarad, code
from web import accounts
from web.chat import identity
from web.chat.rechecks import ENDS_NOTHING
from web.password_change import replace
from web.sessions import find_session, open_session

NEW = "a longer secret of Ana's"
CHANGE = {"current": PASSWORD, "password": NEW}


async def signed_in(api: Camarad, address: str = "127.0.0.1", password: str = PASSWORD) -> Browser:
    browser = api.browser(address)
    assert (await browser.log_in("ana@example.com", password)).status_code == 200
    return browser


async def acts(browser: Browser) -> list[str]:
    return [event["act"] for event in (await browser.get("/api/audit")).json()["events"]]


async def test_the_new_password_signs_in_and_the_old_one_no_more(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    answer = await ana.post("/api/auth/password", CHANGE)
    assert answer.status_code == 200 and answer.json()["user"]["email"] == "ana@example.com"
    assert (await api_both.browser().log_in("ana@example.com")).status_code == 401
    assert (await api_both.browser().log_in("ana@example.com", NEW)).status_code == 200


async def test_this_browser_goes_on_with_a_new_cookie_and_token_and_every_other_is_out(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    elsewhere, copied = await signed_in(api_both), api_both.browser()
    before, workspace = ana.http.cookies["camarad_session"], (await ana.get("/api/auth/status")).json()["workspace"]
    copied.http.cookies.set("camarad_session", before)
    answer = await ana.post("/api/auth/password", CHANGE)
    assert (await ana.get("/api/clients")).status_code == 200 and answer.json()["workspace"] == workspace
    assert ana.http.cookies["camarad_session"] != before and answer.json()["csrf_token"] != ana.csrf
    for gone in (elsewhere, copied):
        assert (await gone.get("/api/clients")).status_code == 401
    assert (await ana.post("/api/clients", {"name": "Acme"})).status_code == 403, "the old token fits no more"
    ana.csrf = answer.json()["csrf_token"]
    assert (await ana.post("/api/clients", {"name": "Acme"})).status_code == 201


async def test_sign_ins_of_other_people_go_on(api: Camarad) -> None:
    ana, mia = await api.sign_up(), await api.sign_up("mia@example.com")
    assert (await ana.post("/api/auth/password", CHANGE)).status_code == 200
    assert (await mia.get("/api/clients")).status_code == 200


async def test_open_chats_lose_their_sign_in_with_it_and_are_looked_at_at_once(api: Camarad) -> None:
    ana = await api.sign_up()
    client = await ana.new_client()
    elsewhere = await signed_in(api)
    who = await find_session(api.services.database, api.services.clock, elsewhere.http.cookies["camarad_session"])
    assert who is not None
    asked = Request({"type": "http", "headers": []})
    visit = await identity.visit_of(api.services, asked, who, client)
    assert visit is not None and await identity.stands(visit)
    await ana.post("/api/auth/password", CHANGE)
    assert not await identity.stands(visit)
    for path in ("/api/auth/password", "/settings/password"):
        assert not ENDS_NOTHING.fullmatch(path), "the gate cuts sockets after it"


@pytest.mark.parametrize("current", ["not the password", "", NEW])
async def test_a_wrong_current_password_changes_nothing_and_ends_nothing(api: Camarad, current: str) -> None:
    ana = await api.sign_up()
    other = await signed_in(api)
    answer = await ana.post("/api/auth/password", {"current": current, "password": NEW})
    assert answer.status_code == 403 and code(answer) == "wrong_password"
    assert (await other.get("/api/clients")).status_code == 200
    assert (await api.browser().log_in("ana@example.com")).status_code == 200
    assert await acts(ana) == ["signed_in", "password_refused", "signed_in", "signed_up"]


async def test_a_stolen_sign_in_guesses_no_more_often_than_somebody_signing_in(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    wrong = {"current": "guess", "password": NEW}
    statuses = [(await ana.post("/api/auth/password", wrong)).status_code for _ in range(4)]
    assert statuses == [403, 403, 403, 429]
    late = await ana.post("/api/auth/password", CHANGE)
    assert late.status_code == 429 and 0 < int(late.headers["retry-after"]) <= 900
    assert (await api_both.browser().log_in("ana@example.com")).status_code == 429, "the tries are one account's"


async def test_guessing_from_many_addresses_is_limited_too(api: Camarad) -> None:
    ana = await api.sign_up()
    statuses = []
    for number in range(16):
        thief = api.browser(f"203.0.113.{number}")
        thief.http.cookies.set("camarad_session", ana.http.cookies["camarad_session"])
        thief.csrf = ana.csrf
        answer = await thief.post("/api/auth/password", {"current": "guess", "password": NEW})
        statuses.append(answer.status_code)
    assert statuses == [403] * 15 + [429]


@pytest.mark.parametrize("password", ["short", "x" * 201, "with a \x00 control", 12345678, None])
async def test_a_new_password_obeys_the_rules_of_signing_up(api: Camarad, password: object) -> None:
    ana = await api.sign_up()
    answer = await ana.post("/api/auth/password", {"current": PASSWORD, "password": password})
    assert answer.status_code == 422
    assert (await api.browser().log_in("ana@example.com")).status_code == 200


async def test_api_keys_go_on_and_change_no_password(api: Camarad) -> None:
    ana = await api.sign_up()
    secret = (await ana.post("/api/keys", {"name": "Report"})).json()["secret"]
    program = api.browser()
    program.http.headers["Authorization"] = f"Bearer {secret}"
    refused = await program.post("/api/auth/password", CHANGE)
    assert refused.status_code == 403 and code(refused) == "sign_in_required"
    assert (await ana.post("/api/auth/password", CHANGE)).status_code == 200
    assert (await program.get("/api/clients")).status_code == 200


async def test_of_two_changes_at_once_one_wins_and_leaves_one_sign_in(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    other = await signed_in(api_both)
    first, second = await asyncio.gather(
        ana.post("/api/auth/password", CHANGE), other.post("/api/auth/password", {**CHANGE, "password": NEW + "!"})
    )
    assert sorted((first.status_code, second.status_code)) in ([200, 401], [200, 403], [200, 409])
    alive = [(await each.get("/api/clients")).status_code for each in (ana, other)]
    assert sorted(alive) == [200, 401]


@pytest.mark.parametrize("door", ["/api/auth/login", "/login"])
async def test_who_is_signing_in_with_the_old_password_does_not_come_in_between(api_both: Camarad, door: str) -> None:
    """Their password is looked at after a queue; it is changed while they wait in it."""
    services, thief = api_both.services, api_both.browser()
    await api_both.sign_up()
    before, after = await stored(api_both), await services.passwords.hash(NEW)
    fields = {"email": "ana@example.com", "password": PASSWORD}
    _, csrf = await form_of(thief, "/login")
    queue = [asyncio.create_task(services.passwords.verify(None, "somebody else's")) for _ in range(48)]
    await asyncio.sleep(0)
    sent = thief.form(door, **fields, csrf_token=csrf) if door == "/login" else thief.http.post(door, json=fields)
    coming = asyncio.create_task(sent)
    while not await counted(api_both):
        await asyncio.sleep(0)
    await replace(services, before[0], before[1], after)
    assert not coming.done(), "they waited still"
    assert (await coming).status_code == 401 and "camarad_session" not in thief.http.cookies
    await asyncio.gather(*queue)


async def stored(api: Camarad) -> tuple[str, str | None]:
    """Ana's id and password hash."""
    async with api.services.database.read() as session:
        user = (await session.scalars(select(User).where(User.email == "ana@example.com"))).one()
    return user.id, user.password_hash


async def counted(api: Camarad) -> bool:
    """Whether a try to sign in was begun."""
    async with api.services.database.read() as session:
        return await session.scalar(select(RateCounter.key).where(RateCounter.key.startswith("login:"))) is not None


async def test_a_password_that_fitted_opens_nothing_once_it_was_changed(api_both: Camarad) -> None:
    ana, services = await api_both.sign_up(), api_both.services
    known = await accounts.authenticate(services, "ana@example.com", PASSWORD, "127.0.0.1")
    assert (await ana.post("/api/auth/password", CHANGE)).status_code == 200
    database, clock, fitted = services.database, services.clock, known.password_hash
    with pytest.raises(BadCredentials):
        await open_session(database, clock, known.user_id, days=1, user_agent="", address="", fitted=fitted)


async def test_neither_password_is_on_record(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.post("/api/auth/password", CHANGE)
    record = (await ana.get("/api/audit")).text
    assert "password_changed" in record and NEW not in record and PASSWORD not in record


async def form_of(browser: Browser, path: str = "/settings") -> tuple[str, str]:
    """A page with its CSRF token."""
    shown = (await browser.page(path)).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert found is not None
    return shown, found[1]


@pytest.mark.parametrize(
    ("language", "done", "kept"),
    [("en", "The password was changed", "API keys"), ("ro", "Parola a fost schimbată", "Cheile API")],
)
async def test_the_form_in_the_settings_changes_it(api: Camarad, language: str, done: str, kept: str) -> None:
    ana = await api.sign_up()
    elsewhere = await signed_in(api)
    ana.http.cookies.set("camarad_language", language)
    shown, csrf = await form_of(ana)
    assert kept in shown and f'<html lang="{language}">' in shown
    sent = await ana.form("/settings/password", current=PASSWORD, password=NEW, again=NEW, csrf_token=csrf)
    assert sent.status_code == 303 and sent.headers["location"] == "/settings?done=password_changed"
    assert done in (await ana.page(sent.headers["location"])).text
    assert (await elsewhere.get("/api/clients")).status_code == 401
    assert (await signed_in(api, password=NEW)).csrf


@pytest.mark.parametrize(
    ("fields", "status", "words", "field"),
    [
        ({"current": "not-Anas"}, 403, "The current password is wrong.", "current"),
        ({"again": "something else"}, 422, "are not the same", "again"),
        ({"password": "short", "again": "short"}, 422, "a password of 8 to 200", "password"),
        ({"password": "", "again": ""}, 422, "a password of 8 to 200", "password"),
    ],
)
async def test_the_form_says_which_field_is_wrong_and_shows_no_password_again(
    api: Camarad, fields: dict[str, str], status: int, words: str, field: str
) -> None:
    ana = await api.sign_up()
    _, csrf = await form_of(ana)
    typed = {"current": PASSWORD, "password": NEW, "again": NEW, **fields}
    answer = await ana.form("/settings/password", csrf_token=csrf, **typed)
    assert answer.status_code == status and words in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert not any(value and value in answer.text for value in typed.values() if value != "short")
    assert (await api.browser().log_in("ana@example.com")).status_code == 200


async def test_the_form_says_how_long_to_wait(api: Camarad) -> None:
    ana = await api.sign_up()
    _, csrf = await form_of(ana)
    for _ in range(4):
        answer = await ana.form("/settings/password", current="guess", password=NEW, again=NEW, csrf_token=csrf)
    assert answer.status_code == 429 and "Too many attempts." in answer.text and "retry-after" in answer.headers
