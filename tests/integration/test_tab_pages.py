"""The pages of the tabs over the whole stack: what each trouble says and leads to, in both languages; files; owners."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, running
from tools.connectors.tabs import ADS_TABS, GA4_TABS
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

PAGES = [f"/connectors/ga4/{tab}" for tab in GA4_TABS] + [
    f"/connectors/google-ads/{tab}" for tab in ADS_TABS if tab != "metrics"
]


@dataclass
class Shop:
    """Ana, whose client `shop` has the demo shop's connections on the running emulator."""

    api: Camarad
    ana: Browser
    scope: Scope

    async def page(self, path: str, language: str = "en") -> tuple[int, str]:
        self.ana.http.cookies.set("camarad_language", language)
        answer = await self.ana.page(path)
        return answer.status_code, answer.text


@pytest.fixture
async def shop(
    settings: Settings,
    sqlite_url: str,
    model_server: ModelServer,
    emulator: EmulatorProcess,
    emulator_faults: ControlClient,
) -> AsyncIterator[Shop]:
    patient = {"emulator_address": emulator.address, "connector_timeout": 5, "connector_retries": 1}
    async with running(hosted(settings, model_server, **patient)) as api:
        ana = await api.sign_up()
        scope = await own_client(ana, "Shop")
        await connect_demo(api.services.database, scope, "demo-lampadar")
        yield Shop(api, ana, scope)


async def own_client(browser: Browser, name: str) -> Scope:
    client = await browser.new_client(name)
    status = (await browser.get("/api/auth/status")).json()
    return Scope(status["user"]["id"], status["workspace"]["id"], client)


@pytest.mark.parametrize("path", PAGES)
async def test_every_tab_is_a_page_with_its_header_and_its_figures(shop: Shop, path: str) -> None:
    status, shown = await shop.page(path)
    assert status == 200 and shown.count('aria-current="page"') == 2, "the header's link and the tab"
    assert (
        '<p class="account">' in shown
        and "410000001" in shown
        and 'class="panel' in shown
        and 'class="notice trouble' not in shown
    )
    assert "style=" not in shown and len(re.findall("<script[^>]*>", shown)) == 1


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize(
    ("fault", "path", "method", "english", "romanian"),
    [
        ("unavailable", "google-ads", "Search", "Google does not answer", "Google nu răspunde"),
        ("quota", "ga4", "BatchRunReports", "limit is used up", "Limita Google este epuizată"),
        ("permission", "google-ads", "Search", "may not be read", "nu poate fi citit"),
    ],
)
async def test_each_trouble_has_its_words_and_the_header_stays(
    shop: Shop,
    emulator_faults: ControlClient,
    fault: str,
    path: str,
    method: str,
    english: str,
    romanian: str,
    language: str,
) -> None:
    emulator_faults.add(method, fault, times=50)
    status, shown = await shop.page(f"/connectors/{path}?range=7days", language)
    assert status == 200 and (romanian if language == "ro" else english) in shown.replace("&#39;", "'")
    assert 'role="alert"' in shown and "410000001" in shown and 'id="range"' in shown and 'class="panel' not in shown
    assert f'href="/connectors/{path}?client={shop.scope.client_id}&amp;range=7days"' in shown, (
        "the tabs keep the range"
    )


@pytest.mark.parametrize("state", ["expired", "reconnect", "missing_scope", "not_connected", "choose"])
@pytest.mark.parametrize("language", ["en", "ro"])
async def test_a_connection_that_cannot_be_read_leads_to_where_it_is_mended(
    shop: Shop, state: str, language: str
) -> None:
    scope = await own_client(shop.ana, "Other")
    account = None if state == "choose" else "410000001"
    if state != "not_connected":
        more = {} if state == "choose" else {"state": state}
        await connect(shop.api.services.database, scope, "ga4", account, **more)
    status, shown = await shop.page(f"/connectors/ga4/pages?client={scope.client_id}", language)
    assert status == 200 and 'class="notice trouble' in shown and 'class="panel' not in shown
    assert f"client={scope.client_id}" in re.findall(r'<a class="button" href="([^"]+)"', shown)[0]


