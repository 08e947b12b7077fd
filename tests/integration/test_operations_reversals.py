"""Operators see which CT were used before their money went back: over the API and on the page, in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from billing.meter import Meter, Reservation
from billing.stripe.losses import losses
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import PaymentReversal
from camarad.settings import Settings
from tests.support.metering import WORKSPACE, costing
from tests.support.model_server import ModelServer
from tests.support.seed import AT
from tests.support.till import BILLING, OPERATOR, Till, open_till
from tests.support.turns import hosted
from tests.support.web import Browser
from tools.emulator.stripe.process import StripeProcess

API, PAGE = "/api/billing/reversals", "/operations/reversals"
PACK, USED, LEFT = 5_000, 4_500, 2_500  # beside 2,000 CT that every workspace begins with


@pytest.fixture
async def till(
    settings: Settings, sqlite_url: str, model_server: ModelServer, stripe_account: StripeProcess
) -> AsyncIterator[Till]:
    async with open_till(hosted(settings, model_server), stripe_account) as opened:
        yield opened


async def use(till: Till, workspace: str, settings: Settings) -> None:
    """In three days, since a day has a cap."""
    meter = Meter(till.camarad.services.database, settings.model_copy(update={"max_ct_per_request": PACK}), till.clock)
    await meter.start()
    for day in range(3):
        await meter.reserve(Reservation(workspace, f"r{day}", USED // 3))
        whose = {"workspace_id": workspace, "client_id": None, "user_id": None}
        await meter.settle(costing(USED // 3, f"r{day}", **whose))
        till.clock.advance(timedelta(days=1))
    await meter.close()


@pytest.fixture
async def refunded(till: Till, settings: Settings) -> str:
    """A workspace that used a pack up in part, and another one that used nothing; both had their money back."""
    found = []
    for name in ("bob", "ana"):
        browser = await till.camarad.sign_up(f"{name}@example.com")
        await till.paid(browser, pack="ct-5000")
        await browser.post(f"{BILLING}/refresh")
        found.append((browser, await till.account(f"{name}@example.com")))
    await use(till, found[1][1].workspace_id, settings)
    for charge in await till.listed(lambda v1: v1.charges.list_async()):
        await till.ask(lambda v1, it=charge["id"]: v1.refunds.create_async({"charge": it}))
    for browser, _ in found:
        await browser.post(f"{BILLING}/refresh")
    workspace: str = found[1][1].workspace_id
    return workspace


def operator(till: Till) -> Browser:
    browser = till.camarad.browser()
    browser.http.headers["X-Internal-Token"] = OPERATOR
    return browser


async def test_operators_are_told_what_was_lost_and_of_whom(till: Till, refunded: str) -> None:
    found = (await operator(till).get(API)).json()
    assert found["totals"] == {
        "reversals": 2,
        "with_missing": 1,
        "ct_taken": PACK + LEFT,
        "ct_missing": PACK - LEFT,
    }
    (lost,) = (await operator(till).get(f"{API}?missing=true")).json()["reversals"]
    assert (lost["workspace_id"], lost["ct_taken"], lost["ct_missing"]) == (refunded, LEFT, PACK - LEFT)
    assert (lost["kind"], lost["status"], lost["amount_cents"], lost["currency"]) == ("refund", "succeeded", 500, "eur")
    assert lost["payment_id"].startswith("pi_")


@pytest.mark.parametrize(
    ("language", "title", "missing", "number"),
    [
        ("en", "Refunds and disputes", "CT missing: used already", "2,500"),
        ("ro", "Rambursări și contestații", "CT lipsă: deja folosiți", "2.500"),
    ],
)
async def test_the_page_shows_it_in_the_readers_language(
    till: Till, refunded: str, language: str, title: str, missing: str, number: str
) -> None:
    page = (await operator(till).page(PAGE, **{"Accept-Language": language})).text
    (row,) = [row for row in re.findall(r"<tr>.*?</tr>", page) if refunded in row]
    assert f"<h1>{title}</h1>" in page and missing in page and row.count(number) == 2
    assert page.count("<tr>") == 3
    only = (await operator(till).page(f"{PAGE}?missing=1", **{"Accept-Language": language})).text
    assert refunded in only and only.count("<tr>") == 2


async def test_both_pages_behind_the_door_lead_to_each_other(till: Till) -> None:
    for here, other in (("costs", "reversals"), ("reversals", "costs")):
        page = (await operator(till).page(f"/operations/{here}")).text
        assert f'href="/operations/{here}" aria-current="page"' in page and f'href="/operations/{other}">' in page


async def test_without_a_refund_it_says_so(till: Till) -> None:
    assert "No payment of this kind went back." in (await operator(till).page(PAGE)).text


async def test_nobody_else_reads_it(till: Till) -> None:
    browser = await till.camarad.sign_up()
    assert (await browser.get(API)).status_code == 403
    away = await browser.page(PAGE)
    assert (away.status_code, away.headers["location"]) == (303, "/operations")


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1.5", "nan", "ten", str(10**30)])
async def test_a_limit_that_is_none_is_refused(till: Till, limit: str) -> None:
    assert (await operator(till).get(f"{API}?limit={limit}")).status_code == 422


def reversal(number: int, taken: int | None, missing: int | None) -> PaymentReversal:
    return PaymentReversal(
        id=f"re_{number}",
        workspace_id=WORKSPACE,
        kind="refund",
        amount_cents=500,
        currency="eur",
        status="succeeded",
        ct_taken=taken,
        ct_missing=missing,
        created_at=AT + timedelta(hours=number),
        synced_at=AT,
    )


async def test_the_newest_are_named_and_all_are_counted(database: Database) -> None:
    async with database.write() as session:
        session.add_all([reversal(1, 10, 5), reversal(2, None, None), reversal(3, 20, 0)])
    found = await losses(database, 2)
    assert [each["id"] for each in found["reversals"]] == ["re_3", "re_2"] and found["more"]
    assert found["totals"] == {"reversals": 3, "with_missing": 1, "ct_taken": 30, "ct_missing": 5}
    lost = await losses(database, 1, only_lost=True)
    assert [each["id"] for each in lost["reversals"]] == ["re_1"] and not lost["more"]
    for limit in (0, 501):
        with pytest.raises(BadInput):
            await losses(database, limit)
