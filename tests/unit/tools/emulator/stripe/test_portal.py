from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.unit.tools.emulator.stripe.shop import ASKS, DECLINES, FAILS_LATER
from tests.unit.tools.emulator.stripe.test_pages import send


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"accept-language": "en"}, timeout=10, follow_redirects=True) as client:
        yield client


async def configured(shop, **features) -> str:
    products = [{"product": shop.prices[p].product, "prices": [shop.prices[p].id]} for p in ("starter", "pro")]
    given = {
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": products,
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
        },
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "payment_method_update": {"enabled": True},
        "invoice_history": {"enabled": True},
        **features,
    }
    made = await shop.v1.billing_portal.configurations.create_async({"features": given})
    return made.id


async def entered(shop, **more):
    given = {"customer": shop.customer.id, "return_url": "http://127.0.0.1/settings", **more}
    return await shop.v1.billing_portal.sessions.create_async(given)


async def test_without_a_configuration_everything_is_allowed_and_every_plan_offered(shop, visitor):
    bought = await shop.subscribed()
    session = await entered(shop)
    assert "Choose Pro" in visitor.get(f"{session.url}/change", params={"subscription": bought.id}).text
    listed = await shop.v1.billing_portal.configurations.list_async({"is_default": True})
    assert [one.id for one in listed.data] == [session.configuration]


async def test_the_portal_shows_plan_card_and_invoices(shop, visitor):
    await configured(shop)
    await shop.subscribed()
    page = visitor.get((await entered(shop)).url)
    for words in ("Starter", "€6.00", "Renews on 16 December 2026", "Visa ending in 4242", "-0001", "127.0.0.1"):
        assert words in page.text


async def test_a_dearer_plan_begins_at_once(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed()
    shop.control("advance", days=15)
    url = (await entered(shop)).url
    offers = visitor.get(f"{url}/change", params={"subscription": bought.id})
    assert "Choose Pro" in offers.text
    confirm = visitor.get(f"{url}/confirm", params={"subscription": bought.id, "price": shop.prices["pro"].id})
    assert "you pay €6.00 today" in confirm.text
    assert (await shop.subscription(bought.id))["items"].data[0].price.id == shop.prices["starter"].id
    assert "Pro" in send(visitor, confirm).text
    after = await shop.subscription(bought.id, "latest_invoice")
    assert after["items"].data[0].price.id == shop.prices["pro"].id
    assert after.latest_invoice.amount_paid == 600


async def test_a_cheaper_plan_waits_for_the_period_to_end_and_may_be_taken_back(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed("pro")
    url = (await entered(shop)).url
    confirm = visitor.get(f"{url}/confirm", params={"subscription": bought.id, "price": shop.prices["starter"].id})
    assert "Nothing is due today" in confirm.text
    home = send(visitor, confirm)
    assert "Changes to Starter on 16 December 2026" in home.text
    assert "Renews on" in send(visitor, home, "/keep").text
    assert (await shop.subscription(bought.id)).schedule is None
    send(visitor, visitor.get(confirm.url))
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    assert (await shop.subscription(bought.id))["items"].data[0].price.id == shop.prices["starter"].id


async def test_a_plan_is_cancelled_and_kept_after_all(shop, visitor):
    asks = {"enabled": True, "options": ["too_expensive", "unused"]}
    await configured(shop, subscription_cancel={"enabled": True, "cancellation_reason": asks})
    bought = await shop.subscribed()
    url = (await entered(shop)).url
    page = visitor.get(f"{url}/cancel", params={"subscription": bought.id})
    home = send(visitor, page, why="unused")
    assert "Ends on 16 December 2026" in home.text
    left = await shop.subscription(bought.id)
    assert (left.cancel_at_period_end, left.cancellation_details.feedback) == (True, "unused")
    send(visitor, home, "/keep")
    assert not (await shop.subscription(bought.id)).cancel_at_period_end


async def test_a_card_is_changed_for_the_customer_and_the_plan(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed(card=FAILS_LATER)
    card = f"{(await entered(shop)).url}/card"
    assert send(visitor, visitor.get(card), card=DECLINES).status_code == 402
    assert "Mastercard ending in 4444" in send(visitor, visitor.get(card), number="5555555555554444").text
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    assert (await shop.subscription(bought.id)).status == "active"


async def test_a_card_that_the_bank_asks_about_is_saved_after_the_answer(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed()
    bank = send(visitor, visitor.get(f"{(await entered(shop)).url}/card"), card=ASKS)
    assert "Confirm your card" in bank.text
    assert "could not confirm" in visitor.post(bank.url, data={"decision": "fail"}).text
    bank = send(visitor, visitor.get(f"{(await entered(shop)).url}/card"), card=ASKS)
    assert "ending in 3184" in visitor.post(bank.url, data={"decision": "complete"}).text
    assert (await shop.subscription(bought.id, "default_payment_method")).default_payment_method.card.last4 == "3184"


async def test_a_flow_leads_to_its_step_and_then_back_to_the_shop(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed()
    flow = {
        "type": "subscription_cancel",
        "subscription_cancel": {"subscription": bought.id},
        "after_completion": {"type": "redirect", "redirect": {"return_url": "http://127.0.0.1/done"}},
    }
    session = await entered(shop, flow_data=flow)
    page = visitor.get(session.url)
    assert "Cancel plan" in page.text
    answer = visitor.post(page.url.copy_with(query=None), data={"subscription": bought.id}, follow_redirects=False)
    assert answer.headers["location"] == "http://127.0.0.1/done"


async def test_what_the_configuration_leaves_out_cannot_be_done(shop, visitor):
    off = {"enabled": False}
    await configured(shop, subscription_update=off, subscription_cancel=off, payment_method_update=off)
    bought = await shop.subscribed()
    url = (await entered(shop)).url
    for step in ("change", "cancel", "card", "confirm"):
        asked = {"subscription": bought.id, "price": shop.prices["pro"].id}
        assert visitor.get(f"{url}/{step}", params=asked).status_code == 403


async def test_another_customers_plan_is_not_there(shop, visitor):
    await configured(shop)
    bought = await shop.subscribed()
    other = await shop.v1.customers.create_async({"email": "other@example.com"})
    url = (await entered(shop, customer=other.id)).url
    assert visitor.get(f"{url}/cancel", params={"subscription": bought.id}).status_code == 404


async def test_a_session_ends_after_an_hour(shop, visitor):
    await configured(shop)
    url = (await entered(shop)).url
    shop.control("advance", seconds=3_601)
    assert visitor.get(url).status_code == 404
