"""The routes of plan and payments: who may, what they answer, and that no way round Stripe leads to a plan."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe
from pydantic import SecretStr
from sqlalchemy import update

from camarad.models import Membership
from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.paying import paying
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, code, running
from tools.emulator.stripe.process import StripeProcess

BILLING = "/api/settings/billing"
SECRET = "whsec_web"
ACTS = ("refresh", "portal", "cancel", "resume")


@pytest.fixture
async def shop(
    settings: Settings, sqlite_url: str, model_server: ModelServer, stripe_account: StripeProcess
) -> AsyncIterator[Camarad]:
    own = paying(hosted(settings, model_server), stripe_account, stripe_webhook_secrets=[SecretStr(SECRET)])
    async with running(own) as camarad:
        await camarad.services.payments.sync_catalog(apply=True)
        yield camarad


async def pay(shop: Camarad, url: str, stripe_account: StripeProcess) -> None:
    stripe_account.control("pay", session=url.rpartition("/")[2])


async def event(browser: Browser, body: dict[str, Any], secret: str = SECRET) -> Any:
    text = json.dumps(body)
    header = stripe.WebhookSignature.generate_signature_header(text, secret)
    return await browser.http.post("/api/stripe/webhook", content=text, headers={"Stripe-Signature": header})


async def test_a_plan_is_bought_changed_and_cancelled(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    bare = (await ana.get(BILLING)).json()
    assert (bare["configured"], bare["test_mode"], bare["status"]) == (True, True, "none")
    assert code(await ana.post(f"{BILLING}/plan", {"plan": "starter"})) == "subscription_required"
    assert code(await ana.post(f"{BILLING}/portal")) == "no_payments_yet"
    opened = await ana.post(f"{BILLING}/checkout", {"plan": "starter"})
    url = opened.json()["url"]
    assert opened.status_code == 200 and url.startswith(f"{stripe_account.url}/checkout/")
    assert (await ana.get("/api/user/snapshot")).json()["plan"] == {"code": "free", "status": "none"}
    await pay(shop, url, stripe_account)
    now = (await ana.post(f"{BILLING}/refresh")).json()
    assert (now["plan"]["code"], now["status"], now["features"]) == ("starter", "active", ["camarad_plan_starter"])
    assert now["subscription"]["plan"] == "starter" and now["next_invoice"]["total_cents"] == 600
    assert (await ana.get("/api/user/snapshot")).json()["plan"] == {"code": "starter", "status": "active"}
    assert (await ana.post(f"{BILLING}/plan", {"plan": "starter"})).status_code == 200
    assert code(await ana.post(f"{BILLING}/plan", {"plan": "enterprise"})) == "subscription_required"
    assert code(await ana.post(f"{BILLING}/checkout", {"plan": "pro"})) == "subscription_exists"
    changed = (await ana.post(f"{BILLING}/change", {"plan": "pro"})).json()
    assert (changed["outcome"], changed["billing"]["plan"]["code"]) == ("changed", "pro")
    later = (await ana.post(f"{BILLING}/change", {"plan": "starter"})).json()
    assert later["outcome"] == "scheduled" and later["billing"]["subscription"]["next_plan"] == "starter"
    assert (await ana.post(f"{BILLING}/cancel")).json()["billing"]["subscription"]["ends_at"]
    assert (await ana.post(f"{BILLING}/resume")).json()["billing"]["subscription"]["ends_at"] is None
    assert (await ana.post(f"{BILLING}/portal")).json()["url"].startswith(f"{stripe_account.url}/")
    acts = [each["act"] for each in (await ana.get("/api/audit")).json()["events"]]
    assert {"checkout_opened", "plan_changed", "plan_canceled", "plan_resumed", "portal_opened"} <= set(acts)


async def test_an_event_at_the_route_brings_the_plan(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    await pay(shop, (await ana.post(f"{BILLING}/checkout", {"plan": "pro"})).json()["url"], stripe_account)
    sent = await shop.services.payments._api.listed(lambda v1: v1.events.list_async({"limit": 100}))
    completed = next(each for each in sent if each["type"] == "checkout.session.completed")
    assert (await event(shop.browser(), completed, "whsec_other")).status_code == 400
    await shop.services.payments.settled()
    assert (await ana.get(BILLING)).json()["plan"]["code"] == "free"
    for _ in range(2):
        answer = await event(shop.browser(), completed)
        assert answer.status_code == 200 and answer.json() == {"received": completed["id"]}
    await shop.services.payments.settled()
    assert (await ana.get(BILLING)).json()["plan"]["code"] == "pro"
    assert (await ana.get("/api/user/snapshot")).json()["balance_ct"] == 22_000


async def test_only_what_is_in_the_catalogue_is_sold(shop: Camarad) -> None:
    ana = await shop.sign_up()
    for body in ({}, {"plan": "pro", "pack": "ct-5000"}, {"plan": 7}, {"plan": "pro", "price": 1}):
        assert (await ana.post(f"{BILLING}/checkout", body)).status_code == 422, body
    for field, said in (("plan", "unknown_plan"), ("pack", "unknown_pack")):
        for value in ("free", "gold", "", "price_1", "PRO"):
            answer = await ana.post(f"{BILLING}/checkout", {field: value})
            assert (answer.status_code, code(answer)) == (422, said)


async def test_what_stripe_sells_otherwise_is_not_sold(shop: Camarad) -> None:
    api = shop.services.payments._api
    dear = {
        "product": "camarad_plan_pro",
        "currency": "eur",
        "unit_amount": 180_000,
        "recurring": {"interval": "month"},
        "lookup_key": "camarad_pro_month_eur",
        "transfer_lookup_key": True,
    }
    await api.ask(lambda v1: v1.prices.create_async(dear))
    answer = await (await shop.sign_up()).post(f"{BILLING}/checkout", {"plan": "pro"})
    assert (answer.status_code, code(answer)) == (503, "catalog_differs")


async def test_members_are_refused(shop: Camarad) -> None:
    ana = await shop.sign_up()
    async with shop.services.database.write() as session:
        await session.execute(update(Membership).values(role="member"))
    answers = [await ana.get(BILLING)]
    answers += [await ana.post(f"{BILLING}/{act}") for act in ACTS]
    answers += [await ana.post(f"{BILLING}/{act}", {"plan": "pro"}) for act in ("checkout", "plan", "change")]
    assert [each.status_code for each in answers] == [403] * 8


async def test_without_a_key_nothing_can_be_bought_and_it_says_so(api: Camarad) -> None:
    ana = await api.sign_up()
    found = (await ana.get(BILLING)).json()
    assert (found["configured"], found["status"], found["plan"]["code"]) == (False, "not_configured", "free")
    for path, body in (("checkout", {"plan": "pro"}), ("portal", {}), ("refresh", {})):
        answer = await ana.post(f"{BILLING}/{path}", body)
        assert (answer.status_code, code(answer)) == (503, "payments_not_configured")
    for path in ("plan", "change"):
        assert code(await ana.post(f"{BILLING}/{path}", {"plan": "pro"})) == "subscription_required"
    assert (await event(ana, {"id": "evt_1"})).status_code == 503


async def test_a_body_without_end_is_cut_off(shop: Camarad) -> None:
    answer = await shop.browser().http.post("/api/stripe/webhook", content=b"x" * 600_000)
    assert answer.status_code == 413


async def test_stripes_trouble_is_told_and_changes_nothing(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    for status, said in ((429, "stripe_busy"), (500, "stripe_failed"), (401, "stripe_key")):
        stripe_account.control("fail", status=status, times=3)
        answer = await ana.post(f"{BILLING}/checkout", {"plan": "pro"})
        assert code(answer) == said and answer.status_code in (502, 503)
        stripe_account.control("clear")
    assert (await ana.post(f"{BILLING}/checkout", {"plan": "pro"})).status_code == 200
