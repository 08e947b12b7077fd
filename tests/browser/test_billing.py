"""Plans bought, changed, failed and cancelled on the hosted pages, as a person would, without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from camarad.ids import new_id
from tests.browser.conftest import PATIENCE
from tests.support.product import Product
from tools.emulator.stripe.process import StripeControl

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VISA, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
ASKS_BANK, FAILS_LATER = "4000 0027 6000 3184", "4000 0000 0000 0341"


@pytest.fixture
def buyer(browser: Browser, product: Product) -> Iterator[Page]:
    """An owner of a new workspace; their browser blocks what the pages' policy does not allow, and says so."""
    context: BrowserContext = browser.new_context(
        locale="en-GB", base_url=product.url, viewport={"width": 1280, "height": 900}, java_script_enabled=False
    )
    context.set_default_timeout(PATIENCE)
    given = {"email": f"{new_id()}@example.com", "password": "a password of some length", "workspace": "Acme"}
    answer = context.request.post("/api/auth/signup", data=given)
    assert answer.ok, answer.text()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    assert refused == []


def choose(page: Page, plan: str) -> None:
    page.goto("/pricing")
    page.get_by_role("button", name=f"Choose {plan}").click()
    expect(page.get_by_role("button", name="Subscribe")).to_be_visible()


def pay(page: Page, card: str = VISA) -> None:
    page.get_by_text(card, exact=True).click()
    page.locator("button.main").click()


def plan_card(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator("section[aria-labelledby=plan]").inner_text())


def bought(page: Page, plan: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(f"The {plan} plan holds from now on.")


def test_a_plan_is_bought_changed_cancelled_and_kept(buyer: Page) -> None:
    choose(buyer, "Starter")
    pay(buyer)
    bought(buyer, "Starter")
    assert "Active" in plan_card(buyer) and "Starter: €6 a month, without VAT" in plan_card(buyer)
    expect(buyer.locator("section[aria-labelledby=ledger]")).to_contain_text("CT of the paid month")
    buyer.get_by_role("link", name="Change to Pro").click()
    buyer.get_by_role("button", name="Pay and change to Pro").click()
    expect(buyer.get_by_role("status").first).to_contain_text("The plan was changed.")
    assert "Pro: €18 a month" in plan_card(buyer)
    buyer.get_by_role("link", name="Go down to Starter").click()
    buyer.get_by_role("button", name="Change to Starter").click()
    expect(buyer.get_by_role("status").first).to_contain_text("The change is planned.")
    assert "Starter from" in plan_card(buyer) and "Pro: €18" in plan_card(buyer)
    buyer.get_by_role("button", name="Stay on this plan").click()
    buyer.get_by_role("link", name="Cancel the plan").click()
    buyer.get_by_role("button", name="End the plan").click()
    expect(buyer.get_by_role("status").first).to_contain_text("The plan was cancelled.")
    assert "then the workspace is on Free" in plan_card(buyer)
    buyer.get_by_role("button", name="Keep the plan after all").click()
    expect(buyer.get_by_role("status").first).to_contain_text("The plan goes on.")
    with buyer.context.expect_page() as invoice:
        buyer.locator("section[aria-labelledby=invoices] a").first.click(modifiers=["Control"])
    expect(invoice.value.locator("main")).to_contain_text("Camarad")


def test_a_declined_card_an_abandoned_page_and_a_bank_that_asks(buyer: Page) -> None:
    choose(buyer, "Pro")
    pay(buyer, DECLINED)
    expect(buyer.get_by_role("alert")).to_contain_text("declined")
    buyer.get_by_text("Go back without paying").click()
    expect(buyer.get_by_role("status").first).to_contain_text("The payment page was left.")
    assert plan_card(buyer).startswith("Free No subscription")
    choose(buyer, "Pro")
    pay(buyer, ASKS_BANK)
    buyer.locator("main button").first.click()  # the bank's "complete"
    bought(buyer, "Pro")


def test_a_pack_is_bought_beside_the_free_plan(buyer: Page) -> None:
    buyer.goto("/settings/billing")
    buyer.get_by_role("button", name="Buy 5,000 CT").click()
    pay(buyer)
    expect(buyer.get_by_role("status").first).to_contain_text("5,000 CT are in the balance.")
    expect(buyer.locator("section[aria-labelledby=balance]")).to_contain_text("7,000 CT")
    buyer.get_by_label("Kind").select_option("topup")
    buyer.get_by_role("button", name="Show").click()
    expect(buyer.locator("section[aria-labelledby=ledger]")).to_contain_text("1 of 1 entries")
    with buyer.expect_download() as file:
        buyer.get_by_role("link", name="Download as CSV").click()
    assert file.value.suggested_filename == "camarad-ct-topup.csv"


def test_a_renewal_that_fails_is_told_everywhere_and_mended_at_the_portal(buyer: Page) -> None:
    """Last of its file: the emulator's clock goes on by a month, for everybody."""
    choose(buyer, "Starter")
    parts = urlsplit(buyer.url)
    emulator = StripeControl(f"{parts.scheme}://{parts.netloc}")
    pay(buyer, FAILS_LATER)
    bought(buyer, "Starter")
    emulator("advance", days=32)
    buyer.get_by_role("button", name="Ask Stripe again").click()
    expect(buyer.get_by_role("alert").first).to_contain_text("A payment failed.")
    assert "Payment late" in plan_card(buyer) and plan_card(buyer).startswith("Starter")
    buyer.goto("/app")
    expect(buyer.locator("main")).to_contain_text("A payment failed.")
    buyer.get_by_role("link", name="See plan and billing").click()
    with buyer.context.expect_page() as opened:
        buyer.get_by_role("link", name="Pay €6 now").click()
    opened.value.get_by_text(VISA, exact=True).click()
    opened.value.locator("button.main").click()
    expect(opened.value.locator("main")).to_contain_text("Paid")
    buyer.get_by_role("button", name="Ask Stripe again").first.click()
    expect(buyer.get_by_role("status").first).to_contain_text("Asked Stripe just now.")
    assert "Active" in plan_card(buyer)
