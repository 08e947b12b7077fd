"""The pages of connections, and the list that programs get: one truth in two forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from camarad.scope import Scope
from tests.support.connections import connect
from tests.support.web import Browser, Camarad

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

READ_AT = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
ADS = {"account_name": "Lumina Ads", "currency": "RON", "timezone": "Europe/Bucharest", "last_read_at": READ_AT}
PAGES = ("/connectors", "/connectors/ga4", "/connectors/google-ads")


async def with_ads(api: Camarad, ana: Browser, **changes: object) -> str:
    """A client of Ana's with Google Ads and without Analytics."""
    client = await ana.new_client("Lumina")
    status = (await ana.get("/api/auth/status")).json()
    scope = Scope(status["user"]["id"], status["workspace"]["id"], client)
    await connect(api.services.database, scope, "google-ads", "7421000001", **ADS, **changes)
    return client


async def chosen(browser: Browser, client: str, back: str = "/connectors") -> str:
    """Choose a client as the page's form does, and give where it leads."""
    answer = await browser.form("/connectors/client", client_id=client, next=back, csrf_token=browser.csrf)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_connection_is_shown_with_its_facts(api: Camarad) -> None:
    ana = await api.sign_up()
    await with_ads(api, ana)
    shown = (await ana.page("/connectors")).text
    for fact in ("Lumina Ads", "7421000001", "RON", "Europe/Bucharest", "demo data", "19 Nov 2026, 08:30 UTC"):
        assert fact in shown
    assert "PPC Specialist" in shown and "Search terms" in shown and "What the agents can read" in shown


async def test_without_a_google_the_page_says_what_an_operator_sets_and_shows_no_dead_button(api: Camarad) -> None:
    ana = await api.sign_up()
    await with_ads(api, ana)
    shown = (await ana.page("/connectors")).text
    assert "Nothing is connected for Lumina yet." in shown
    assert "GOOGLE_OAUTH_CLIENT_ID" in shown and "http://127.0.0.1/api/connectors/ga4/oauth/callback" in shown
    assert "/connect?" not in shown and "/choose?" not in shown and "Continue with Google" not in shown
    for path in ("/connectors/ga4/connect", "/settings/google/link", "/api/auth/google/start"):
        answer = await (api.browser() if "start" in path else ana).page(f"{path}?client={ana.client_id}")
        assert answer.status_code == 503 and "is not set up on this server" in answer.text, path
    assert (await ana.get("/api/connectors/ga4/auth-url")).json()["error"]["code"] == "oauth_not_configured"


@pytest.mark.parametrize("state", ["expired", "reconnect", "missing_scope", "no_access"])
@pytest.mark.parametrize("language", ["en", "ro"])
async def test_each_trouble_of_a_connection_has_its_sentence(api: Camarad, state: str, language: str) -> None:
    ana = await api.sign_up()
    await with_ads(api, ana, state=state)
    ana.http.cookies.set("camarad_language", language)
    shown = (await ana.page("/connectors")).text
    assert "Lumina Ads" in shown and f'data-state="{state}"' in shown
    assert ("Google Ads" in shown) and shown.count('class="chip warm"') == 1


async def test_the_list_and_the_page_say_the_same(api: Camarad) -> None:
    ana = await api.sign_up()
    await with_ads(api, ana)
    listed = {c["provider"]: c for c in (await ana.get("/api/connectors/list")).json()["connectors"]}
    ads, ga4 = listed["google-ads"], listed["ga4"]
    assert ads["state"] == "connected" and ads["missing"] is None
    assert ads["last_read_at"].startswith("2026-11-19T08:30:00") and ads["source"] == "demo"
    assert ga4["state"] == "not_connected" and "at /connectors" in ga4["missing"]
    assert ga4["source"] is ga4["account_id"] is ga4["last_read_at"] is None
    shown = (await ana.page("/connectors")).text
    assert all(str(ads[field]) in shown for field in ("account_id", "account_name", "currency", "timezone"))


async def test_choosing_a_client_changes_the_page_and_comes_back_to_it(api: Camarad) -> None:
    ana = await api.sign_up()
    first = await with_ads(api, ana)
    second = await ana.new_client("Bare")
    assert await chosen(ana, second, "/connectors/google-ads") == "/connectors/google-ads"
    assert "connected for Bare" in (await ana.page("/connectors")).text
    await chosen(ana, first)
    assert "Lumina Ads" in (await ana.page("/connectors")).text


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example", "/logout", "/connectors\\evil", ""])
async def test_choosing_a_client_leads_nowhere_else(api: Camarad, back: str) -> None:
    ana = await api.sign_up()
    assert await chosen(ana, await ana.new_client(), back) == "/connectors"


async def test_another_workspaces_client_cannot_be_chosen(api: Camarad) -> None:
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    foreign = await with_ads(api, bob)
    mine = await ana.new_client("Mine")
    answers = [
        await ana.form("/connectors/client", client_id=client, csrf_token=ana.csrf) for client in (foreign, "no-such")
    ]
    assert [a.status_code for a in answers] == [404, 404] and "camarad_client" not in ana.http.cookies
    await chosen(ana, mine)
    stolen = bob.http.cookies.get("camarad_client") or ana.http.cookies["camarad_client"]
    bob.http.cookies.set("camarad_client", stolen)
    assert "Lumina Ads" in (await bob.page("/connectors")).text, "a cookie signed for another is no cookie"
    assert "Lumina" not in (await ana.page("/connectors")).text


async def test_an_archived_clients_cookie_falls_back_to_a_client_that_is_there(api: Camarad) -> None:
    ana = await api.sign_up()
    gone = await ana.new_client("Gone")
    await chosen(ana, gone)
    await ana.call("DELETE", f"/api/clients/{gone}")
    await ana.new_client("Here")
    shown = (await ana.page("/connectors")).text
    assert "Here" in shown and "Gone" not in shown


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_client_the_page_says_to_make_one(api: Camarad, path: str) -> None:
    ana = await api.sign_up()
    answer = await ana.page(path)
    assert answer.status_code == 200 and 'href="/app#new"' in answer.text


@pytest.mark.parametrize("path", (*PAGES, "/settings/billing"))
async def test_a_visitor_is_taken_to_sign_in_and_back(api: Camarad, path: str) -> None:
    answer = await api.browser().page(path)
    assert answer.status_code == 303 and answer.headers["location"] == f"/login?next={path}"
    assert answer.headers["cache-control"] == "no-store"


async def test_choosing_a_client_needs_the_forms_token(api: Camarad) -> None:
    ana = await api.sign_up()
    answer = await ana.form("/connectors/client", client_id=await ana.new_client(), csrf_token="guess")
    assert answer.status_code == 403


async def test_billing_says_what_is_left_and_that_nothing_can_be_bought(api: Camarad) -> None:
    ana = await api.sign_up()
    shown = (await ana.page("/settings/billing")).text
    assert f"{api.services.settings.ct_welcome_grant:,} CT" in shown and "nothing can be bought here" in shown
