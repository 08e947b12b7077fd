"""Signing in with Google over HTTP: new accounts, known ones, and accounts that somebody else may have made first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import func, select, update

from camarad.models import AuthSession, Identity, User, Workspace
from camarad.settings import Settings
from tests.support.emulator import consent
from tests.support.model_server import ModelServer
from tests.support.oauth import AGENCY, NOTHING, ONE_CLIENT, UNVERIFIED, path_of, sign_in, signing_in
from tests.support.turns import hosted
from tests.support.web import PASSWORD, Browser, Camarad, running
from web.oauth.signing import LINK

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

ASK = "/login/google"


@pytest.fixture
async def api(
    settings: Settings, database_url: str, model_server: ModelServer, oauth_url: str
) -> AsyncIterator[Camarad]:
    changes = {"database_url": database_url, "camarad_demo": True, "emulator_oauth_url": oauth_url, "login_attempts": 3}
    async with running(hosted(settings, model_server, **changes)) as camarad:
        yield camarad


async def who(browser: Browser) -> dict[str, object]:
    found: dict[str, object] = (await browser.get("/api/auth/status")).json()
    return found


def csrf_in(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def token(browser: Browser, path: str = ASK) -> str:
    return csrf_in((await browser.page(path)).text)


async def user_of(api: Camarad, email: str) -> User:
    async with api.services.database.read() as session:
        found = await session.scalar(select(User).where(User.email == email))
    assert found is not None
    return found


async def count(api: Camarad, table: type) -> int:
    async with api.services.database.read() as session:
        return (await session.scalar(select(func.count()).select_from(table))) or 0


async def test_a_newcomer_gets_an_account_a_workspace_and_its_ct(api: Camarad) -> None:
    browser = api.browser()
    answer = await sign_in(browser, AGENCY, "/settings")
    assert answer.status_code == 303 and answer.headers["location"] == "/settings"
    found = await who(browser)
    assert found["user"]["email"] == AGENCY and found["workspace"]["role"] == "owner"  # type: ignore[index]
    snapshot = (await browser.get("/api/user/snapshot")).json()
    assert snapshot["balance_ct"] == api.services.settings.ct_welcome_grant
    user = await user_of(api, AGENCY)
    assert user.password_hash is None and user.email_verified_at is not None
    assert AGENCY in (await browser.page("/settings")).text


async def test_a_newcomer_with_an_invitation_comes_into_its_workspace_and_has_none_of_their_own(api: Camarad) -> None:
    ana, browser = await api.sign_up(), api.browser()
    made = (await ana.post("/api/invitations", {"role": "member", "email": AGENCY})).json()["url"]
    answer = await sign_in(browser, AGENCY, quote(path_of(made), safe=""))
    assert answer.status_code == 303 and answer.headers["location"] == path_of(made)
    assert (await browser.page(path_of(made))).headers["location"] == "/app"
    assert (await who(browser))["workspace"]["role"] == "member"  # type: ignore[index]
    assert [each["name"] for each in (await browser.get("/api/workspaces")).json()["workspaces"]] == ["ana"]


async def test_an_invitation_for_somebody_else_is_not_used_up_by_a_newcomer(api: Camarad) -> None:
    ana, browser = await api.sign_up(), api.browser()
    made = (await ana.post("/api/invitations", {"email": "mia@example.com"})).json()["url"]
    await sign_in(browser, AGENCY, quote(path_of(made), safe=""))
    assert (await who(browser))["workspace"]["role"] == "owner"  # type: ignore[index]
    offer = (await browser.page(path_of(made))).text
    refused = await browser.form("/invite", csrf_token=csrf_in(offer), token=made.partition("?token=")[2])
    assert refused.status_code == 403 and "for another e-mail" in refused.text
    assert len((await ana.get("/api/invitations")).json()["invitations"]) == 1


async def test_the_next_time_it_is_the_same_account(api: Camarad) -> None:
    first, second = api.browser(), api.browser()
    await sign_in(first)
    await sign_in(second)
    assert (await who(first))["user"] == (await who(second))["user"]
    assert await count(api, Identity) == 1


async def test_two_tabs_of_a_newcomer_end_in_one_account(api: Camarad) -> None:
    browser = api.browser()
    backs = [path_of(consent(await signing_in(browser), AGENCY)) for _ in range(2)]
    before = await count(api, Workspace)
    answers = await asyncio.gather(*(browser.page(back) for back in backs))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert await count(api, Workspace) == before + 1 and await count(api, Identity) == 1


async def test_two_tabs_that_replace_the_same_sign_in_both_arrive(api: Camarad) -> None:
    ana = await api.sign_up()
    browser = api.browser()
    waiting = [path_of(consent(await signing_in(browser), AGENCY)) for _ in range(2)]
    browser.http.cookies.set("camarad_session", ana.http.cookies["camarad_session"], domain="127.0.0.1", path="/")
    answers = await asyncio.gather(*(browser.page(back) for back in waiting))
    assert [answer.status_code for answer in answers] == [303, 303]


async def test_google_is_asked_who_it_is_and_for_nothing_more(api: Camarad) -> None:
    asked = parse_qs(urlsplit(await signing_in(api.browser())).query)
    assert set(asked["scope"][0].split()) == {"openid", "email", "profile"}
    assert asked["prompt"] == ["select_account"] and "access_type" not in asked and asked["nonce"]


async def test_the_callback_loaded_again_goes_on_and_signs_nobody_else_in(api: Camarad) -> None:
    browser, stranger = api.browser(), api.browser()
    back = path_of(consent(await signing_in(browser, "/settings"), AGENCY))
    assert (await browser.page(back)).headers["location"] == "/settings"
    assert (await browser.page(back)).headers["location"] == "/settings"
    assert (await stranger.page(back)).status_code == 403
    assert not (await who(stranger))["signed_in"]
    await browser.post("/api/auth/logout", X_CSRF_Token=str((await who(browser))["csrf_token"]))
    again = await browser.page(back)
    assert again.status_code == 409 and "taken already" in again.text and not (await who(browser))["signed_in"]


async def test_a_session_from_before_signing_in_is_ended(api: Camarad) -> None:
    ana = await api.sign_up()
    planted = ana.http.cookies["camarad_session"]
    back = path_of(consent(await signing_in(api.browser()), AGENCY))
    assert (await ana.page(back)).status_code == 403, "another browser's sign-in is nobody's here"
    browser = api.browser()
    address = await signing_in(browser)
    browser.http.cookies.set("camarad_session", planted, domain="127.0.0.1")
    answer = await browser.page(path_of(consent(address, AGENCY)))
    assert "camarad_session=" in answer.headers["set-cookie"] and planted not in answer.headers["set-cookie"]
    assert not (await who(ana))["signed_in"]


async def test_a_no_at_google_signs_nobody_in(api: Camarad) -> None:
    browser = api.browser()
    answer = await browser.page(path_of(consent(await signing_in(browser), AGENCY, deny=True)))
    assert answer.status_code == 403 and "permission was not given" in answer.text
    assert 'href="/login"' in answer.text and not (await who(browser))["signed_in"]


async def test_an_e_mail_that_google_has_not_verified_opens_nothing(api: Camarad) -> None:
    browser = api.browser()
    answer = await sign_in(browser, UNVERIFIED)
    assert answer.status_code == 403 and "has not verified" in answer.text
    assert not (await who(browser))["signed_in"] and await count(api, Identity) == 0


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
async def test_after_signing_in_nobody_is_led_elsewhere(api: Camarad, target: str) -> None:
    assert (await sign_in(api.browser(), AGENCY, target)).headers["location"] == "/app"


async def pre_registered(api: Camarad, email: str = AGENCY) -> tuple[Browser, Browser]:
    """Somebody made an account with the e-mail; then its owner comes with Google."""
    first = await api.sign_up(email)
    owner = api.browser()
    answer = await sign_in(owner, email)
    assert answer.status_code == 303 and answer.headers["location"] == ASK
    return first, owner


async def test_an_account_with_an_unproven_e_mail_is_not_linked_silently(api: Camarad) -> None:
    _, owner = await pre_registered(api)
    assert not (await who(owner))["signed_in"] and await count(api, Identity) == 0
    shown = (await owner.page(ASK)).text
    assert AGENCY in shown and "Its password is removed" in shown
    assert "httponly" in str(next(c for c in owner.http.cookies.jar if c.name == LINK)._rest).lower()


async def test_its_password_links_it_once_and_for_all(api: Camarad) -> None:
    first, owner = await pre_registered(api)
    answer = await owner.form(f"{ASK}/password", password=PASSWORD, csrf_token=await token(owner))
    assert answer.status_code == 303 and answer.headers["location"] == "/app"
    assert (await who(owner))["user"] == (await who(first))["user"], "the sign-in from before goes on"
    assert LINK not in owner.http.cookies and (await user_of(api, AGENCY)).email_verified_at is not None
    again = api.browser()
    assert (await sign_in(again)).headers["location"] == "/app" and (await again.log_in(AGENCY)).status_code == 200


async def test_a_wrong_password_links_nothing_and_tries_are_counted(api: Camarad) -> None:
    _, owner = await pre_registered(api)
    csrf = await token(owner)
    statuses = [(await owner.form(f"{ASK}/password", password="guess", csrf_token=csrf)).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429] and await count(api, Identity) == 0
    assert not (await who(owner))["signed_in"]


async def test_the_owner_takes_it_over_and_whoever_made_it_is_out(api: Camarad) -> None:
    first, owner = await pre_registered(api)
    await first.new_client("Left behind")
    key = (await first.post("/api/keys", {"name": "Kept for later"})).json()["secret"]
    link = (await first.post("/api/invitations", {"role": "admin"})).json()["url"]
    await sign_link(first, NOTHING)
    csrf = await token(owner)
    unsure = await owner.form(f"{ASK}/take-over", csrf_token=csrf)
    assert unsure.status_code == 422 and "Tick the box" in unsure.text and (await who(first))["signed_in"]
    answer = await owner.form(f"{ASK}/take-over", confirm="yes", csrf_token=csrf)
    assert answer.status_code == 303
    assert (await who(owner))["user"]["email"] == AGENCY  # type: ignore[index]
    assert not (await who(first))["signed_in"], "their sign-in ended"
    assert (await api.browser().log_in(AGENCY)).status_code == 401, "their password is gone"
    by_key = await api.browser().http.get("/api/clients", headers={"Authorization": f"Bearer {key}"})
    assert by_key.status_code == 401, "their API key is dead"
    assert (await api.browser().page(path_of(link))).status_code == 409, "their invitation was withdrawn"
    sneaky = api.browser()
    await sign_in(sneaky, NOTHING)
    assert (await who(sneaky))["user"]["email"] == NOTHING, "their Google account leads to an own account"  # type: ignore[index]
    names = [client["name"] for client in (await owner.get("/api/clients")).json()["clients"]]
    assert names == ["Left behind"], "what is in the account stays"


async def sign_link(browser: Browser, google: str) -> None:
    """Add a Google account in the settings."""
    answer = await browser.page("/settings/google/link")
    linked = await browser.page(path_of(consent(answer.headers["location"], google)))
    assert linked.headers["location"] == "/settings?done=linked", linked.text


async def test_what_one_tab_decided_another_cannot_undo(api: Camarad) -> None:
    _, owner = await pre_registered(api)
    csrf = await token(owner)
    kept = owner.http.cookies[LINK]
    await owner.form(f"{ASK}/password", password=PASSWORD, csrf_token=csrf)
    late = api.browser()
    late.http.cookies.update({name: owner.http.cookies[name] for name in ("camarad_browser",)})
    late.http.cookies.set(LINK, kept)
    answer = await late.form(f"{ASK}/take-over", confirm="yes", csrf_token=await token(late))
    assert answer.status_code == 400
    assert (await user_of(api, AGENCY)).password_hash is not None


async def test_a_pending_link_is_good_in_its_own_browser_only(api: Camarad) -> None:
    _, owner = await pre_registered(api)
    thief = api.browser()
    assert (await thief.page(ASK)).status_code == 400
    thief.http.cookies.set(LINK, owner.http.cookies[LINK])
    assert (await thief.page(ASK)).status_code == 403
    csrf = await token(thief, "/login")
    for action, fields in (("password", {"password": PASSWORD}), ("take-over", {"confirm": "yes"})):
        assert (await thief.form(f"{ASK}/{action}", csrf_token=csrf, **fields)).status_code == 403
        assert (await owner.form(f"{ASK}/{action}", csrf_token="guess", **fields)).status_code == 403
    assert await count(api, Identity) == 0


async def test_an_account_whose_e_mail_was_proven_before_is_linked_by_it(api: Camarad) -> None:
    ana = await api.sign_up(AGENCY)
    async with api.services.database.write() as session:
        await session.execute(
            update(User).where(User.email == AGENCY).values(email_verified_at=api.services.clock.now())
        )
    browser = api.browser()
    assert (await sign_in(browser)).headers["location"] == "/app"
    assert (await who(browser))["user"] == (await who(ana))["user"]


async def test_an_address_given_to_somebody_new_does_not_open_the_old_account(api: Camarad) -> None:
    """A Google account with the same e-mail and another subject: the address was handed on."""
    await sign_in(api.browser())
    async with api.services.database.write() as session:
        await session.execute(update(Identity).values(subject="1" * 21))
    newcomer = api.browser()
    answer = await sign_in(newcomer)
    assert answer.status_code == 409 and "another Google account" in answer.text
    assert not (await who(newcomer))["signed_in"]


async def test_a_closed_account_stays_closed(api: Camarad) -> None:
    await sign_in(api.browser())
    async with api.services.database.write() as session:
        await session.execute(update(User).where(User.email == AGENCY).values(disabled_at=api.services.clock.now()))
    browser = api.browser()
    assert (await sign_in(browser)).status_code == 403 and not (await who(browser))["signed_in"]


async def test_a_google_account_is_added_and_taken_away_in_the_settings(api: Camarad) -> None:
    ana = await api.sign_up("ana@example.com")
    await sign_link(ana, AGENCY)
    shown = (await ana.page("/settings?done=linked")).text
    assert AGENCY in shown and "The Google account was linked." in shown
    assert (await user_of(api, "ana@example.com")).email_verified_at is None, "another address proves nothing about it"
    other = api.browser()
    await sign_in(other)
    assert (await who(other))["user"] == (await who(ana))["user"]
    action = re.search(r'action="(/settings/google/[^"]+/unlink)"', shown)
    assert action is not None
    assert (await ana.form(action[1], csrf_token=ana.csrf)).headers["location"] == "/settings?done=unlinked"
    assert (await ana.form(action[1], csrf_token=ana.csrf)).headers["location"] == "/settings?done=kept"
    fresh = api.browser()
    await sign_in(fresh)
    assert (await who(fresh))["user"] != (await who(ana))["user"]


async def test_the_last_way_in_cannot_be_taken_away(api: Camarad) -> None:
    browser = api.browser()
    await sign_in(browser)
    csrf = str((await who(browser))["csrf_token"])
    shown = (await browser.page("/settings")).text
    assert "only way to sign in" in shown and "/unlink" not in shown
    async with api.services.database.read() as session:
        identity = await session.scalar(select(Identity.id))
    assert (
        (await browser.form(f"/settings/google/{identity}/unlink", csrf_token=csrf))
        .headers["location"]
        .endswith("kept")
    )
    assert await count(api, Identity) == 1


async def test_anothers_google_account_can_be_neither_added_nor_removed(api: Camarad) -> None:
    google = api.browser()
    await sign_in(google)
    ana = await api.sign_up("ana@example.com")
    address = (await ana.page("/settings/google/link")).headers["location"]
    answer = await ana.page(path_of(consent(address, AGENCY)))
    assert answer.status_code == 409 and "belongs to another account" in answer.text
    async with api.services.database.read() as session:
        identity = await session.scalar(select(Identity.id))
    await ana.form(f"/settings/google/{identity}/unlink", csrf_token=ana.csrf)
    assert await count(api, Identity) == 1


async def test_a_link_begun_by_one_person_is_not_finished_by_another(api: Camarad) -> None:
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    back = path_of(consent((await ana.page("/settings/google/link")).headers["location"], ONE_CLIENT))
    bob.http.cookies.set("camarad_browser", ana.http.cookies["camarad_browser"])
    assert (await bob.page(back)).status_code == 403
    assert await count(api, Identity) == 0 and await count(api, AuthSession) >= 2


@pytest.mark.parametrize("path", ["/login", "/signup"])
@pytest.mark.parametrize("language", ["en", "ro"])
async def test_both_doors_offer_google_and_keep_where_to_go(api: Camarad, path: str, language: str) -> None:
    shown = (await api.browser().page(f"{path}?next=/settings%3Fdone%3Dsaved", **{"Accept-Language": language})).text
    assert 'href="/api/auth/google/start?next=/settings%3Fdone%3Dsaved"' in shown
    assert ("Continue with Google" if language == "en" else "Continuă cu Google") in shown


@pytest.mark.parametrize("scopes", [["read"], ["read", "chat", "manage"]])
async def test_an_api_key_adds_no_google_account_to_sign_in_with(api: Camarad, scopes: list[str]) -> None:
    """Reading by its method, adding one would outlive the key: its bearer would sign in from then on."""
    ana = await api.sign_up("ana@example.com")
    secret = (await ana.post("/api/keys", {"name": "Leaked", "scopes": scopes})).json()["secret"]
    begun = (await ana.page("/settings/google/link")).headers["location"]
    thief = api.browser()
    thief.http.headers["Authorization"] = f"Bearer {secret}"
    refused = await thief.page("/settings/google/link")
    assert refused.status_code == 403 and "location" not in refused.headers
    thief.http.cookies.set("camarad_browser", ana.http.cookies["camarad_browser"])
    assert (await thief.page(path_of(consent(begun, AGENCY)))).status_code == 401
    assert await count(api, Identity) == 0
