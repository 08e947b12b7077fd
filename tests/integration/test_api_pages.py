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
@pytest.mark.parametrize("path", ["/", "/pricing", "/login", "/signup", "/legal", "/privacy", "/terms", "/docs"])
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
