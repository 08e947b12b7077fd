"""What payments are not to believe, at the HTTP edge with the Stripe emulator running. After each refusal wallets,
ledger, plans and stored events are what they were.

What commands refuse is in test_billing_bad_commands.py, the signature's own cases in
tests/unit/billing/stripe/test_events.py, calibration's API in test_calibration_api.py; events lost, doubled and
shuffled are in test_payment_chaos.py.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from billing.audit import audit
from billing.meter import Meter, Reservation
from camarad.models import CtWallet, Workspace
from camarad.settings import Settings
from tests.support.metering import settlement
from tests.support.model_server import ModelServer
from tests.support.paying import VISA
from tests.support.till import BILLING, OPERATOR, TOO_MUCH, Till, open_till, raw
from tests.support.turns import hosted
from tests.support.web import Browser
from tools.emulator.stripe.process import StripeProcess


@pytest.fixture
async def till(
    settings: Settings, sqlite_url: str, model_server: ModelServer, stripe_account: StripeProcess
) -> AsyncIterator[Till]:
    async with open_till(hosted(settings, model_server), stripe_account) as opened:
        yield opened
        assert await audit(opened.camarad.services.database) == []


@pytest.fixture
async def ana(till: Till) -> Browser:
    """She paid for Pro at Stripe, which her workspace does not know yet: whatever is believed gives it to her."""
    browser = await till.camarad.sign_up()
    await till.paid(browser, plan="pro")
    return browser


def said(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"] and error["hint"]
    return answer.status_code, error["code"]


# Webhooks


@pytest.mark.parametrize(
    "forged", ["a wrong signature", "another secret's", "a byte altered", "no header", "of nothing", "only v0"]
)
async def test_a_forged_event_is_refused_and_changes_nothing(till: Till, ana: Browser, forged: str) -> None:
    body, before = await till.event(), await till.books()
    good = till.signed(body)
    header, sent = {
        "a wrong signature": (good[:-64] + "0" * 64, body),
        "another secret's": (till.signed(body, "whsec_other"), body),
        "a byte altered": (good, body.replace('"pro"', '"pra"', 1)),
        "no header": (None, body),
        "of nothing": ("", body),
        "only v0": (good.replace("v1=", "v0="), body),
    }[forged]
    assert said(await till.send(sent, header)) == (400, "stripe_signature")
    assert await till.books() == before


async def test_what_was_forged_is_believed_when_stripe_signed_it(till: Till, ana: Browser) -> None:
    """Or the tests of what is refused would show nothing."""
    await till.deliver(await till.event())
    assert (await ana.get("/api/user/snapshot")).json()["plan"]["code"] == "pro"


async def test_an_event_that_was_taken_is_refused_when_it_is_sent_again_a_day_later(till: Till, ana: Browser) -> None:
    body = await till.event()
    header = till.signed(body)
    assert (await till.send(body, header)).status_code == 200
    before = await till.books()
    till.clock.advance(timedelta(days=1))
    assert said(await till.send(body, header)) == (400, "stripe_replay")
    assert await till.books() == before


async def test_an_event_that_was_caught_on_its_way_is_refused_a_day_later(till: Till, ana: Browser) -> None:
    body, before = await till.event(), await till.books()
    assert said(await till.send(body, till.signed(body, late=timedelta(days=1)))) == (400, "stripe_replay")
    assert await till.books() == before


@pytest.mark.parametrize("ahead", [timedelta(seconds=61), timedelta(days=1), timedelta(days=3_650)])
async def test_an_event_from_the_future_is_refused(till: Till, ana: Browser, ahead: timedelta) -> None:
    body, before = await till.event(), await till.books()
    assert said(await till.send(body, till.signed(body, late=-ahead))) == (400, "stripe_future")
    assert await till.books() == before


# Whose money, and for what


async def test_an_event_of_an_unknown_customer_that_names_a_workspace_gives_it_nothing(till: Till) -> None:
    await till.camarad.sign_up()
    async with till.camarad.services.database.read() as session:
        workspace = await session.scalar(select(Workspace.id).where(Workspace.name == "ana"))
    about = {"camarad_workspace": workspace, "camarad_code": "enterprise"}
    made = await till.ask(lambda v1: v1.customers.create_async({"metadata": about}))
    await till.subscribe(made["id"], await till.price("camarad_enterprise_month_eur"), metadata=about)
    before = await till.books("stripe_events")
    for kind in ("customer.subscription.created", "invoice.paid"):
        body = await till.event(kind)
        await till.deliver(body)
        assert await till.error_of(body) == f"The customer {made['id']} belongs to no workspace."
    assert await till.books("stripe_events") == before


async def test_a_checkout_of_another_workspaces_customer_that_names_ours_brings_neither_ct(till: Till) -> None:
    """Made by hand: paid for by Bob, with Ana's workspace in every place that can name one."""
    for name in ("ana", "bob"):
        await till.paid(await till.camarad.sign_up(f"{name}@example.com"), pack="ct-5000")
        await till.deliver(await till.event())
    ours, theirs = await till.account(), await till.account("bob@example.com")
    asked = {
        "mode": "payment",
        "customer": theirs.customer_id,
        "client_reference_id": ours.workspace_id,
        "metadata": {"camarad_workspace": ours.workspace_id, "camarad_code": "ct-22000"},
        "line_items": [{"price": await till.price("camarad_ct_22000_eur"), "quantity": 1}],
        "success_url": "http://127.0.0.1/settings/billing",
    }
    session = await till.ask(lambda v1: v1.checkout.sessions.create_async(asked))
    await till.control("pay", session=session["id"], card=VISA)
    before = await till.books("stripe_events")
    await till.deliver(await till.event())
    assert await till.books("stripe_events") == before


