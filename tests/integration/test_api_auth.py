"""Signing up, in and out, and the attacks on them."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import select, text, update

from camarad.models import AuthSession, RateCounter, User
from tests.support.web import PASSWORD, Camarad, code

WRONG = {"email": "ana@example.com", "password": "not the password"}
UNKNOWN = {"email": "nobody@example.com", "password": "not the password"}


async def test_signing_up_gives_a_workspace_a_wallet_and_a_sign_in(api_both: Camarad) -> None:
    browser = api_both.browser()
    answer = await browser.http.post(
        "/api/auth/signup", json={"email": " Ana@Example.com ", "password": PASSWORD, "workspace": "Ana's agency"}
    )
    assert answer.status_code == 201
    assert answer.json()["user"]["email"] == "ana@example.com"
    assert answer.json()["workspace"]["name"] == "Ana's agency" and answer.json()["workspace"]["role"] == "owner"
    snapshot = (await browser.get("/api/user/snapshot")).json()
    assert snapshot["balance_ct"] == api_both.services.settings.ct_welcome_grant


NO_GRANTS = {
    "sqlite": ["CREATE TRIGGER no_grants BEFORE INSERT ON ct_ledger BEGIN SELECT RAISE(ABORT, 'full'); END"],
    "postgresql": [
        "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$",
        "CREATE TRIGGER no_grants BEFORE INSERT ON ct_ledger FOR EACH ROW EXECUTE FUNCTION full_up()",
    ],
}


async def test_a_sign_up_that_fails_half_way_leaves_nothing(api_both: Camarad) -> None:
    """The account and its wallet are of one transaction: the e-mail is free for another try."""
    database = api_both.services.database
    async with database.unscoped("a test breaks the ledger") as session:
        for statement in NO_GRANTS[database.url.get_backend_name()]:
            await session.execute(text(statement))
    given = {"email": "ana@example.com", "password": PASSWORD}
    failed = await api_both.browser().http.post("/api/auth/signup", json=given)
    assert failed.status_code == 500 and code(failed) == "internal"
    async with database.unscoped("a test looks at what is there") as session:
        assert list(await session.scalars(select(User.email).where(User.email == "ana@example.com"))) == []
        await session.execute(text(f"DROP TRIGGER no_grants{'' if database.is_sqlite else ' ON ct_ledger'}"))
    ana = await api_both.sign_up()
    balance = (await ana.get("/api/user/snapshot")).json()["balance_ct"]
    assert balance == api_both.services.settings.ct_welcome_grant


async def test_the_cookie_is_kept_from_scripts_and_other_sites(api: Camarad) -> None:
    browser = api.browser()
    answer = await browser.http.post("/api/auth/signup", json={"email": "ana@example.com", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    assert "secure" not in cookie  # loopback is served over plain HTTP


async def test_outside_loopback_the_cookie_is_secure(api: Camarad) -> None:
    browser = api.browser()
    api.app.hosts = frozenset({"camarad.example"})  # type: ignore[attr-defined]
    answer = await browser.http.post(
        "http://camarad.example/api/auth/signup", json={"email": "ana@example.com", "password": PASSWORD}
    )
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" in answer.headers


async def test_the_database_holds_neither_password_nor_token(api: Camarad) -> None:
    browser = await api.sign_up()
    token = browser.http.cookies["camarad_session"]
    async with api.services.database.read() as session:
        user = await session.scalar(select(User).where(User.email == "ana@example.com"))
        kept = await session.scalar(select(AuthSession))
    assert user and user.password_hash and user.password_hash.startswith("$argon2id$")
    assert kept and kept.token_hash != token and token not in kept.token_hash


async def test_an_e_mail_that_is_taken_is_refused(api_both: Camarad) -> None:
    await api_both.sign_up()
    answer = await api_both.browser().http.post(
        "/api/auth/signup", json={"email": "ANA@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 409 and code(answer) == "email_taken"


async def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(api: Camarad) -> None:
    await api.sign_up()
    same = {"X-Request-ID": "same"}
    wrong = await api.browser().http.post("/api/auth/login", json=WRONG, headers=same)
    unknown = await api.browser().http.post("/api/auth/login", json=UNKNOWN, headers=same)
    assert wrong.status_code == unknown.status_code == 401 and code(wrong) == "bad_credentials"
    assert wrong.content == unknown.content
    assert {*wrong.headers} == {*unknown.headers}


async def test_an_unknown_e_mail_costs_the_same_work(api: Camarad) -> None:
    await api.sign_up()
    passwords = api.services.passwords
    await passwords.verify(None, "warm")

    async def cost(stored: str | None) -> float:
        began = time.process_time()
        for _ in range(5):
            await passwords.verify(stored, "not the password")
        return time.process_time() - began

    async with api.services.database.read() as session:
        stored = await session.scalar(select(User.password_hash).where(User.email == "ana@example.com"))
    known, unknown = await cost(stored), await cost(None)
    assert 0.5 < known / unknown < 2


async def test_too_many_failures_are_refused_even_with_the_right_password(api_both: Camarad) -> None:
    await api_both.sign_up()
    browser = api_both.browser()
    for _ in range(3):
        assert (await browser.http.post("/api/auth/login", json=WRONG)).status_code == 401
    answer = await browser.log_in("ana@example.com")
    assert answer.status_code == 429 and code(answer) == "rate_limited"
    assert 0 < int(answer.headers["retry-after"]) <= 900


async def test_another_address_is_not_held_up_by_the_failures_of_one(api: Camarad) -> None:
    await api.sign_up()
    for _ in range(4):
        await api.browser("203.0.113.7").http.post("/api/auth/login", json=WRONG)
    assert (await api.browser("203.0.113.8").log_in("ana@example.com")).status_code == 200


async def test_successful_sign_ins_are_not_counted(api: Camarad) -> None:
    await api.sign_up()
    for _ in range(6):
        assert (await api.browser().log_in("ana@example.com")).status_code == 200


async def test_a_claimed_forwarded_address_does_not_evade_the_limit(api: Camarad) -> None:
    await api.sign_up()
    browser = api.browser()
    for number in range(4):
        answer = await browser.http.post(
            "/api/auth/login", json=WRONG, headers={"X-Forwarded-For": f"198.51.100.{number}"}
        )
    assert answer.status_code == 429


async def test_the_counters_hold_no_address_and_no_e_mail(api: Camarad) -> None:
    await api.browser("203.0.113.7").http.post("/api/auth/login", json=UNKNOWN)
    async with api.services.database.read() as session:
        keys = list(await session.scalars(select(RateCounter.key)))
    assert keys and not any("203.0.113" in key or "nobody" in key for key in keys)


async def test_signing_out_ends_the_sign_in_on_the_server(api: Camarad) -> None:
    browser = await api.sign_up()
    stolen = browser.http.cookies["camarad_session"]
    assert (await browser.post("/api/auth/logout")).status_code == 200
    thief = api.browser()
    thief.http.cookies.set("camarad_session", stolen)
    assert (await thief.get("/api/clients")).status_code == 401
    assert (await thief.get("/api/auth/status")).json() == {"signed_in": False}


async def test_an_expired_sign_in_is_none(api: Camarad) -> None:
    browser = await api.sign_up()
    async with api.services.database.write() as session:
        past = api.services.clock.now() - timedelta(seconds=1)
        await session.execute(update(AuthSession).values(expires_at=past))
    assert (await browser.get("/api/clients")).status_code == 401


async def test_a_disabled_user_is_out_at_once(api: Camarad) -> None:
    browser = await api.sign_up()
    async with api.services.database.write() as session:
        await session.execute(update(User).values(disabled_at=api.services.clock.now()))
    assert (await browser.get("/api/clients")).status_code == 401
    assert (await api.browser().log_in("ana@example.com")).status_code == 401


async def test_a_change_without_the_csrf_token_is_refused(api: Camarad) -> None:
    browser = await api.sign_up()
    token, browser.csrf = browser.csrf, ""
    for sent in ("", "guess", token[:-1], token + "x"):
        answer = await browser.post("/api/clients", {"name": "Acme"}, X_CSRF_Token=sent)
        assert answer.status_code == 403 and code(answer) == "csrf_failed"
    assert (await browser.get("/api/clients")).json() == {"clients": []}


async def test_the_csrf_token_of_another_sign_in_does_not_fit(api: Camarad) -> None:
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    ana.csrf = bob.csrf
    assert (await ana.post("/api/clients", {"name": "Acme"})).status_code == 403


async def test_another_sites_page_may_not_post(api: Camarad) -> None:
    browser = await api.sign_up()
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9999"):
        answer = await browser.post("/api/clients", {"name": "Acme"}, Origin=origin)
        assert answer.status_code == 403 and code(answer) == "cross_origin"
    assert (await browser.post("/api/clients", {"name": "Acme"}, Origin="http://127.0.0.1")).status_code == 201


async def test_a_form_post_cannot_stand_in_for_json(api: Camarad) -> None:
    answer = await api.browser().http.post(
        "/api/auth/login", content='{"email":"ana@example.com","password":"x"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


async def test_identity_is_never_taken_from_headers(api: Camarad) -> None:
    ana = await api.sign_up()
    status = (await ana.get("/api/auth/status")).json()
    forged = {"X_User_ID": status["user"]["id"], "X_Workspace_ID": status["workspace"]["id"]}
    assert (await api.browser().get("/api/clients", **forged)).status_code == 401


async def test_a_bearer_token_that_is_no_key_is_refused(api: Camarad) -> None:
    assert (await api.browser().get("/api/clients", Authorization="Bearer nonsense")).status_code == 401
