"""Buying, changing and cancelling with forms alone, against the Stripe emulator, and coming back from its pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from billing.stripe.status import STANDINGS
from camarad.models import BillingAccount, CheckoutSession, Membership, Subscription, User, Workspace
from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.paying import paying
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, code, running
from tools.emulator.stripe.process import StripeProcess
from web import i18n

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

PAGE = "/settings/billing"


@pytest.fixture
async def shop(
    settings: Settings, sqlite_url: str, model_server: ModelServer, stripe_account: StripeProcess
) -> AsyncIterator[Camarad]:
    async with running(paying(hosted(settings, model_server), stripe_account)) as camarad:
        await camarad.services.payments.sync_catalog(apply=True)
        yield camarad


async def act(browser: Browser, path: str, **fields: str) -> object:
    return await browser.form(f"{PAGE}/{path}", csrf_token=browser.csrf, **fields)


async def pay(stripe: StripeProcess, url: str, card: str = "4242424242424242") -> str:
    """Fill the hosted page in; the address it would send the person back to."""
    session = urlsplit(url).path.rpartition("/")[2]
    await asyncio.to_thread(lambda: stripe.control("pay", session=session, card=card))
    return f"{PAGE}?checkout={session}"


async def buy(stripe: StripeProcess, browser: Browser, **what: str) -> str:
    sent = await act(browser, "checkout", **what)
    assert sent.status_code == 303, sent.text  # type: ignore[attr-defined]
    return await pay(stripe, sent.headers["location"])  # type: ignore[attr-defined]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")


async def test_a_plan_is_bought_and_the_page_says_what_stripe_says(
    shop: Camarad, stripe_account: StripeProcess
) -> None:
    ana = await shop.sign_up()
    page = await ana.page(PAGE)
    assert f"form-action 'self' {stripe_account.url};" in page.headers["content-security-policy"]
    sent = await act(ana, "checkout", plan="starter")
    assert sent.status_code == 303 and sent.headers["location"].startswith(f"{stripe_account.url}/checkout/")
    session = urlsplit(sent.headers["location"]).path.rpartition("/")[2]
    early = words((await ana.page(f"{PAGE}?checkout={session}")).text)
    assert "The payment was not finished." in early and "The Starter plan holds" not in early
    back = words((await ana.page(await pay(stripe_account, sent.headers["location"]))).text)
    for said in ("The Starter plan holds from now on.", "Active: paid for", "without VAT", "Next invoice", "6,000"):
        assert said in back, said
    assert "CT of the paid month" in back and "Open" in back
    assert (await ana.get("/api/user/snapshot")).json()["plan"]["code"] == "starter"


async def test_a_pack_is_bought_once_however_often_one_comes_back(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    back = await buy(stripe_account, ana, pack="ct-5000")
    for _ in range(2):
        assert "5,000 CT are in the balance." in words((await ana.page(back)).text)
    assert (await ana.get("/api/user/snapshot")).json()["balance_ct"] == 7_000


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_a_double_and_a_pack_whose_money_went_back_are_told(
    shop: Camarad, stripe_account: StripeProcess, language: str
) -> None:
    ana = await shop.sign_up()
    async with shop.services.database.write() as session:
        await session.execute(update(User).values(language=language))
    await ana.page(await buy(stripe_account, ana, plan="starter"))
    await ana.page(await buy(stripe_account, ana, pack="ct-5000"))
    payments = shop.services.payments._api
    charges = await payments.listed(lambda v1: v1.charges.list_async())
    pack, first = charges[0]["id"], charges[1]["id"]
    for asked in ({"charge": pack, "amount": 167}, {"charge": first, "reason": "duplicate"}):
        await payments.ask(lambda v1, asked=asked: v1.refunds.create_async(asked))
    await act(ana, "refresh")
    page = unescape(words((await ana.page(PAGE)).text))
    for key in ("billing.doubled", "billing.reversal.ct", "ledger.what.adjust.reversal"):
        assert i18n.translate(language, key) in page, key
    assert ("1,670" if language == "en" else "1.670") in page
    (told,) = [each for each in (await ana.get("/api/settings/billing")).json()["reversals"] if each["ct_taken"]]
    assert (told["ct_taken"], told["ct_missing"]) == (1_670, 0)


async def test_an_expired_a_foreign_and_a_made_up_session_are_each_told(
    shop: Camarad, stripe_account: StripeProcess
) -> None:
    ana, bob = await shop.sign_up(), await shop.sign_up("bob@example.com")
    sent = await act(ana, "checkout", plan="starter")
    other = await act(ana, "checkout", plan="pro")  # which closes the one for the other plan
    assert other.status_code == 303
    session = urlsplit(sent.headers["location"]).path.rpartition("/")[2]
    assert "The payment page has expired." in (await ana.page(f"{PAGE}?checkout={session}")).text
    for path in (f"{PAGE}?checkout={session}", f"{PAGE}?checkout=cs_made_up", f"{PAGE}?checkout={'x' * 500}"):
        assert "That payment is not one of this workspace." in (await bob.page(path)).text


async def test_a_plan_goes_up_down_stays_ends_and_goes_on(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    await ana.page(await buy(stripe_account, ana, plan="starter"))
    assert "Pay and change to Pro" in (await ana.page(f"{PAGE}/change?plan=pro")).text
    steps = (
        ("change", "pro", "changed", "The plan was changed."),
        ("change", "starter", "planned", "Starter from"),
        ("resume", "", "resumed", "Nothing is planned any more"),
        ("change", "free", "cancelled", "The plan was cancelled."),
        ("resume", "", "resumed", "it renews as before"),
    )
    for path, plan, done, said in steps:
        sent = await act(ana, path, plan=plan)
        assert sent.status_code == 303 and sent.headers["location"] == f"{PAGE}?done={done}", (path, plan, sent.text)
        page = words((await ana.page(sent.headers["location"])).text)
        assert said in page and "Pro: €18 a month" in page
    assert "The plan was cancelled." not in (await ana.page(f"{PAGE}?done=cancelled")).text


async def test_before_going_down_one_is_told_what_will_not_fit(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    await buy(stripe_account, ana, plan="starter")
    assert (await ana.page(f"{PAGE}/back")).headers["location"] == f"{PAGE}?done=refreshed"
    for number in range(6):
        await ana.new_client(f"Client {number}")
    page = words((await ana.page(f"{PAGE}/change?plan=free")).text)
    assert "Clients of your own: 6 now, 5 then" in page and "It stays; only new things are refused" in page
    for odd in ("starter", "gold", ""):
        assert (await ana.page(f"{PAGE}/change?plan={odd}")).headers["location"] == f"{PAGE}#plans"


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("checkout", {"plan": "gold"}, 422, "There is no such plan to buy."),
        ("checkout", {"plan": "free"}, 422, "There is no such plan to buy."),
        ("checkout", {"pack": "ct-9"}, 422, "There is no such pack."),
        ("checkout", {}, 422, "There is no such plan to buy."),
        ("checkout", {"plan": "pro", "pack": "ct-5000"}, 422, "There is no such plan to buy."),
        ("change", {"plan": "pro"}, 409, "There is no active subscription for this plan."),
        ("resume", {}, 409, "There is no active subscription for this plan."),
        ("portal", {}, 409, "There is nothing to manage yet"),
    ],
)
async def test_what_cannot_be_done_is_told_on_the_page(
    shop: Camarad, path: str, fields: dict[str, str], status: int, said: str
) -> None:
    answer = await act(await shop.sign_up(), path, **fields)
    assert answer.status_code == status and said in answer.text and 'id="problem"' in answer.text


async def as_member(shop: Camarad) -> Browser:
    ana = await shop.sign_up()
    async with shop.services.database.write() as session:
        newest = select(User.id).where(User.email == "ana@example.com").scalar_subquery()
        await session.execute(update(Membership).where(Membership.user_id == newest).values(role="member"))
    return ana


async def test_a_member_sees_it_and_may_do_nothing(shop: Camarad) -> None:
    member = await as_member(shop)
    page = (await member.page(PAGE)).text
    assert "Owners and admins of the workspace choose, pay and cancel." in page and f'action="{PAGE}/' not in page
    assert "Owners and admins see the invoices." in page
    assert f'action="{PAGE}/' not in (await member.page("/pricing")).text
    for path in ("checkout", "portal", "refresh", "change", "resume"):
        assert (await act(member, path, plan="pro")).status_code == 403, path
    for path in ("change?plan=pro", "back"):
        assert (await member.page(f"{PAGE}/{path}")).status_code == 403
    assert code(await member.get("/api/settings/billing")) == "admin_required"


async def with_status(shop: Camarad, status: str) -> None:
    """The copy of a subscription as it would have been fetched."""
    now = shop.services.clock.now()
    async with shop.services.database.write() as session:
        workspace = await session.scalar(select(Workspace.id).where(Workspace.name == "ana"))
        session.add(BillingAccount(workspace_id=workspace, customer_id="cus_1", synced_at=now, created_at=now))
        session.add(
            Subscription(
                id="sub_1",
                workspace_id=workspace,
                status=status,
                price_id="price_1",
                plan_code="pro",
                current_period_start=now - timedelta(days=3),
                current_period_end=now + timedelta(days=27),
                created_at=now,
                synced_at=now,
            )
        )


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("status", [each.status for each in STANDINGS])
async def test_every_status_is_shown_with_its_time_and_its_next_step(shop: Camarad, status: str, language: str) -> None:
    ana = await shop.sign_up()
    await with_status(shop, status)
    ana.http.cookies.set("camarad_language", language)
    page = (await ana.page(PAGE)).text
    found = next(each for each in STANDINGS if each.status == status)
    assert "UTC." in page
    assert ('role="alert"' in page) == (found.live and found.access != "full")
    home = (await ana.page("/app")).text
    assert (i18n.translate(language, "billing.banner.see") in home) == (found.live and found.access != "full")
    may = found.access == "full"
    assert (f'href="{PAGE}/change?plan=enterprise"' in page) == may
    assert (f'action="{PAGE}/checkout"' in page) and ('name="plan" value="pro"' in page) == (not found.live)


async def test_when_stripe_does_not_answer_nothing_is_guessed(shop: Camarad, stripe_account: StripeProcess) -> None:
    ana = await shop.sign_up()
    sent = await act(ana, "checkout", plan="starter")
    back = await pay(stripe_account, sent.headers["location"])
    await asyncio.to_thread(lambda: stripe_account.control("fail", status=503, times=20))
    page = words((await ana.page(back)).text)
    assert "Stripe does not answer just now." in page and "Payment received" not in page
    refreshed = await act(ana, "refresh")
    assert refreshed.status_code in (502, 503, 504) and 'id="problem"' in refreshed.text
    async with shop.services.database.read() as session:
        assert (await session.scalar(select(CheckoutSession.state))) == "open"
