"""Stripe's pages as the emulator makes them, in a browser without script: paid, declined, asked by the bank, left."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tools.emulator.stripe.process import KEY, StripeProcess

pytestmark = pytest.mark.browser


class Shop:
    """A shop with two plans and one customer; `url` is where people come back to."""

    def __init__(self, process: StripeProcess, url: str) -> None:
        self._http = httpx.Client(base_url=process.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=20)
        self.control, self.url = process.control, url
        self.prices = {name: self._price(name, cents) for name, cents in (("Starter", 600), ("Pro", 1800))}
        self.customer = self.post("customers", email="owner@example.com", name="Owner")["id"]

    def _price(self, name: str, cents: int) -> str:
        product = self.post("products", name=name)["id"]
        given = {"product": product, "currency": "eur", "unit_amount": cents, "recurring[interval]": "month"}
        return str(self.post("prices", **given)["id"])

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        answer = self._http.post(f"/v1/{path}", data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> dict[str, Any]:
        return self._http.get(f"/v1/{path}").json()

    def session(self, plan: str = "Starter", **more: Any) -> dict[str, Any]:
        given = {"mode": "subscription", "customer": self.customer, "line_items[0][price]": self.prices[plan]}
        back = {"success_url": f"{self.url}/paid?s={{CHECKOUT_SESSION_ID}}", "cancel_url": f"{self.url}/left"}
        return self.post("checkout/sessions", **given, **back, **more)

    def portal(self) -> str:
        made = self.post("billing_portal/sessions", customer=self.customer, return_url=f"{self.url}/settings")
        return str(made["url"])

    def subscription(self) -> dict[str, Any]:
        (found,) = self.get("subscriptions?status=all")["data"]
        return found

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def way_back() -> Iterator[str]:
    """Where the shop's own pages would be."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Shop</title><h1>Back in the shop</h1>")

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def shop(stripe_account: StripeProcess, way_back: str) -> Iterator[Shop]:
    made = Shop(stripe_account, way_back)
    yield made
    made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Without script; what it asks of another host, or refuses by its policy, fails the test."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    left: list[str] = []
    opened.on("request", lambda one: left.append(one.url) if not one.url.startswith("http://127.0.0.1:") else None)
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert left == []
    assert [text for text in said if not text.startswith("Failed to load resource")] == []  # 402 and 410 are said so


def choose(page: Page, card: str) -> None:
    page.get_by_label(card).check()
    page.get_by_role("button", name="Subscribe").click()


def test_a_plan_is_paid_after_a_declined_card(page: Page, shop: Shop) -> None:
    session = shop.session()
    page.goto(session["url"])
    expect(page.get_by_text("No card is charged and no money moves")).to_be_visible()
    expect(page.get_by_role("heading", name="Subscribe to Starter")).to_be_visible()
    choose(page, "Card is declined")
    expect(page.get_by_role("alert")).to_contain_text("Your card was declined")
    choose(page, "Payment succeeds")
    expect(page.get_by_role("heading", name="Back in the shop")).to_be_visible()
    assert page.url == f"{shop.url}/paid?s={session['id']}"
    assert shop.subscription()["status"] == "active"


def test_the_bank_refuses_and_then_confirms(page: Page, shop: Shop) -> None:
    page.goto(shop.session()["url"])
    choose(page, "The bank asks first")
    expect(page.get_by_role("heading", name="Confirm your payment")).to_be_visible()
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_role("alert")).to_contain_text("could not confirm that it was you")
    choose(page, "The bank asks first")
    page.get_by_role("button", name="Complete authentication").click()
    expect(page.get_by_role("heading", name="Back in the shop")).to_be_visible()
    assert shop.subscription()["status"] == "active"


def test_one_who_leaves_has_bought_nothing_and_may_come_back(page: Page, shop: Shop) -> None:
    session = shop.session()
    page.goto(session["url"])
    page.get_by_role("link", name="Go back without paying").click()
    assert page.url == f"{shop.url}/left"
    assert shop.get(f"checkout/sessions/{session['id']}")["status"] == "open"
    shop.control("advance", days=1)
    page.goto(session["url"])
    expect(page.get_by_role("heading", name="This page has expired")).to_be_visible()


def test_in_the_portal_a_plan_is_changed_cancelled_and_kept(page: Page, shop: Shop) -> None:
    shop.control("pay", session=shop.session()["id"])
    page.goto(shop.portal())
    page.get_by_role("link", name="Change plan").click()
    page.get_by_role("link", name="Choose Pro").click()
    expect(page.get_by_text("you pay €12.00 today")).to_be_visible()
    page.get_by_role("button", name="Confirm the change").click()
    expect(page.get_by_text("€18.00 per month")).to_be_visible()
    page.get_by_role("link", name="Cancel plan").click()
    page.get_by_label("Why are you leaving?").select_option("unused")
    page.get_by_role("button", name="Cancel the plan").click()
    expect(page.get_by_text("Ends on 16 December 2026")).to_be_visible()
    page.get_by_role("button", name="Do not cancel").click()
    expect(page.get_by_text("Renews on 16 December 2026")).to_be_visible()
    page.get_by_role("link", name="Back to").click()
    assert page.url == f"{shop.url}/settings"
    assert shop.subscription()["items"]["data"][0]["price"]["id"] == shop.prices["Pro"]


def test_a_failed_renewal_is_paid_on_the_invoice(page: Page, shop: Shop) -> None:
    shop.control("pay", session=shop.session()["id"], card="4000000000000341")
    shop.control("advance", to=shop.subscription()["items"]["data"][0]["current_period_end"])
    page.goto(shop.portal())
    expect(page.get_by_text("The last payment failed")).to_be_visible()
    page.get_by_role("row", name="Open").get_by_role("link").click()
    page.get_by_role("button", name="Pay €6.00").click()
    expect(page.get_by_text("Amount paid")).to_be_visible()
    assert shop.subscription()["status"] == "active"


def test_on_a_phone_in_romanian_and_in_the_dark_nothing_is_cut_off(browser: Browser, shop: Shop) -> None:
    context = browser.new_context(
        locale="ro-RO", color_scheme="dark", viewport={"width": 360, "height": 740}, is_mobile=True
    )
    phone = context.new_page()
    shop.control("pay", session=shop.session()["id"])
    for url in (shop.session("Pro")["url"], shop.portal()):
        phone.goto(url)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(phone.get_by_role("heading", name="Metodă de plată")).to_be_visible()
    context.close()
