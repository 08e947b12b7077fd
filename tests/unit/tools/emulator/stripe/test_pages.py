"""The hosted pages as a browser without script sees them: forms are read from the page and sent."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from tests.unit.tools.emulator.stripe.shop import ASKS, DECLINES, FAILS_LATER


class Form(HTMLParser):
    """The values of the first form of a page, as sent when nothing is touched; radio buttons give the ticked one."""

    def __init__(self, html: str, action: str | None = None) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.action = None
        self._wanted, self._inside = action, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside = self.action is None and (self._wanted is None or self._wanted in (found.get("action") or ""))
            if self._inside:
                self.action = found.get("action")
        elif tag == "input" and self._inside and (found.get("type") != "radio" or "checked" in found):
            self.values[found["name"] or ""] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"accept-language": "en"}, timeout=10) as client:
        yield client


def send(visitor: httpx.Client, page: httpx.Response, action: str | None = None, **chosen: str) -> httpx.Response:
    form = Form(page.text, action)
    target = page.url.join(form.action) if form.action else page.url
    return visitor.post(target, data={**form.values, **chosen})


async def test_the_page_says_that_no_money_moves_and_loads_nothing(shop, visitor):
    page = visitor.get((await shop.session()).url)
    assert "no money moves" in page.text
    assert "€6.00" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


async def test_a_person_who_pays_is_sent_back_with_the_session(shop, visitor):
    session = await shop.session()
    answer = send(visitor, visitor.get(session.url))
    assert answer.headers["location"] == f"http://127.0.0.1/ok?s={session.id}"
    done = await shop.v1.checkout.sessions.retrieve_async(session.id)
    assert (done.status, done.payment_status) == ("complete", "paid")
    assert "complete" in visitor.get(session.url).text


async def test_a_declined_card_is_told_on_the_page_and_another_may_be_tried(shop, visitor):
    session = await shop.session()
    declined = send(visitor, visitor.get(session.url), card=DECLINES)
    assert declined.status_code == 402
    assert 'role="alert">Your card was declined' in declined.text
    assert send(visitor, declined, number="5555 5555 5555 4444").status_code == 303


async def test_a_number_that_is_no_test_card_is_refused(shop, visitor):
    session = await shop.session()
    refused = send(visitor, visitor.get(session.url), number="4111111111111111")
    assert (refused.status_code, "none of Stripe&#39;s test cards" in refused.text) == (402, True)


async def test_the_bank_is_answered_on_a_page_of_its_own(shop, visitor):
    session = await shop.session()
    asked = send(visitor, visitor.get(session.url), card=ASKS)
    bank = visitor.get(asked.url.join(asked.headers["location"]))
    assert "Demo bank" in bank.text
    failed = visitor.post(bank.url, data={"decision": "fail"})
    back = visitor.get(failed.url.join(failed.headers["location"]))
    assert "could not confirm" in back.text
    assert (await shop.v1.checkout.sessions.retrieve_async(session.id)).status == "open"
    asked = send(visitor, back, card=ASKS)
    done = visitor.post(asked.url.join(asked.headers["location"]), data={"decision": "complete"})
    assert done.headers["location"].startswith("http://127.0.0.1/ok")


async def test_a_person_without_a_known_address_gives_one_and_becomes_a_customer(shop, visitor):
    session = await shop.v1.checkout.sessions.create_async(
        {
            "mode": "subscription",
            "line_items": [{"price": shop.prices["pro"].id, "quantity": 1}],
            "success_url": "http://127.0.0.1/ok",
        }
    )
    page = visitor.get(session.url)
    assert send(visitor, page).status_code == 400
    assert send(visitor, page, email="new@example.com", name="New Person").status_code == 303
    done = await shop.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["customer"]})
    assert (done.customer.email, done.customer.name) == ("new@example.com", "New Person")


async def test_a_session_expires_after_a_day_and_its_page_says_so(shop, visitor):
    session = await shop.session()
    shop.control("advance", days=1)
    assert (await shop.v1.checkout.sessions.retrieve_async(session.id)).status == "expired"
    assert visitor.get(session.url).status_code == 410
    assert "checkout.session.expired" in await shop.types()


async def test_pages_speak_romanian(shop, visitor):
    session = await shop.session(locale="ro")
    assert "6,00 EUR" in visitor.get(session.url).text


async def test_an_open_invoice_is_paid_on_its_page(shop, visitor):
    bought = await shop.subscribed(card=FAILS_LATER)
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    late = await shop.subscription(bought.id, "latest_invoice")
    page = visitor.get(late.latest_invoice.hosted_invoice_url)
    assert "Open" in page.text
    asked = send(visitor, page, card=ASKS)
    done = visitor.post(asked.url.join(asked.headers["location"]), data={"decision": "complete"}, follow_redirects=True)
    assert "Paid" in done.text
    assert (await shop.subscription(bought.id)).status == "active"
    printed = visitor.get(late.latest_invoice.invoice_pdf)
    assert printed.content.startswith(b"%PDF-1.4")
    assert printed.headers["content-type"] == "application/pdf"


async def test_an_unknown_page_is_not_found(shop, visitor):
    for path in ("/checkout/cs_test_none", "/portal/none", "/invoices/in_none/x", "/authenticate/pi_none_secret_x"):
        assert visitor.get(f"{shop.process.url}{path}").status_code == 404


async def test_another_host_name_is_refused(shop, visitor):
    answer = visitor.get(f"{shop.process.url}/checkout/x", headers={"host": "evil.example"})
    assert answer.status_code == 421
