"""Plan and billing, as people see it over HTTP."""

from __future__ import annotations

import csv
import io
import re

import pytest

from billing.wallet import grant
from tests.support.web import Browser, Camarad

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

PAGE = "/settings/billing"
FILE = "/settings/billing/ledger.csv"


async def workspace_of(browser: Browser) -> str:
    status = (await browser.get("/api/auth/status")).json()
    found: str = status["workspace"]["id"]
    return found


async def test_without_payment_the_page_says_so_and_offers_nothing(api: Camarad) -> None:
    ana = await api.sign_up()
    answer = await ana.page(PAGE)
    assert answer.status_code == 200 and "no-store" in answer.headers["cache-control"]
    assert "Nothing can be bought on this server yet." in answer.text
    assert "Payments are not configured on this server, so nothing can be bought here." in answer.text
    assert f'action="{PAGE}/' not in answer.text
    assert "form-action 'self';" in answer.headers["content-security-policy"]
    assert "2,000 CT" in answer.text and "To start with" in answer.text


async def test_the_use_of_every_limit_is_told_in_words(api: Camarad) -> None:
    ana = await api.sign_up()
    for name in ("Acme", "Bolt"):
        await ana.new_client(name)
    page = re.sub(r"<[^>]+>|\s+", " ", (await ana.page(PAGE)).text)
    for words in ("Clients of your own +2 of 5", "Members +1 of 2", "Connections +0 of 10", "Flows +5, not yet"):
        assert re.search(words, page), words


async def test_the_ledger_is_chosen_summed_and_taken_away_as_a_file(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    await grant(api_both.services.database, await workspace_of(ana), 5000, "topup:=cmd", kind="topup")
    page = (await ana.page(f"{PAGE}?kind=topup")).text
    assert "1 of 1 entries" in page and "+5,000" in page and "To start with" not in page
    answer = await ana.page(f"{FILE}?kind=topup")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="camarad-ct-topup.csv"'
    assert "no-store" in answer.headers["cache-control"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][1:] == ["Bought", "CT bought", "topup:=cmd", "5000", "0", "5000"]
    assert rows[2][0] == "Sum of the 1 entries above" and rows[2][4:] == ["5000", "0", "5000"]
    everything = list(csv.reader(io.StringIO((await ana.page(FILE)).content.decode("utf-8-sig"))))
    assert [row[4] for row in everything[1:]] == ["2000", "5000", "7000"]


@pytest.mark.parametrize("query", ["kind=gift", "start=now", "start=2026-11-02&end=2026-11-01"])
async def test_a_filter_that_cannot_be_read_is_told_and_makes_no_file(api: Camarad, query: str) -> None:
    ana = await api.sign_up()
    page = await ana.page(f"{PAGE}?{query}")
    assert page.status_code == 422 and 'id="wrong"' in page.text and "To start with" in page.text
    assert (await ana.page(f"{FILE}?{query}")).status_code == 422


async def test_another_workspaces_ledger_is_nowhere(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    await grant(api.services.database, await workspace_of(bob), 777, "of-bob")
    for path in (PAGE, FILE, f"{PAGE}?before=999999", f"{FILE}?workspace_id={await workspace_of(bob)}"):
        assert not re.search("777|of-bob", (await ana.page(path)).text)
    for path in (PAGE, FILE):
        assert (await api.browser().page(path)).status_code == 303
