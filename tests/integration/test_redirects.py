"""Every address that takes a `next`: nobody is led to another site by one, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urljoin, urlsplit

import pytest

from camarad.ids import new_id
from tests.support.product import ROOT
from tests.support.web import HOME, PASSWORD, Browser, Camarad

ELSEWHERE = (
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "\t//evil.example", "/%0d/evil.example", "/\r\nLocation: https://evil.example",
    "https:evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "//127.0.0.1@evil.example",
    "/.//evil.example", "/..//evil.example", "%2f%2fevil.example", "/%2fevil.example", "@evil.example", ".evil.example",
    "\u2044\u2044evil.example", "//\u3002evil.example",
)  # fmt: skip
Door = Callable[[Camarad, str], Awaitable[str]]  # gives where somebody is sent who came with that `next`


async def token(browser: Browser, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.page(path)).text)
    assert found is not None
    return found[1]


def a_new_address() -> str:
    return f"{new_id()}@example.com"


async def signing_in(api: Camarad, target: str) -> str:
    browser, email = api.browser(), a_new_address()
    await api.sign_up(email)
    csrf = await token(browser, "/login")
    sent = await browser.form("/login", email=email, password=PASSWORD, csrf_token=csrf, next=target)
    return str(sent.headers["location"])


async def signing_up(api: Camarad, target: str) -> str:
    browser = api.browser()
    csrf = await token(browser, "/signup")
    sent = await browser.form("/signup", email=a_new_address(), password=PASSWORD, csrf_token=csrf, next=target)
    return str(sent.headers["location"])


async def signed_in_already(api: Camarad, target: str) -> str:
    return str((await (await api.sign_up(a_new_address())).page(f"/login?next={quote(target)}")).headers["location"])


async def at_google_already(api: Camarad, target: str) -> str:
    browser = await api.sign_up(a_new_address())
    return str((await browser.page(f"/api/auth/google/start?next={quote(target)}")).headers["location"])


async def choosing_a_language(api: Camarad, target: str) -> str:
    browser = api.browser()
    csrf = await token(browser, "/")
    return str((await browser.form("/language", language="ro", csrf_token=csrf, next=target)).headers["location"])


async def choosing_a_client(api: Camarad, target: str) -> str:
    browser = await api.sign_up(a_new_address())
    client = await browser.new_client()
    sent = await browser.form("/connectors/client", client_id=client, csrf_token=browser.csrf, next=target)
    return str(sent.headers["location"])


DOORS: dict[str, tuple[Door, ...]] = {  # by the module that reads a `next`
    "web/pages/signin.py": (signing_in, signing_up, signed_in_already),
    "web/oauth/routes.py": (at_google_already,),
    "web/pages/public.py": (choosing_a_language,),
    "web/pages/connectors.py": (choosing_a_client,),
}


@pytest.mark.parametrize("door", [door for doors in DOORS.values() for door in doors])
async def test_nobody_is_led_to_another_site(api: Camarad, door: Door) -> None:
    for target in ELSEWHERE:
        led = await door(api, target)
        parts = urlsplit(urljoin(f"{HOME}/", led.replace("\\", "/")))
        assert parts.scheme == "http" and parts.netloc == urlsplit(HOME).netloc, (target, led)
        assert led.startswith("/") and not led.startswith("//"), (target, led)


async def test_a_path_of_ours_is_followed_by_all_of_them(api: Camarad) -> None:
    for doors in DOORS.values():
        for door in doors:
            assert await door(api, "/connectors/ga4?days=7") == "/connectors/ga4?days=7"


def test_no_other_module_reads_a_next() -> None:
    reading = re.compile(r"""(?:get|form_field)\((?:request, )?["'](?:next|back|return_to|redirect\w*|url)["']""")
    found = [path for path in (ROOT / "web").rglob("*.py") if reading.search(path.read_text("utf-8"))]
    assert {path.relative_to(ROOT).as_posix() for path in found} == DOORS.keys()
