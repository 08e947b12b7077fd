"""Pages and their forms, as a browser without script sends them."""

from __future__ import annotations

import re

import pytest

from tests.support.web import PASSWORD, Browser, Camarad

# litellm's own code, imported when its connections are closed without a call having been made
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")


async def token(browser: Browser, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.page(path)).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize(
    "path", ["/", "/pricing", "/login", "/signup", "/legal", "/privacy", "/terms", "/docs", "/chat-demo"]
)
async def test_public_pages_are_there_in_both_languages(api: Camarad, path: str, language: str) -> None:
    answer = await api.browser().page(path, **{"Accept-Language": language})
    assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text) and "<script" not in answer.text


async def test_a_person_signs_up_makes_a_client_and_signs_out_with_forms_alone(api: Camarad) -> None:
    browser = api.browser()
    sent = await browser.form(
        "/signup", email="ana@example.com", password=PASSWORD, csrf_token=await token(browser, "/signup")
    )
    assert sent.status_code == 303 and sent.headers["location"] == "/app"
    csrf = await token(browser, "/app")
    assert (await browser.form("/app/clients", name="Acme <b>", csrf_token=csrf)).status_code == 303
    assert "Acme &lt;b&gt;" in (await browser.page("/app")).text
    assert (await browser.page("/settings")).status_code == 200
    assert (await browser.form("/logout", csrf_token=csrf)).status_code == 303
    away = await browser.page("/app")
    assert away.status_code == 303 and away.headers["location"] == "/login?next=/app"


async def test_a_form_made_for_another_browser_is_refused(api: Camarad) -> None:
    foreign = await token(api.browser(), "/login")
    answer = await api.browser().form("/login", email="ana@example.com", password="x", csrf_token=foreign)
    assert answer.status_code == 403 and "text/html" in answer.headers["content-type"]


async def test_an_unknown_page_is_a_designed_error(api: Camarad) -> None:
    answer = await api.browser().page("/nothing", **{"Accept-Language": "ro"})
    assert answer.status_code == 404 and "Nu este nimic la această adresă" in answer.text


LINK = re.compile(r'(?:href|src|action)="([^"]*)"')
PRIVATE = ("/app", "/connectors", "/connectors/ga4", "/connectors/google-ads", "/settings", "/settings/billing")


async def crawl(browser: Browser, *starts: str) -> dict[str, int]:
    """Every address reached by links and pictures from the pages given, with its status."""
    waiting, found = [*starts], dict[str, int]()
    while waiting:
        path = waiting.pop()
        if path in found or path.startswith("/c/"):
            continue
        answer = await browser.page(path)
        found[path] = answer.status_code
        if "text/html" in answer.headers.get("content-type", ""):
            posts = set(re.findall(r'<form[^>]*action="([^"]+)"', answer.text))
            links = {link.partition("#")[0] for link in LINK.findall(answer.text)} - posts - {""}
            waiting += sorted(links)
    return found


@pytest.mark.parametrize("signed_in", [False, True])
async def test_no_link_of_any_page_leads_nowhere(api: Camarad, signed_in: bool) -> None:
    browser = await api.sign_up() if signed_in else api.browser()
    if signed_in:
        await browser.new_client()
    found = await crawl(browser, "/", "/chat-demo", "/docs", *(PRIVATE if signed_in else ()))
    assert {path: status for path, status in found.items() if status not in (200, 303)} == {}
    assert len(found) > 15 and (not signed_in or set(PRIVATE) <= found.keys())


async def test_every_anchor_of_a_page_is_on_it(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    for path in ("/", "/docs", *PRIVATE):
        for page, anchor in re.findall(r'href="([^"#]*)#([^"]+)"', (await ana.page(path)).text):
            assert f'id="{anchor}"' in (await ana.page(page or path)).text, (path, page, anchor)


async def test_every_form_of_a_page_is_answered_by_a_route(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    for path in ("/", "/login", "/signup", *PRIVATE):
        for action in set(re.findall(r'<form method="post" action="([^"]+)"', (await ana.page(path)).text)):
            answer = await ana.form(action, csrf_token="guess")
            assert answer.status_code == 403, (path, action)


async def test_pages_navigation_leads_to_every_private_page(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    assert set(PRIVATE) <= (await crawl(ana, "/app")).keys()


async def test_the_language_form_needs_its_token_signed_in_too(api: Camarad) -> None:
    ana = await api.sign_up()
    assert (await ana.form("/language", language="ro", next="/app")).status_code == 403
    assert (await ana.form("/language", language="ro", next="/app", csrf_token=ana.csrf)).status_code == 303
    assert '<html lang="ro">' in (await ana.page("/app")).text


async def test_the_links_of_tool_errors_and_of_empty_balances_are_pages(api: Camarad) -> None:
    from tools.registry import MEND, PAGES

    ana = await api.sign_up()
    for link in (*PAGES.values(), MEND, "/settings/billing"):
        assert (await ana.page(link)).status_code == 200
