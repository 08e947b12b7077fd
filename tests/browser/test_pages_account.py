"""Accounts and clients as a person meets them: real Chromium, the whole product, with and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NEW_PASSWORD = "correct horse battery"
OTHER_PASSWORD = "another horse, another battery"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def newcomer(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Page]:
    """Someone without an account. Nothing they do may leave this host or put an error on the console."""
    context = browser.new_context(locale="en-GB", base_url=product.url, java_script_enabled=request.param)
    context.set_default_timeout(30_000)
    page, troubles = context.new_page(), list[str]()
    page.on("request", lambda sent: troubles.append(sent.url) if product.pages_left(sent.url) else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    assert [t for t in troubles if "status of 4" not in t] == []  # an answer 401 to a wrong password is meant


def sign_up(page: Page) -> str:
    email = f"ana-{uuid4().hex[:8]}@example.com"
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Start free").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_label("Workspace").fill("Ana's agency")
    page.get_by_role("button", name="Make my account").click()
    expect(page).to_have_url(re.compile(r"/app$"))
    return email


def make_client(page: Page, name: str) -> None:
    page.goto("/app")
    page.locator("section[aria-labelledby=new]").get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make client").click()
    expect(page.get_by_role("status")).to_have_text("The client was made.")


def test_signing_up_making_a_client_and_opening_its_chat(newcomer: Page) -> None:
    sign_up(newcomer)
    expect(newcomer.get_by_role("heading", name="No clients yet")).to_be_visible()
    expect(newcomer.locator(".head")).to_contain_text("Ana's agency")
    make_client(newcomer, "Acme & Sons <b>")
    expect(newcomer.get_by_role("heading", name="Acme & Sons <b>")).to_be_visible()
    expect(newcomer.locator(".connections .chip")).to_have_text(["not connected", "not connected"])
    newcomer.get_by_role("link", name="Open chat for Acme").click()
    expect(newcomer).to_have_url(re.compile(r"/c/[^/]+/chat/"))


def test_a_client_is_renamed_and_archived(newcomer: Page) -> None:
    sign_up(newcomer)
    make_client(newcomer, "Acme")
    card = newcomer.locator("article.client")
    card.locator("summary").click()
    card.get_by_label("Name").fill("Acme Group")
    card.get_by_role("button", name="Rename").click()
    expect(newcomer.get_by_role("heading", name="Acme Group")).to_be_visible()
    newcomer.locator("article.client summary").click()
    newcomer.get_by_role("button", name="Archive").click()
    expect(newcomer.get_by_role("status")).to_have_text("The client was archived.")
    expect(newcomer.locator("article.client")).to_have_count(0)


def test_a_bad_field_is_named_and_what_was_typed_stays(newcomer: Page) -> None:
    sign_up(newcomer)
    form = newcomer.locator("section[aria-labelledby=new]")
    form.get_by_label("Name").fill("Acme")
    form.get_by_label("Currency").fill("XQZ")
    newcomer.get_by_role("button", name="Make client").click()
    expect(newcomer.get_by_role("alert")).to_contain_text("Write a currency of three letters")
    expect(form.get_by_label("Currency")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Name")).to_have_value("Acme")


def test_a_client_without_connections_is_told_so_and_what_works_meanwhile(newcomer: Page) -> None:
    sign_up(newcomer)
    make_client(newcomer, "Acme")
    newcomer.get_by_role("button", name="Connections of Acme").click()
    expect(newcomer).to_have_url(re.compile("/connectors$"))
    expect(newcomer.locator("section.card .chip.off")).to_have_text(["not connected", "not connected"])
    expect(newcomer.get_by_role("link", name="Connect Google Analytics 4")).to_be_visible()
    expect(newcomer.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_a_wrong_password_is_said_and_the_right_one_lets_in(newcomer: Page) -> None:
    newcomer.goto("/settings")
    expect(newcomer).to_have_url(re.compile(r"/login\?next=/settings"))
    newcomer.get_by_label("E-mail").fill(EMAIL)
    newcomer.get_by_label("Password").fill("not the password")
    newcomer.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(newcomer.get_by_role("alert")).to_contain_text("The e-mail or the password is wrong.")
    expect(newcomer.get_by_label("E-mail")).to_have_value(EMAIL)
    newcomer.get_by_label("Password").fill(PASSWORD)
    newcomer.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(newcomer).to_have_url(re.compile("/settings$"))
    newcomer.get_by_role("button", name="Sign out").click()
    newcomer.goto("/app")
    expect(newcomer).to_have_url(re.compile("/login"))


def test_ending_a_sign_in_elsewhere_ends_it_at_once(newcomer: Page, browser: Browser, product: Product) -> None:
    email = sign_up(newcomer)
    elsewhere: BrowserContext = browser.new_context(base_url=product.url)
    elsewhere.request.post("/api/auth/login", data={"email": email, "password": NEW_PASSWORD})
    other = elsewhere.new_page()
    other.goto("/settings")
    rows = newcomer.locator("section[aria-labelledby=sessions] tbody tr")
    newcomer.goto("/settings")
    expect(rows).to_have_count(2)
    rows.filter(has_not_text="this one").get_by_role("button").click()
    expect(newcomer.get_by_role("status")).to_have_text("The sign-in was ended.")
    expect(rows).to_have_count(1)
    other.reload()
    expect(other).to_have_url(re.compile("/login"))


def test_a_changed_password_ends_the_sign_in_elsewhere_and_not_this_one(
    newcomer: Page, browser: Browser, product: Product
) -> None:
    email = sign_up(newcomer)
    elsewhere: BrowserContext = browser.new_context(base_url=product.url)
    elsewhere.request.post("/api/auth/login", data={"email": email, "password": NEW_PASSWORD})
    newcomer.goto("/settings")
    form = newcomer.locator("section[aria-labelledby=own-password]")
    form.get_by_label("Current password").fill("not the password")
    form.get_by_label("New password", exact=True).fill(OTHER_PASSWORD)
    form.get_by_label("New password again").fill(OTHER_PASSWORD)
    form.get_by_role("button", name="Change the password").click()
    expect(newcomer.get_by_role("alert")).to_contain_text("The current password is wrong.")
    expect(form.get_by_label("Current password")).to_be_focused()
    expect(form.get_by_label("New password", exact=True)).to_have_value("")
    form.get_by_label("Current password").fill(NEW_PASSWORD)
    form.get_by_label("New password", exact=True).fill(OTHER_PASSWORD)
    form.get_by_label("New password again").fill(OTHER_PASSWORD)
    form.get_by_role("button", name="Change the password").click()
    expect(newcomer.get_by_role("status")).to_contain_text("The password was changed")
    newcomer.goto("/app")
    expect(newcomer).to_have_url(re.compile("/app$"))
    other = elsewhere.new_page()
    other.goto("/settings")
    expect(other).to_have_url(re.compile("/login"))


def test_the_language_is_switched_and_stays(newcomer: Page) -> None:
    newcomer.goto("/pricing")
    newcomer.get_by_role("button", name="Română").click()
    expect(newcomer).to_have_url(re.compile("/pricing$"))
    expect(newcomer.locator("html")).to_have_attribute("lang", "ro")
    newcomer.goto("/")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text(re.compile("Întreabă"))
    newcomer.get_by_role("button", name="English").click()
    expect(newcomer.locator("html")).to_have_attribute("lang", "en")
