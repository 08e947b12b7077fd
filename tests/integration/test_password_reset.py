"""An operator's link: made by a command, good once and for a short time, and what it does to the account."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select, update

from camarad.cli import main
from camarad.models import AuditEvent, User
from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.oauth import AGENCY, sign_in
from tests.support.turns import hosted
from tests.support.web import PASSWORD, Browser, Camarad, running
from web.chat.rechecks import ENDS_NOTHING
from web.pages.reset import LINK
from web.password_reset import PATH, token_for
from web.signing import load_secret

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

NEW = "a new one after the loss"


class AnHourAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(time.time()) - 1_801


@dataclass
class Operator:
    """Somebody at the server's machine; what they read is in `out` and `err`."""

    data: Path
    read: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    async def run(self, *given: str, data: Path | None = None) -> int:
        self.read.readouterr()
        ended = await asyncio.to_thread(main, ["reset-password", *given, "--data", str(data or self.data)])
        self.out, self.err = self.read.readouterr()
        return ended

    async def link(self, email: str = "ana@example.com", *more: str) -> str:
        assert await self.run(email, *more) == 0, self.err
        found = re.search(r"^(https?://\S+)$", self.out, re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.fixture
def operator(api: Camarad, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    for name in ("DATABASE_URL", "SECRET_KEY", "PUBLIC_HOSTS", "CAMARAD_HOST", "CAMARAD_PORT"):
        monkeypatch.delenv(name, raising=False)
    return Operator(api.services.settings.camarad_data_dir, capsys)


async def user_of(api: Camarad, email: str = "ana@example.com") -> User:
    async with api.services.database.read() as session:
        found: User | None = await session.scalar(select(User).where(User.email == email))
    assert found is not None
    return found


async def token_of(api: Camarad, email: str = "ana@example.com") -> str:
    return token_for(api.services.signer, await user_of(api, email))


async def opened(browser: Browser, token: str) -> tuple[int, str]:
    """The page behind the link, followed as a browser does."""
    answer = await browser.page(f"{PATH}?token={token}")
    if answer.status_code == 303:
        answer = await browser.page(answer.headers["location"])
    return answer.status_code, answer.text


def csrf_in(shown: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert found is not None
    return found[1]


async def set_by(browser: Browser, token: str, password: str = NEW, again: str = NEW) -> tuple[int, str, str]:
    """Status, place and text after the form was sent."""
    _, shown = await opened(browser, token)
    sent = await browser.form(PATH, csrf_token=csrf_in(shown), password=password, again=again)
    return sent.status_code, sent.headers.get("location", ""), sent.text


async def test_the_command_prints_a_link_by_which_a_new_password_is_set(api: Camarad, operator: Operator) -> None:
    ana = await api.sign_up()
    link = await operator.link("  ANA@example.com ")
    assert link.startswith("http://127.0.0.1:8000/reset-password?token=")
    assert "once, for 30 minutes" in operator.out and "ana@example.com" in operator.out
    browser = api.browser()
    status, place, _ = await set_by(browser, link.partition("?token=")[2])
    assert (status, place) == (303, "/login?done=reset")
    assert "The new password is set" in (await browser.page(place)).text and LINK not in browser.http.cookies
    assert (await ana.get("/api/clients")).status_code == 401, "every sign-in ended"
    assert (await api.browser().log_in("ana@example.com")).status_code == 401
    assert (await api.browser().log_in("ana@example.com", NEW)).status_code == 200
    assert not ENDS_NOTHING.fullmatch(PATH), "the gate cuts open chats after it"


@pytest.mark.parametrize(
    ("environment", "more", "begins"),
    [
        ({}, ("--url", "https://camarad.example/"), "https://camarad.example/reset-password?"),
        ({"PUBLIC_HOSTS": '["app.example", "b.example"]'}, (), "https://app.example/reset-password?"),
        ({"CAMARAD_HOST": "0.0.0.0", "CAMARAD_PORT": "8123"}, (), "http://127.0.0.1:8123/reset-password?"),
        ({"CAMARAD_HOST": "::1"}, (), "http://[::1]:8000/reset-password?"),
    ],
)
async def test_the_link_leads_to_where_people_reach_the_server(
    api: Camarad,
    operator: Operator,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    more: tuple[str, ...],
    begins: str,
) -> None:
    await api.sign_up()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (await operator.link("ana@example.com", *more)).startswith(begins)


async def test_who_has_no_account_or_a_closed_one_gets_no_link_and_the_operator_a_reason(
    api: Camarad, operator: Operator, tmp_path: Path
) -> None:
    await api.sign_up()
    for email, said in (
        ("nobody@example.com", "There is no account with the e-mail nobody@example.com."),
        ("nonsense", "'nonsense' is not an e-mail address."),
    ):
        assert await operator.run(email) == 2
        assert said in operator.err and operator.out == ""
    async with api.services.database.write() as session:
        await session.execute(update(User).values(disabled_at=api.services.clock.now()))
    assert await operator.run("ana@example.com") == 2 and "is closed" in operator.err
    assert await operator.run("ana@example.com", data=tmp_path / "mistyped") == 2
    assert "no database" in operator.err and not (tmp_path / "mistyped").exists()


async def test_a_folder_without_the_servers_key_makes_no_link_that_would_not_work(
    api: Camarad, operator: Operator
) -> None:
    await api.sign_up()
    key = operator.data / "secret.key"
    key.rename(operator.data / "elsewhere.key")
    assert await operator.run("ana@example.com") == 2
    assert "no key of a server" in operator.err and not key.exists()


async def test_making_and_using_a_link_are_on_record_without_the_link(api: Camarad, operator: Operator) -> None:
    await api.sign_up()
    token = (await operator.link()).partition("?token=")[2]
    await set_by(api.browser("203.0.113.9"), token)
    ana = api.browser()
    await ana.log_in("ana@example.com", NEW)
    record = await ana.get("/api/audit")
    acts = [(event["act"], event["address"]) for event in record.json()["events"]]
    assert ("reset_link_made", "") in acts and ("password_reset", "203.0.113.9") in acts
    async with api.services.database.read() as session:
        rows = list(await session.scalars(select(AuditEvent)))
    assert not any(token in f"{row.subject}{row.detail}" for row in rows)


async def test_a_link_works_once_and_two_links_as_one(api_both: Camarad) -> None:
    await api_both.sign_up()
    first, second = await token_of(api_both), await token_of(api_both)
    assert (await set_by(api_both.browser(), first))[0] == 303
    for token in (first, second):
        status, shown = await opened(api_both.browser(), token)
        assert status == 409 and "not good any more" in shown


async def test_of_two_who_use_a_link_at_once_one_sets_the_password(api_both: Camarad) -> None:
    await api_both.sign_up()
    token, browsers = await token_of(api_both), [api_both.browser(), api_both.browser()]
    forms = [csrf_in((await opened(browser, token))[1]) for browser in browsers]
    answers = await asyncio.gather(
        *(
            browser.form(PATH, csrf_token=csrf, password=NEW + str(number), again=NEW + str(number))
            for number, (browser, csrf) in enumerate(zip(browsers, forms, strict=True))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    won = next(number for number, answer in enumerate(answers) if answer.status_code == 303)
    assert (await api_both.browser().log_in("ana@example.com", NEW + str(won))).status_code == 200


async def test_a_password_changed_in_the_settings_makes_a_link_void(api: Camarad) -> None:
    ana = await api.sign_up()
    token = await token_of(api)
    browser = api.browser()
    _, shown = await opened(browser, token)
    assert (await ana.post("/api/auth/password", {"current": PASSWORD, "password": "hers"})).status_code == 422
    assert (await ana.post("/api/auth/password", {"current": PASSWORD, "password": "hers now"})).status_code == 200
    sent = await browser.form(PATH, csrf_token=csrf_in(shown), password=NEW, again=NEW)
    assert sent.status_code == 409 and (await opened(api.browser(), token))[0] == 409
    assert (await api.browser().log_in("ana@example.com", "hers now")).status_code == 200


async def test_a_link_is_over_after_half_an_hour(api: Camarad) -> None:
    await api.sign_up()
    user, secret = await user_of(api), load_secret(api.services.settings)
    value = api.services.signer.read("password-reset", token_for(api.services.signer, user), 60)
    old = URLSafeTimedSerializer(secret, salt="camarad.password-reset", signer=AnHourAgo).dumps(value)
    assert api.services.signer.read("password-reset", old, 1_900) == value, "it was good"
    assert (await opened(api.browser(), old))[0] == 409


async def test_no_other_signed_value_and_nothing_made_up_is_a_link(api: Camarad) -> None:
    await api.sign_up()
    user, signer = await user_of(api), api.services.signer
    good = token_for(signer, user)
    value = signer.read("password-reset", good, 60)
    assert value is not None
    for token in (
        "",
        "made-up",
        good[:-1],
        good + "x" * 500,
        signer.sign("client", value),
        signer.sign("password-reset", f"{user.id}:"),
        signer.sign("password-reset", "nobody:" + value.partition(":")[2]),
    ):
        status, shown = await opened(api.browser(), token)
        assert status == 409 and "ana@example.com" not in shown


async def test_a_closed_account_is_not_opened_by_a_link(api: Camarad) -> None:
    await api.sign_up()
    token = await token_of(api)
    async with api.services.database.write() as session:
        await session.execute(update(User).values(disabled_at=api.services.clock.now()))
    assert (await opened(api.browser(), token))[0] == 409


async def test_the_token_leaves_the_address_at_once_and_reaches_no_other_page(api: Camarad) -> None:
    await api.sign_up()
    token, browser = await token_of(api), api.browser()
    answer = await browser.page(f"{PATH}?token={token}")
    assert answer.status_code == 303 and answer.headers["location"] == PATH
    assert answer.headers["referrer-policy"] == "no-referrer" and "no-store" in answer.headers["cache-control"]
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "max-age=1800" in cookie
    shown = await browser.page(PATH)
    assert token not in shown.text and "no-store" in shown.headers["cache-control"]
    assert "noindex" in shown.text and "ana@example.com" in shown.text


async def test_opening_a_link_uses_nothing_up(api: Camarad) -> None:
    ana = await api.sign_up()
    token = await token_of(api)
    for _ in range(3):
        assert (await opened(api.browser(), token))[0] == 200
    assert (await ana.get("/api/clients")).status_code == 200
    assert (await set_by(api.browser(), token))[0] == 303


async def test_a_form_of_another_browser_sets_nothing(api: Camarad) -> None:
    await api.sign_up()
    token, browser = await token_of(api), api.browser()
    await opened(browser, token)
    foreign = csrf_in((await opened(api.browser(), token))[1])
    for csrf in ("", "guess", foreign):
        assert (await browser.form(PATH, csrf_token=csrf, password=NEW, again=NEW)).status_code == 403
    assert (await api.browser().log_in("ana@example.com")).status_code == 200


@pytest.mark.parametrize(
    ("language", "password", "again", "words"),
    [
        ("en", "short", "short", "a password of 8 to 200"),
        ("en", NEW, NEW + "!", "are not the same"),
        ("ro", NEW, "", "nu sunt la fel"),
        ("ro", "", "", "o parolă de 8 până la 200"),
    ],
)
async def test_what_cannot_be_a_password_is_said_and_can_be_mended(
    api: Camarad, language: str, password: str, again: str, words: str
) -> None:
    await api.sign_up()
    token, browser = await token_of(api), api.browser()
    browser.http.cookies.set("camarad_language", language)
    status, _, shown = await set_by(browser, token, password, again)
    assert status == 422 and words in shown and f'<html lang="{language}">' in shown and 'aria-invalid="true"' in shown
    mended = await browser.form(PATH, csrf_token=csrf_in(shown), password=NEW, again=NEW)
    assert mended.status_code == 303


async def test_somebody_else_who_is_signed_in_here_stays_so(api: Camarad) -> None:
    await api.sign_up()
    mia = await api.sign_up("mia@example.com")
    assert (await set_by(mia, await token_of(api)))[0] == 303
    assert (await mia.get("/api/clients")).status_code == 200


async def test_api_keys_stay(api: Camarad) -> None:
    ana = await api.sign_up()
    secret = (await ana.post("/api/keys", {"name": "Report"})).json()["secret"]
    await set_by(api.browser(), await token_of(api))
    assert (await api.browser().get("/api/clients", Authorization=f"Bearer {secret}")).status_code == 200


@pytest.fixture
async def with_google(
    settings: Settings, sqlite_url: str, model_server: ModelServer, oauth_url: str
) -> AsyncIterator[Camarad]:
    changes = {"camarad_demo": True, "emulator_oauth_url": oauth_url}
    async with running(hosted(settings, model_server, **changes)) as camarad:
        yield camarad


async def test_who_came_with_google_only_gets_a_password_and_keeps_google(with_google: Camarad) -> None:
    browser = with_google.browser()
    await sign_in(browser)
    token = await token_of(with_google, AGENCY)
    assert (await set_by(with_google.browser(), token))[0] == 303
    assert (await browser.get("/api/clients")).status_code == 401
    assert (await with_google.browser().log_in(AGENCY, NEW)).status_code == 200
    assert (await sign_in(with_google.browser())).headers["location"] == "/app"
    assert (await opened(with_google.browser(), token))[0] == 409


async def test_a_link_proves_no_e_mail(api: Camarad) -> None:
    await api.sign_up()
    await set_by(api.browser(), await token_of(api))
    assert (await user_of(api)).email_verified_at is None
