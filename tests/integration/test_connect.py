"""Connecting over HTTP with the OAuth emulator: every way a round trip can end, and what it leaves behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from camarad.models import Client, OAuthState
from camarad.settings import Settings
from tests.support.emulator import consent
from tests.support.model_server import ModelServer
from tests.support.oauth import AGENCY, NETWORK, NOTHING, ONE_CLIENT, at_google, connect, flow, outcome_of, path_of
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, code, running
from tools.connectors.oauth import SCOPES
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess
from web.oauth.browser import BROWSER, fingerprint
from web.oauth.floods import ALLOWED

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

CALLBACK = "/api/connectors/ga4/oauth/callback"
LOOPBACK = "http://127.0.0.1"


@pytest.fixture
async def api(
    settings: Settings,
    sqlite_url: str,
    model_server: ModelServer,
    emulator: EmulatorProcess,
    oauth_url: str,
) -> AsyncIterator[Camarad]:
    """The application beside the emulator; nobody has consented to anything yet."""
    settings = hosted(settings, model_server, camarad_demo=True, emulator_oauth_url=oauth_url)
    async with running(settings.model_copy(update={"emulator_address": emulator.address})) as camarad:
        yield camarad


@pytest.fixture
async def ana(api: Camarad) -> Browser:
    browser = await api.sign_up()
    await browser.new_client("Acme")
    return browser


async def state_of(browser: Browser, provider: str = "ga4") -> dict[str, object]:
    found: dict[str, object] = (await browser.get(f"/api/connectors/{provider}/status")).json()
    return found


async def follow(browser: Browser, answer: object) -> str:
    """The page that a redirect leads to."""
    shown = await browser.page(path_of(answer.headers["location"]))  # type: ignore[attr-defined]
    assert shown.status_code == 200
    return shown.text


async def test_who_can_read_one_property_is_connected_at_once(ana: Browser) -> None:
    answer = await connect(ana, "ga4", ONE_CLIENT)
    assert answer.status_code == 303 and outcome_of(answer) == "connected"
    found = await state_of(ana)
    assert (found["state"], found["account_id"], found["source"]) == ("connected", "410000001", "demo")
    assert found["email"] == ONE_CLIENT and found["missing"] is None
    shown = await follow(ana, answer)
    assert "Google Analytics 4 is connected for Acme." in shown and ONE_CLIENT in shown


@pytest.mark.parametrize("provider", ["ga4", "google-ads"])
async def test_who_can_read_several_chooses_one(ana: Browser, provider: str) -> None:
    answer = await connect(ana, provider)
    assert answer.headers["location"].startswith(f"/connectors/{provider}/choose?") and outcome_of(answer) == "pick"
    shown = await follow(ana, answer)
    chosen = re.findall(r'name="account" value="(\d+)" required>', shown)
    assert len(chosen) > 2
    fields = {"account": chosen[-1], "client_id": ana.client_id, "csrf_token": ana.csrf}
    saved = await ana.form(f"/connectors/{provider}/choose", **fields)
    assert saved.status_code == 303 and outcome_of(saved) == "chosen"
    assert "The choice was saved." in await follow(ana, saved)
    assert (await state_of(ana, provider))["account_id"] == chosen[-1]


async def test_google_is_asked_for_exactly_what_is_needed(ana: Browser) -> None:
    from urllib.parse import parse_qs, urlsplit

    asked = parse_qs(urlsplit(await at_google(ana, "google-ads")).query)
    assert set(asked["scope"][0].split()) == {"openid", "email", SCOPES["google-ads"]}
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert asked["include_granted_scopes"] == ["true"] and asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{LOOPBACK}/api/connectors/google-ads/oauth/callback"]


async def test_the_api_connects_as_the_page_does(ana: Browser) -> None:
    answer = await ana.get("/api/connectors/ga4/auth-url")
    assert answer.headers["cache-control"] == "no-store"
    await ana.page(path_of(consent(answer.json()["url"], AGENCY)))
    found = (await ana.get("/api/connectors/ga4/properties")).json()["properties"]
    assert {"410000001", "410000002"} <= {each["id"] for each in found}
    chosen = await ana.post("/api/connectors/ga4/property", {"id": "410000002"})
    assert chosen.json()["account_id"] == "410000002" and not chosen.json()["needs_choice"]
    ended = await ana.call("DELETE", "/api/connectors/ga4")
    assert ended.json() == {"state": "disconnected", "revoked": True, "kept": None}
    again = await ana.call("DELETE", "/api/connectors/ga4")
    assert again.status_code == 200 and again.json()["kept"] == "no_grant"


@pytest.mark.parametrize("given", ["G-ABC123", "UA-1234-1", "999999999999999", "410000001 OR 1=1", "x" * 64])
async def test_an_id_that_cannot_be_read_is_refused_and_changes_nothing(ana: Browser, given: str) -> None:
    await connect(ana, "ga4", ONE_CLIENT)
    answer = await ana.post("/api/connectors/ga4/property", {"id": given})
    assert answer.status_code in (422, 502), answer.text
    form = {"account": given, "client_id": ana.client_id, "csrf_token": ana.csrf}
    page = await ana.form("/connectors/ga4/choose", **form)
    assert page.status_code == answer.status_code and 'role="alert"' in page.text
    assert (await state_of(ana))["account_id"] == "410000001"


async def test_the_page_loaded_again_says_that_it_is_connected(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), ONE_CLIENT))
    assert outcome_of(await ana.page(back)) == "connected"
    for _ in range(2):
        again = await ana.page(back)
        assert again.status_code == 303 and outcome_of(again) == "already_connected"
    assert "loading the page again changed nothing" in await follow(ana, again)


async def test_the_same_answer_twice_at_once_counts_once(ana: Browser, emulator_faults: ControlClient) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), ONE_CLIENT))
    answers = await asyncio.gather(*(ana.page(back) for _ in range(5)))
    outcomes = sorted(outcome_of(answer) for answer in answers)
    assert outcomes.count("connected") == 1 and set(outcomes) <= {"connected", "used", "already_connected"}
    assert (await state_of(ana))["state"] == "connected"


async def test_an_answer_used_up_in_vain_says_so(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY, deny=True))
    assert outcome_of(await ana.page(back)) == "denied"
    again = await ana.page(back)
    assert outcome_of(again) == "used" and "taken already" in await follow(ana, again)


async def test_a_no_changes_nothing_and_is_said(ana: Browser) -> None:
    answer = await connect(ana, "google-ads", deny=True)
    assert outcome_of(answer) == "denied" and "Cancel" in await follow(ana, answer)
    assert (await state_of(ana, "google-ads"))["state"] == "not_connected"


async def test_a_no_when_reconnecting_keeps_what_stands(ana: Browser) -> None:
    await connect(ana, "ga4", ONE_CLIENT)
    assert outcome_of(await connect(ana, "ga4", ONE_CLIENT, deny=True)) == "denied"
    assert (await state_of(ana))["state"] == "connected"


@pytest.mark.parametrize(("provider", "box"), [("ga4", "Google Analytics data"), ("google-ads", "AdWords campaigns")])
async def test_a_box_that_was_not_ticked_is_named(ana: Browser, provider: str, box: str) -> None:
    answer = await connect(ana, provider, untick=[SCOPES[provider]])
    assert outcome_of(answer) == "missing_scope"
    shown = await follow(ana, answer)
    assert box in shown and 'data-state="missing_scope"' in shown
    found = await state_of(ana, provider)
    assert found["state"] == "missing_scope" and found["missing_scopes"] == [SCOPES[provider]]
    assert outcome_of(await connect(ana, provider)) == "pick"


async def test_a_google_account_with_nothing_to_read_is_told_so(ana: Browser) -> None:
    shown = await follow(ana, await connect(ana, "ga4", NOTHING))
    assert "can read no Analytics property" in shown


@pytest.mark.parametrize(
    ("fault", "times", "outcome"),
    [("503", 9, "provider_down"), ("invalid_grant", 1, "code_refused"), ("garbage", 9, "code_refused")],
)
async def test_google_in_trouble_is_said(
    ana: Browser, emulator_faults: ControlClient, fault: str, times: int, outcome: str
) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    emulator_faults.add("Token", fault, times)
    answer = await ana.page(back)
    assert answer.status_code == 303 and outcome_of(answer) == outcome
    assert 'role="alert"' in await follow(ana, answer)
    assert (await state_of(ana))["state"] == "not_connected"


async def test_a_code_changed_on_its_way_is_refused(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    answer = await ana.page(re.sub(r"code=[^&]+", "code=4%2Ftampered", back))
    assert outcome_of(answer) == "code_refused" and (await state_of(ana))["state"] == "not_connected"


async def test_a_code_of_another_persons_consent_is_refused(api: Camarad, ana: Browser) -> None:
    """The verifier is in the state: a code from another flow does not fit it."""
    mine = path_of(consent(await at_google(ana, "ga4"), ONE_CLIENT))
    other = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    swapped = re.sub(r"code=[^&]+", re.search(r"code=[^&]+", other)[0], mine)  # type: ignore[index]
    assert outcome_of(await ana.page(swapped)) == "code_refused"


async def test_another_browser_cannot_finish_it(api: Camarad, ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    stranger = api.browser()
    for cookie in ({}, {BROWSER: "x" * 43}, {BROWSER: "nonsense"}):
        stranger.http.cookies.update(cookie)
        answer = await stranger.page(back)
        assert answer.status_code == 403 and "begun in another browser" in answer.text
    assert outcome_of(await ana.page(back)) == "pick", "what a stranger tried uses nothing up"


async def test_another_person_in_the_same_browser_cannot_finish_it(api: Camarad, ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    bob = await api.sign_up("bob@example.com")
    bob.http.cookies.set(BROWSER, ana.http.cookies[BROWSER])
    answer = await bob.page(back)
    assert answer.status_code == 403 and "begun by somebody else" in answer.text
    assert outcome_of(await ana.page(back)) == "pick"


async def test_a_sign_in_that_ended_meanwhile_is_said(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    await ana.post("/api/auth/logout")
    answer = await ana.page(back)
    assert answer.status_code == 401 and "sign-in ended" in answer.text
    assert 'href="/login?next=/connectors"' in answer.text


async def test_a_client_archived_meanwhile_gets_no_connection(api: Camarad, ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    await ana.call("DELETE", f"/api/clients/{ana.client_id}")
    answer = await ana.page(back)
    assert answer.status_code == 403 and "not one of yours any more" in answer.text


async def test_a_client_moved_to_another_workspace_gets_no_connection(api: Camarad, ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    bob = await api.sign_up("bob@example.com")
    theirs = (await bob.get("/api/auth/status")).json()["workspace"]["id"]
    async with api.services.database.write() as session:
        (await session.get_one(Client, ana.client_id)).workspace_id = theirs
    assert (await ana.page(back)).status_code == 403


async def test_two_tabs_on_two_clients_each_connect_their_own(ana: Browser) -> None:
    first = ana.client_id
    one = path_of(consent(await at_google(ana, "ga4"), ONE_CLIENT))
    second = await ana.new_client("Other")
    two = path_of(consent(await at_google(ana, "ga4"), AGENCY))
    assert f"client={second}" in (await ana.page(two)).headers["location"]
    assert f"client={first}" in (await ana.page(one)).headers["location"]
    assert (await state_of(ana))["email"] == AGENCY
    ana.client_id = first
    assert (await state_of(ana))["email"] == ONE_CLIENT


async def test_another_workspaces_client_cannot_be_connected(api: Camarad, ana: Browser) -> None:
    bob = await api.sign_up("bob@example.com")
    foreign = await bob.new_client("Theirs")
    for client in (foreign, "no-such", ""):
        for step in ("connect", "choose"):
            answer = await ana.page(f"/connectors/ga4/{step}?client={client}")
            assert answer.headers["location"] == "/connectors?provider=ga4&outcome=which_client", (client, step)
        assert "Choose a client first." in await follow(ana, answer)
        form = {"client_id": client, "csrf_token": ana.csrf, "account": "410000001"}
        for action in ("disconnect", "choose", "gateway"):
            assert (await ana.form(f"/connectors/ga4/{action}", **form)).status_code == 404, action


async def test_without_a_client_the_active_one_is_connected(ana: Browser) -> None:
    await ana.page(f"/connectors?client={ana.client_id}")
    answer = await ana.page("/connectors/ga4/connect")
    back = await ana.page(path_of(consent(answer.headers["location"], ONE_CLIENT)))
    assert outcome_of(back) == "connected" and (await state_of(ana))["email"] == ONE_CLIENT
    assert (await ana.page("/connectors/ga4/choose")).status_code == 200


@pytest.mark.parametrize("provider", ["ga4", "google-ads"])
async def test_another_google_account_that_cannot_read_what_was_chosen_is_told_so(ana: Browser, provider: str) -> None:
    await connect(ana, provider, ONE_CLIENT)
    answer = await connect(ana, provider, NETWORK)
    assert outcome_of(answer) == "no_access"
    shown = await follow(ana, answer)
    assert "this Google account cannot read what was chosen for Acme" in shown and 'data-state="no_access"' in shown
    assert f'href="/connectors/{provider}/choose?client=' in shown
    found = await state_of(ana, provider)
    assert (found["state"], found["reason"], found["email"]) == ("no_access", "not_reached", NETWORK)
    assert outcome_of(await connect(ana, provider, ONE_CLIENT)) == "connected"
    assert (await state_of(ana, provider))["state"] == "connected"


async def test_the_account_chosen_before_is_read_by_the_new_accounts_own_way(ana: Browser) -> None:
    await connect(ana, "google-ads", ONE_CLIENT)
    assert (await state_of(ana, "google-ads"))["login_account_id"] is None
    assert outcome_of(await connect(ana, "google-ads", AGENCY)) == "connected"
    found = await state_of(ana, "google-ads")
    assert (found["account_id"], found["login_account_id"]) == ("4100000011", "9000000001")
    assert (await ana.get("/api/connectors/google-ads/overview")).status_code == 200


async def test_a_google_that_is_down_after_the_consent_takes_nothing_away(
    ana: Browser, emulator_faults: ControlClient
) -> None:
    await connect(ana, "ga4", ONE_CLIENT)
    emulator_faults.add("GetProperty", "unavailable", times=50)
    assert outcome_of(await connect(ana, "ga4", ONE_CLIENT)) == "connected"


async def test_a_state_of_ours_that_is_over_is_told_apart_from_one_that_is_not_ours(api: Camarad, ana: Browser) -> None:
    clock = api.services.clock
    old = flow(clock, at=int((clock.now() - timedelta(minutes=11)).timestamp()))
    expired = await ana.page(f"{CALLBACK}?state={api.services.states.seal(old)}&code=x")
    assert expired.status_code == 400 and "longer than ten minutes" in expired.text
    forged = await ana.page(f"{CALLBACK}?state=gAAAAAforged&code=x")
    assert forged.status_code == 400 and "changed on its way" in forged.text
    assert 'href="/connectors"' in forged.text


@pytest.mark.parametrize("path", [CALLBACK, "/api/connectors/google-ads/oauth/callback", "/api/auth/google/callback"])
@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
async def test_a_bare_callback_is_refused_and_kept_by_nobody(api: Camarad, path: str, accept: str) -> None:
    browser = api.browser()
    for method in ("GET", "HEAD"):
        answer = await browser.http.request(method, path, headers={"Accept": accept})
        assert answer.status_code == 400
        assert answer.headers["cache-control"] == answer.headers["cdn-cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache" and "Cookie" in answer.headers["vary"]
    answer = await browser.http.get(path, headers={"Accept": accept})
    if accept == "text/html":
        assert "<h1>" in answer.text
    else:
        assert code(answer) == "oauth_bare"


async def test_a_look_at_a_callback_uses_nothing_up(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), ONE_CLIENT))
    assert (await ana.http.head(back)).status_code == 204
    assert outcome_of(await ana.page(back)) == "connected"


async def test_a_connector_that_does_not_exist_is_a_page_for_people_and_json_for_programs(ana: Browser) -> None:
    page = await ana.page("/api/connectors/nonsense/oauth/callback?state=a&code=b")
    assert page.status_code == 404 and "There is no such connector." in page.text
    for path in ("/connectors/nonsense/connect", "/connectors/nonsense/choose", "/connectors/nonsense"):
        shown = await ana.page(f"{path}?client={ana.client_id}")
        assert shown.status_code == 404 and "<h1>" in shown.text
    for method, path in (("GET", "auth-url"), ("GET", "status"), ("DELETE", "")):
        answer = await ana.call(method, f"/api/connectors/nonsense/{path}".rstrip("/"))
        assert answer.status_code == 404 and code(answer) == "unknown_connector"


async def test_programs_get_errors_as_json(ana: Browser) -> None:
    back = path_of(consent(await at_google(ana, "ga4"), AGENCY, deny=True))
    denied = await ana.get(back, Accept="application/json")
    assert denied.status_code == 403 and code(denied) == "oauth_denied"
    used = await ana.get(back, Accept="application/json")
    assert used.status_code == 409 and code(used) == "oauth_used"


async def test_an_answer_for_a_sibling_host_is_sent_to_it_once_and_to_no_other(
    settings: Settings, sqlite_url: str, model_server: ModelServer, oauth_url: str, emulator: EmulatorProcess
) -> None:
    more = {"camarad_demo": True, "public_hosts": ["one.example", "two.example"]}
    changed = hosted(settings, model_server, emulator_oauth_url=oauth_url, emulator_address=emulator.address, **more)
    async with running(changed) as api:
        browser, seal, clock = api.browser(), api.services.states.seal, api.services.clock
        for target, status in (("https://one.example", 307), ("https://evil.example", 400), ("http://localhost", 307)):
            state = seal(flow(clock, redirect_uri=f"{target}{CALLBACK}"))
            answer = await browser.http.get(f"{CALLBACK}?state={state}&code=x", headers={"Host": "two.example"})
            assert answer.status_code == status, target
            assert answer.headers["cache-control"] == answer.headers["cdn-cache-control"] == "no-store"
            if status == 307:
                assert answer.headers["location"].startswith(f"{target}{CALLBACK}?state=")
        moved = seal(flow(clock, redirect_uri=f"https://one.example{CALLBACK}"))
        looped = await browser.http.get(f"{CALLBACK}?state={moved}&code=x&moved=1", headers={"Host": "two.example"})
        assert looped.status_code == 400, "two hosts never send an answer to and fro"


async def test_a_flood_of_forged_answers_reads_no_database(api: Camarad, monkeypatch: pytest.MonkeyPatch) -> None:
    attacker = api.browser("203.0.113.9")
    attacker.http.cookies.set("camarad_session", "x" * 43)

    def touched(*_: object) -> None:
        raise AssertionError("the database was asked")

    for name in ("read", "write", "transact"):
        monkeypatch.setattr(api.services.database, name, touched)
    for number in range(ALLOWED):
        assert (await attacker.page(f"{CALLBACK}?state=forged{number}&code=x")).status_code == 400
    refused = await attacker.page(f"{CALLBACK}?state=forged&code=x")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    assert (await api.browser("203.0.113.10").page(f"{CALLBACK}?state=forged&code=x")).status_code == 400


async def test_states_that_are_over_leave_no_rows(api: Camarad, ana: Browser) -> None:
    await connect(ana, "ga4", deny=True)
    async with api.services.database.write() as session:
        row = await session.scalar(select(OAuthState))
        assert row is not None and row.used_at is not None
        row.expires_at = api.services.clock.now() - timedelta(hours=2)
    await connect(ana, "ga4", deny=True)
    async with api.services.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OAuthState)) == 1


async def test_the_browsers_cookie_is_one_for_two_tabs(ana: Browser) -> None:
    await at_google(ana, "ga4")
    first = ana.http.cookies[BROWSER]
    answer = await ana.page(f"/connectors/ga4/connect?client={ana.client_id}")
    assert ana.http.cookies[BROWSER] == first and len(fingerprint(first)) == 64
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said and "samesite=lax" in said


async def test_disconnecting_from_the_page_asks_google_to_end_it(ana: Browser, emulator_faults: ControlClient) -> None:
    form = {"client_id": ana.client_id, "csrf_token": ana.csrf}
    await connect(ana, "ga4", ONE_CLIENT)
    await connect(ana, "google-ads", ONE_CLIENT)
    first = await ana.form("/connectors/ga4/disconnect", **form)
    assert outcome_of(first) == "forgotten" and "Another connection uses the same permission" in await follow(
        ana, first
    )
    assert (await state_of(ana, "google-ads"))["state"] == "connected"
    second = await ana.form("/connectors/google-ads/disconnect", **form)
    assert outcome_of(second) == "disconnected" and "Google was told to end" in await follow(ana, second)
    assert outcome_of(await ana.form("/connectors/google-ads/disconnect", **form)) == "removed"
    assert outcome_of(await connect(ana, "ga4", ONE_CLIENT)) == "connected"


async def test_a_banner_never_contradicts_the_card(ana: Browser) -> None:
    for query in ("outcome=connected&provider=ga4", "outcome=nonsense&provider=ga4", "outcome=denied&provider=x"):
        shown = (await ana.page(f"/connectors?client={ana.client_id}&{query}")).text
        assert 'class="notice' not in shown


async def test_every_answer_on_the_way_is_kept_by_nobody(ana: Browser) -> None:
    client = f"?client={ana.client_id}"
    paths = ("/connectors", f"/connectors/ga4/connect{client}", f"/connectors/ga4/choose{client}", "/login", "/signup",
             "/api/connectors/ga4/auth-url", "/api/connectors/ga4/status", "/api/connectors/nonsense/auth-url",
             "/api/auth/google/start", "/api/auth/status", "/connectors/nonsense/x",
             "/settings/google/link")  # fmt: skip
    for path in paths:
        answer = await ana.get(path)
        assert answer.headers["cache-control"] == answer.headers["cdn-cache-control"] == "no-store", path
        assert answer.headers["pragma"] == "no-cache" and "Cookie" in answer.headers["vary"], path


async def test_the_gateway_is_offered_where_there_is_one_and_its_trouble_is_said(
    settings: Settings, sqlite_url: str, model_server: ModelServer, oauth_url: str, emulator: EmulatorProcess
) -> None:
    changes = {"camarad_demo": True, "emulator_oauth_url": oauth_url, "emulator_address": emulator.address}
    base = hosted(settings, model_server, **changes)
    async with running(base.model_copy(update={"gateway_enabled": True, "gateway_url": "grpc://127.0.0.1:1"})) as api:
        ana = await api.sign_up()
        await ana.new_client("Acme")
        await connect(ana, "ga4", ONE_CLIENT)
        form = {"client_id": ana.client_id, "csrf_token": ana.csrf}
        shown = (await ana.page("/connectors")).text
        assert shown.count("Read through the gateway") == 2
        answer = await ana.form("/connectors/ga4/gateway", use="yes", **form)
        assert outcome_of(answer) == "through_gateway" and "through the gateway now" in await follow(ana, answer)
        assert (await state_of(ana))["source"] == "gateway"
    async with running(base) as api:
        again = api.browser()
        await again.log_in("ana@example.com")
        shown = (await again.page("/connectors")).text
        assert "The gateway is switched off on this server." in shown and "own permission at Google is used" in shown
        form = {"client_id": ana.client_id, "csrf_token": again.csrf}
        assert outcome_of(await again.form("/connectors/ga4/gateway", use="no", **form)) == "through_google"
        refused = await again.form("/connectors/ga4/gateway", use="yes", **form)
        assert refused.status_code == 503 and "<h1>" in refused.text


@pytest.mark.parametrize("scopes", [["read"], ["read", "chat", "manage"]])
async def test_an_api_key_connects_no_google_account(api: Camarad, ana: Browser, scopes: list[str]) -> None:
    """All of the round trip are GETs: what only reads would decide whose figures the agents read from then on."""
    secret = (await ana.post("/api/keys", {"name": "Leaked", "scopes": scopes})).json()["secret"]
    begun = await at_google(ana, "ga4")
    thief = api.browser()
    thief.http.headers["Authorization"] = f"Bearer {secret}"
    refused = await thief.page(f"/connectors/ga4/connect?client={ana.client_id}")
    assert refused.status_code == 403 and "location" not in refused.headers
    thief.http.cookies.set(BROWSER, ana.http.cookies[BROWSER])
    assert (await thief.page(path_of(consent(begun, AGENCY)))).status_code == 401
    assert (await state_of(ana))["state"] == "not_connected"