async def test_coming_back_with_another_workspaces_paid_checkout_brings_nothing(till: Till, ana: Browser) -> None:
    bob = await till.camarad.sign_up("bob@example.com")
    before = await till.books()
    session = next(each for each in await till.listed(lambda v1: v1.checkout.sessions.list_async()))
    page = await bob.page(f"/settings/billing?checkout={session['id']}")
    assert "That payment is not one of this workspace." in page.text
    assert await till.books() == before


@pytest.mark.parametrize(
    "strange",
    [
        {"currency": "eur", "unit_amount": 4_000, "product": "camarad_plan_enterprise"},
        {"currency": "eur", "unit_amount": 1, "product_data": {"name": "Camarad Enterprise"}},
        {"currency": "usd", "unit_amount": 4_000, "product": "camarad_plan_enterprise", "metadata": {"mark": True}},
        {"currency": "ron", "unit_amount": 4_000, "product": "camarad_plan_enterprise", "metadata": {"mark": True}},
    ],
    ids=["unmarked", "a look-alike", "dollars", "lei"],
)
async def test_a_subscription_for_a_price_that_is_not_ours_gives_neither_plan_nor_ct(
    till: Till, strange: dict[str, Any]
) -> None:
    await (await till.camarad.sign_up()).post(f"{BILLING}/checkout", {"pack": "ct-5000"})
    if "metadata" in strange:
        strange = {**strange, "metadata": {"camarad_lookup_key": "camarad_enterprise_month_eur"}}
    wanted = {**strange, "recurring": {"interval": "month"}}
    price = await till.ask(lambda v1: v1.prices.create_async(wanted))
    await till.subscribe((await till.account()).customer_id, price["id"])
    unheard = ("stripe_events", "subscriptions", "invoices")  # what Stripe has is on record
    before = await till.books(*unheard)
    body = await till.event("invoice.paid")
    await till.deliver(body)
    assert await till.books(*unheard) == before
    assert "is not in the catalogue" in str(await till.error_of(body))


@pytest.mark.parametrize(("code_", "key"), [("pro", "camarad_pro_month_eur"), ("ct-22000", "camarad_ct_22000_eur")])
async def test_what_is_priced_in_another_currency_at_stripe_is_not_sold(till: Till, code_: str, key: str) -> None:
    browser = await till.camarad.sign_up()
    old = (await till.listed(lambda v1: v1.prices.list_async({"lookup_keys": [key]})))[0]
    asked = {
        **{name: old[name] for name in ("product", "unit_amount", "lookup_key", "metadata", "tax_behavior")},
        **({"recurring": {"interval": "month"}} if old["recurring"] else {}),
        "currency": "usd",
        "transfer_lookup_key": True,
    }
    await till.ask(lambda v1: v1.prices.create_async(asked))
    field = "pack" if code_.startswith("ct-") else "plan"
    before = await till.books()
    assert said(await browser.post(f"{BILLING}/checkout", {field: code_})) == (503, "catalog_differs")
    assert await till.books() == before and await till.opened() == 0


