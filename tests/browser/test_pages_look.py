"""Every page on every screen: nothing wider than it, nothing too faint to read, everything reached by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import INTERNAL_TOKEN
from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PUBLIC = ("/", "/pricing", "/login", "/signup", "/legal", "/privacy", "/terms", "/docs", "/chat-demo")
PRIVATE = (
    *("/app", "/connectors", "/connectors/ga4", "/connectors/google-ads", "/settings", "/settings/billing"),
    *("/settings/billing/change?plan=pro", "/settings/members", "/settings/keys", "/settings/workspace"),
)
OPERATORS = ("/operations", "/operations/costs", "/operations/reversals")
LOOKS = [(1280, "light", "en"), (360, "dark", "ro"), (360, "light", "en"), (1280, "dark", "ro")]

CONTRAST = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
    if (!text || !e.checkVisibility() || e.closest("svg, option, datalist")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return bad;
}"""
UNNAMED = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select")]
  .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def looked_at(request: pytest.FixtureRequest, browser: Browser, product: Product) -> BrowserContext:
    width, scheme, language = request.param
    context = browser.new_context(
        base_url=product.url, viewport={"width": width, "height": 800}, color_scheme=scheme, locale="en-GB"
    )
    context.add_cookies([{"name": "camarad_language", "value": language, "url": product.url}])
    return context


def check(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert page.evaluate(CONTRAST) == [], path
    assert page.evaluate(UNNAMED) == [], path
    images = "[...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src)"
    assert page.evaluate(images) == [], path
    repeated = "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, n, all) => all.indexOf(id) !== n)"
    assert page.evaluate(repeated) == [], path


def test_every_page_fits_is_legible_and_says_nothing_on_the_console(
    looked_at: BrowserContext, product: Product
) -> None:
    page, troubles = looked_at.new_page(), list[str]()
    page.on("request", lambda sent: troubles.append(sent.url) if product.pages_left(sent.url) else None)
    page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda got: troubles.append(got.url) if got.status >= 400 else None)
    for path in PUBLIC:
        check(page, path)
    looked_at.request.post("/api/auth/login", data={"email": EMAIL, "password": PASSWORD})
    for path in PRIVATE:
        check(page, path)
    page.goto("/operations")
    page.locator("input[type=password]").fill(INTERNAL_TOKEN)
    page.locator("main form button").first.click()
    page.wait_for_url("**/operations/costs")
    for path in OPERATORS:
        check(page, path)
    assert troubles == []


def test_signing_in_and_choosing_a_client_by_keyboard_alone(visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto("/login?next=/connectors")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    _tab_to(page, "#email")
    page.keyboard.type(EMAIL)
    _tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/connectors$"))
    _tab_to(page, "#client")
    page.keyboard.type("Gazeta")
    _tab_to(page, ".switch button")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("What Camarad reads for Gazeta Verde.")
    expect(page.get_by_role("main")).to_contain_text("Nothing is connected for Gazeta Verde yet.")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_chat_of_every_card_and_the_links_of_its_welcome_open(page: Page) -> None:
    page.goto("/app")
    chats = [link.get_attribute("href") for link in page.locator("article.client .actions a").all()]
    assert len(chats) >= 4
    for chat in chats:
        assert chat is not None and page.request.get(chat).status == 200, chat
    page.goto("/c/demo-gazeta/chat/")
    connect = page.locator("#camarad-welcome a").first
    expect(connect).to_have_attribute("href", "/connectors/google-ads")
    connect.click()
    expect(page.get_by_role("main")).to_contain_text("No Google Ads account is connected for Gazeta Verde.")
    expect(page.get_by_role("link", name="Connect Google Ads")).to_be_visible()


def test_the_page_shows_a_read_the_chat_has_just_made(page: Page) -> None:
    page.goto("/c/demo-lampadar/chat/")
    expect(page.locator("html[data-chat-ready]")).to_have_count(1)
    page.fill("#chat-input", "How did our Google Ads do in the last 28 days?")
    page.click("#chat-submit")
    expect(page.locator("html[data-chat-turns='1']")).to_have_count(1, timeout=60_000)
    page.goto("/connectors")
    expect(page.locator("section[aria-labelledby=google-ads] .facts")).to_contain_text("UTC")
    page.goto("/settings")
    expect(page.locator("section[aria-labelledby=usage] tbody tr")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