@pytest.mark.parametrize(
    ("query", "english"),
    [
        ("range=custom&from=2026-11-10&to=2026-11-01", "The last day is before the first one."),
        ("range=2026-11-10..2026-11-01", "The last day is before the first one."),
        ("range=custom&from=2026-11-10&to=2099-01-01", "in the future"),
        ("range=2000-01-01..2020-01-01", "too long"),
        ("range=custom&from=&to=2026-11-01", "both a first and a last day"),
        ("range=nonsense", "not a range of calendar days"),
        ("range=custom&from=2026-02-30&to=2026-03-01", "not a range of calendar days"),
        ("compare=sideways", "not a comparison"),
        ("range=" + "9" * 5000, "not a range of calendar days"),
    ],
)
async def test_dates_that_make_no_sense_are_refused_in_words(shop: Shop, query: str, english: str) -> None:
    answer = await shop.ana.page(f"/connectors/ga4/pages?{query}")
    while answer.status_code == 303:
        answer = await shop.ana.page(answer.headers["location"])
    assert answer.status_code == 422 and english in answer.text and 'class="panel' not in answer.text
    for day in re.findall(r"(?:from|to)=([\d-]{10})", query):
        assert f'value="{day}"' in answer.text, "the form keeps what was typed"


async def test_the_form_is_taken_to_one_plain_address(shop: Shop) -> None:
    sent = f"client={shop.scope.client_id}&range=custom&from=2026-11-01&to=2026-11-10&compare=none&refresh=1"
    answer = await shop.ana.page(f"/connectors/ga4/pages?{sent}")
    assert answer.status_code == 303
    kept = f"client={shop.scope.client_id}&range=2026-11-01..2026-11-10&compare=none&refresh=1"
    assert answer.headers["location"] == f"/connectors/ga4/pages?{kept}"


async def test_a_file_has_the_rows_of_the_json(shop: Shop) -> None:
    answer = await shop.ana.page("/connectors/ga4/pages?range=7days&format=csv&section=pages")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="shop-ga4-pages-pages-')
    assert answer.headers["cache-control"] == "no-store"
    report = (await shop.ana.get("/api/connectors/ga4/pages?range=7days")).json()
    section = next(each for each in report["sections"] if each["id"] == "pages")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    rows = lines[lines.index([]) + 2 :]
    assert rows[: len(section["rows"])] == [
        ["" if cell is None else str(cell) for cell in row] for row in section["rows"]
    ]
    assert (await shop.ana.page("/connectors/ga4/pages?format=csv&section=nothing")).status_code == 404


async def test_another_workspaces_client_is_no_client(shop: Shop) -> None:
    bob = await shop.api.sign_up("bob@example.com")
    await bob.new_client("Bobs")
    answers = [
        await bob.page(f"/connectors/ga4?client={client}{more}")
        for client in (shop.scope.client_id, "no-such")
        for more in ("", "&format=csv&section=days")
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert not any("Lampadar" in answer.text for answer in answers)
    assert "Lampadar" not in (await bob.page("/connectors/ga4")).text


async def test_a_page_that_reads_itself_again_does_not_choose_a_client(shop: Shop) -> None:
    other = await shop.ana.new_client("Other")
    await shop.ana.page(f"/connectors/ga4?client={other}")
    chosen = shop.ana.http.cookies.get("camarad_client")
    path = f"/connectors/ga4/realtime?client={shop.scope.client_id}"
    answer = await shop.ana.page(path, **{"Sec-Fetch-Mode": "cors"})
    assert "Lampadar" in answer.text and shop.ana.http.cookies.get("camarad_client") == chosen
    await shop.ana.page(path)
    assert shop.ana.http.cookies.get("camarad_client") != chosen


async def test_data_of_strangers_is_text_on_the_page(shop: Shop) -> None:
    attack = "<script>alert(1)</script>"
    for query in (f"range={attack}", f"sort.pages={attack}", f"show.days=%22%3E{attack}", f"all.%22%3E{attack}=1"):
        answer = await shop.ana.page(f"/connectors/ga4/pages?{query}")
        assert answer.status_code in (200, 422) and attack not in answer.text


async def test_no_data_is_said_and_is_no_error(shop: Shop) -> None:
    status, shown = await shop.page("/connectors/ga4?range=2015-01-01..2015-01-02&compare=none")
    assert status == 200 and "No data in these dates" in shown and "trouble" not in shown