# Bodies and queries


@pytest.mark.parametrize(
    "value",
    [
        *("-1", "0", "5000", "1.5", "-0.0", "NaN", "Infinity", "1e400", "true", "null", "[]", "{}"),
        *map(str, TOO_MUCH),
        *(json.dumps(each) for each in ("-5000", "ct--5000", "ct-5000 ", "ct-5000.0", "CT-5000", "ct-0", "5e3", "")),
    ],
)
async def test_a_number_where_a_pack_or_a_plan_is_named_is_refused(till: Till, value: str) -> None:
    browser = await till.camarad.sign_up()
    before = await till.books()
    for act, field in (("checkout", "pack"), ("checkout", "plan"), ("plan", "plan"), ("change", "plan")):
        answer = await raw(browser, f"{BILLING}/{act}", f'{{"{field}": {value}}}')
        assert said(answer)[0] == 422, (act, field, answer.text)
    assert await till.books() == before and await till.opened() == 0


@pytest.mark.parametrize(
    "more", ['"quantity": -1', '"amount": 1', '"price": "price_1"', '"currency": "ron"', '"ct": 9']
)
async def test_a_buyer_names_no_amount_of_their_own(till: Till, more: str) -> None:
    browser = await till.camarad.sign_up()
    before = await till.books()
    assert said(await raw(browser, f"{BILLING}/checkout", f'{{"pack": "ct-5000", {more}}}'))[0] == 422
    assert await till.books() == before and await till.opened() == 0


@pytest.mark.parametrize("value", ["-1", "0", "1.5", "1e2", "NaN", "Infinity", "ten", "", *map(str, TOO_MUCH)])
async def test_a_number_that_no_operator_can_mean_is_refused(till: Till, value: str) -> None:
    browser = till.camarad.browser()
    browser.http.headers["X-Internal-Token"] = OPERATOR
    before = await till.books()
    answers = [
        await browser.get(f"/api/billing/cost-telemetry?window={value}"),
        await browser.get(f"/api/billing/plan-recommendations?window_days={value}"),
        await browser.post(f"/api/billing/shadow-sync?limit={value}"),
        await raw(browser, "/api/billing/calibration-apply", f'{{"id": {value or "[]"}}}'),
    ]
    assert [said(each)[0] for each in answers] == [422] * 4
    assert await till.books() == before


# Clocks


async def test_clocks_that_jump_apart_grant_no_period_twice_and_leave_nothing_below_zero(
    till: Till, ana: Browser, settings: Settings
) -> None:
    """Stripe goes on by a month while ours goes back and forth; a call is under way all the time."""
    await till.deliver(await till.event())
    database, workspace = till.camarad.services.database, (await till.account()).workspace_id
    meter = Meter(database, settings.model_copy(update={"ct_hold_seconds": 86_400}), till.clock)
    await meter.start()
    await meter.reserve(Reservation(workspace, "r1", 100))
    await till.control("advance", days=31)
    renewed, before = await till.event("invoice.paid"), None
    for jump in (-40, -400, 80, 0, 361):
        till.clock.advance(timedelta(days=jump))
        await till.deliver(renewed)
        await ana.post(f"{BILLING}/refresh")
        await till.camarad.services.payments.reconcile()
        now = await till.granted(workspace)
        assert now == (before or now)
        before = now
    assert sorted(before or []) == [2_000, 20_000, 20_000]
    await meter.settle(settlement("r1", workspace_id=workspace, client_id=None, user_id=None))
    await meter.sweep()
    await meter.close()
    async with database.read() as session:
        wallet = await session.get_one(CtWallet, workspace)
    assert (wallet.plan_balance, wallet.topup_balance, wallet.held) == (19_995, 0, 0)
