"""Signing in with Google and connecting a client in real Chromium: product and emulator, with and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PASSWORD = "correct horse battery"
PHONE = {"width": 390, "height": 800}


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def context(request: pytest.FixtureRequest, browser: Browser, product: Product) -> BrowserContext:
    made = browser.new_context(locale="en-GB", base_url=product.url, java_script_enabled=request.param)
    made.set_default_timeout(30_000)
    return made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of somebody without an account; nothing may be thrown and nothing refused by the page's own policy."""
    opened, troubles = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    assert troubles == []


def sign_up(page: Page, client: str = "Acme") -> None:
    page.goto("/signup")
    page.get_by_label("E-mail").fill(f"ana-{uuid4().hex[:8]}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.locator("section[aria-labelledby=new]").get_by_label("Name").fill(client)
    page.get_by_role("button", name="Make client").click()
    page.get_by_role("button", name=f"Connections of {client}").click()
    expect(page).to_have_url(re.compile("/connectors$"))


def decide(page: Page, user: str, allow: bool = True, untick: str = "") -> None:
    """On Google's page: the account, the boxes, the decision."""
    expect(page).to_have_url(re.compile("/o/oauth2/v2/auth"))
    page.locator(f'input[name=account][value="{user}"]').check(force=True)
    if untick:
        page.locator(f'input[name=scope][value$="{untick}"]').uncheck(force=True)
    page.locator(f"button[name=decision][value={'allow' if allow else 'deny'}]").click()


def forget_consents(page: Page) -> None:
    """What was granted once is granted again with the next consent; this Google is to know of nothing."""
    google = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    assert page.request.post(f"{google}/control/ForgetGrants", data={}).ok


def test_a_client_is_connected_chosen_changed_and_disconnected(page: Page) -> None:
    sign_up(page)
    ga4 = page.locator("section[aria-labelledby=ga4]")
    ga4.get_by_role("link", name="Connect Google Analytics 4").click()
    decide(page, "agency@camarad.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which property?")
    expect(page.get_by_role("status")).to_contain_text("One step is left")
    page.get_by_label("Lampadar Home").check()
    page.get_by_role("button", name="Read this one").click()
    expect(page.get_by_role("status")).to_contain_text("The choice was saved.")
    expect(ga4.locator(".chip").first).to_have_text("connected")
    expect(ga4).to_contain_text("agency@camarad.example")
    ga4.get_by_role("link", name="Another property").click()
    page.get_by_label("Gazeta Verde").check()
    page.get_by_role("button", name="Read this one").click()
    expect(ga4).to_contain_text("Gazeta Verde")
    page.reload()
    ga4.get_by_text("Disconnect", exact=False).first.click()
    ga4.get_by_role("button", name="Yes, disconnect Google Analytics 4").click()
    expect(page.get_by_role("status")).to_contain_text("was disconnected from Acme")
    expect(ga4.locator(".chip").first).to_have_text("disconnected")
    expect(ga4.get_by_role("link", name="Connect Google Analytics 4")).to_be_visible()


def test_a_no_and_a_box_left_empty_are_said_and_mended(page: Page) -> None:
    sign_up(page)
    ads = page.locator("section[aria-labelledby=google-ads]")
    ads.get_by_role("link", name="Connect Google Ads").click()
    decide(page, "marketing@lampadar.example", allow=False)
    expect(page.get_by_role("status")).to_contain_text("permission was not given")
    ads.get_by_role("link", name="Connect Google Ads").click()
    forget_consents(page)
    decide(page, "marketing@lampadar.example", untick="auth/adwords")
    expect(page.locator(".notice.warm")).to_contain_text("AdWords campaigns")
    expect(ads.locator(".chip").first).to_have_text("permission missing")
    ads.get_by_role("link", name="Connect Google Ads again").click()
    decide(page, "marketing@lampadar.example")
    expect(page.get_by_role("status")).to_contain_text("Google Ads is connected for Acme.")
    expect(ads.locator(".chip").first).to_have_text("connected")


def test_back_and_reload_after_connecting_end_well(page: Page) -> None:
    sign_up(page)
    page.get_by_role("link", name="Connect Google Analytics 4").click()
    with page.expect_request(re.compile("/oauth/callback")) as came:
        decide(page, "marketing@lampadar.example")
    expect(page.get_by_role("status")).to_contain_text("is connected for Acme")
    page.goto(came.value.url)
    expect(page.get_by_role("status")).to_contain_text("changed nothing")
    page.go_back()
    page.go_back()
    decide(page, "marketing@lampadar.example")
    expect(page.locator("section[aria-labelledby=ga4] .chip").first).to_have_text("connected")


def test_two_tabs_connect_two_clients(page: Page, context: BrowserContext) -> None:
    sign_up(page, "First")
    page.goto("/app")
    page.locator("section[aria-labelledby=new]").get_by_label("Name").fill("Second")
    page.get_by_role("button", name="Make client").click()
    other = context.new_page()
    page.get_by_role("button", name="Connections of First").click()
    page.get_by_role("link", name="Connect Google Analytics 4").click()
    other.goto("/app")
    other.get_by_role("button", name="Connections of Second").click()
    other.get_by_role("link", name="Connect Google Analytics 4").click()
    decide(page, "marketing@lampadar.example")
    expect(page.get_by_role("status")).to_contain_text("is connected for First")
    decide(other, "marketing@lampadar.example")
    expect(other.get_by_role("status")).to_contain_text("is connected for Second")


def test_a_newcomer_signs_in_with_google_and_comes_back_where_they_wanted(page: Page) -> None:
    page.goto("/settings")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_role("link", name="Continue with Google").click()
    decide(page, "empty@camarad.example")
    expect(page).to_have_url(re.compile("/settings$"))
    expect(page.locator("section[aria-labelledby=google]")).to_contain_text("empty@camarad.example")
    expect(page.locator("section[aria-labelledby=google]")).to_contain_text("only way to sign in")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login")
    page.get_by_role("link", name="Continue with Google").click()
    decide(page, "unverified@camarad.example")
    expect(page.get_by_role("heading", level=1)).to_contain_text("has not verified the e-mail")


def test_the_owner_of_an_address_takes_over_what_another_made(page: Page, context: BrowserContext) -> None:
    """The first run of the two takes the address over; in the second it is proven and signs in at once."""
    made = page.request.post(
        "/api/auth/signup", data={"email": "reader@camarad.example", "password": PASSWORD, "workspace": "Squat"}
    )
    context.clear_cookies()
    page.goto("/login")
    page.get_by_role("link", name="Continue with Google").click()
    decide(page, "reader@camarad.example")
    if made.ok:
        expect(page.get_by_role("heading", level=1)).to_have_text("There is an account with this e-mail already")
        page.get_by_label("Password").fill("a guess")
        page.get_by_role("button", name="Link and sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("password is wrong")
        page.get_by_label("I understand that this cannot be undone.").check()
        page.get_by_role("button", name="Take the account over").click()
    expect(page).to_have_url(re.compile("/app$"))
    refused = page.request.post("/api/auth/login", data={"email": "reader@camarad.example", "password": PASSWORD})
    assert refused.status == 401


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page) -> None:
    sign_up(page)
    page.get_by_role("link", name="Connect Google Ads").click()
    decide(page, "agency@camarad.example")
    page.set_viewport_size(PHONE)
    here = page.url
    for address in (here, "/connectors", "/login", "/settings", "/api/auth/google/callback"):
        page.goto(address)
        html = page.locator("html")
        assert html.bounding_box()["width"] <= PHONE["width"], address  # type: ignore[index]
        widths = [box["x"] + box["width"] for each in page.locator("main *").all() if (box := each.bounding_box())]
        assert max(widths) <= PHONE["width"] + 1, address
