"""The operators' door and the page of costs behind it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from billing.daily import by_day
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import AuditEvent, UsageRow
from camarad.settings import Settings
from tests.support.metering import WORKSPACE
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, running
from web.operators import badge

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")

TOKEN = "a token of operators"
DOOR, COSTS = "/operations", "/operations/costs"


@pytest.fixture
async def open_api(settings: Settings, sqlite_url: str, model_server: ModelServer) -> AsyncIterator[Camarad]:
    async with running(hosted(settings, model_server, internal_token=SecretStr(TOKEN))) as camarad:
        yield camarad


async def try_token(browser: Browser, token: str) -> int:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.page(DOOR)).text)
    assert found is not None
    return (await browser.form(DOOR, token=token, csrf_token=found[1])).status_code


async def operator(camarad: Camarad) -> Browser:
    browser = camarad.browser()
    assert await try_token(browser, TOKEN) == 303
    return browser


async def acts(camarad: Camarad) -> list[str]:
    async with camarad.services.database.read() as session:
        return list(await session.scalars(select(AuditEvent.act).order_by(AuditEvent.at)))


async def test_the_token_opens_the_page_for_its_browser_and_is_on_record(open_api: Camarad) -> None:
    browser = open_api.browser()
    away = await browser.page(COSTS)
    assert (away.status_code, away.headers["location"]) == (303, DOOR)
    assert await try_token(browser, "wrong") == 401
    assert (await browser.page(COSTS)).status_code == 303
    assert await try_token(browser, TOKEN) == 303
    page = await browser.page(COSTS)
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    assert (await browser.page(DOOR)).headers["location"] == COSTS
    assert await acts(open_api) == ["operator_refused", "operator_signed_in"]


async def test_the_cookie_is_hidden_from_scripts_short_and_tells_nothing_of_the_token(open_api: Camarad) -> None:
    browser = open_api.browser()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.page(DOOR)).text)
    answer = await browser.form(DOOR, token=TOKEN, csrf_token=csrf[1] if csrf else "")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(badge.COOKIE))
    for part in ("HttpOnly", "SameSite=strict", f"Max-Age={badge.AGE}", f"Path={DOOR}"):
        assert part in cookie
    assert badge.AGE <= 3600 and badge._hash(TOKEN).decode() not in cookie and TOKEN not in cookie


async def test_the_cookie_reads_pages_and_opens_nothing_else(open_api: Camarad) -> None:
    browser = await operator(open_api)
    value = next(c.value for c in browser.http.cookies.jar if c.name == badge.COOKIE)
    sent = {"Cookie": f"{badge.COOKIE}={value}"}
    for path in ("/metrics", "/api/billing/cost-telemetry"):
        assert (await open_api.browser().http.get(path, headers=sent)).status_code == 403
    assert (await open_api.browser().http.get(COSTS, headers=sent)).status_code == 200
    for other in (f"{value}x", "", "x.y.z"):
        refused = await open_api.browser().http.get(COSTS, headers={"Cookie": f"{badge.COOKIE}={other}"})
        assert refused.status_code == 403
    with_header = await open_api.browser().http.get(COSTS, headers={"X-Internal-Token": TOKEN})
    assert with_header.status_code == 200


async def test_another_token_on_the_server_ends_every_cookie(open_api: Camarad) -> None:
    browser = await operator(open_api)
    settings = open_api.services.settings.model_copy(update={"internal_token": SecretStr("another")})
    object.__setattr__(open_api.services, "settings", settings)
    assert (await browser.page(COSTS)).status_code == 303


async def test_leaving_takes_the_cookie_away(open_api: Camarad) -> None:
    browser = await operator(open_api)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.page(COSTS)).text)
    assert csrf and (await browser.form(f"{DOOR}/sign-out", csrf_token=csrf[1])).status_code == 303
    assert (await browser.page(COSTS)).status_code == 303
    assert await acts(open_api) == ["operator_signed_in", "operator_signed_out"]


async def test_guessing_is_limited_also_for_the_right_token(open_api: Camarad) -> None:
    browser = open_api.browser()
    assert [await try_token(browser, f"guess {n}") for n in range(5)] == [401] * 5
    assert await try_token(browser, TOKEN) == 429
    elsewhere = open_api.browser("10.0.0.9")
    assert await try_token(elsewhere, TOKEN) == 303  # another address is not in its way


async def test_a_form_of_another_browser_is_refused(open_api: Camarad) -> None:
    foreign = re.search(r'name="csrf_token" value="([^"]+)"', (await open_api.browser().page(DOOR)).text)
    assert foreign and (await open_api.browser().form(DOOR, token=TOKEN, csrf_token=foreign[1])).status_code == 403


async def test_without_a_token_on_the_server_the_door_stays_closed(api: Camarad) -> None:
    browser = api.browser()
    page = await browser.page(DOOR)
    assert page.status_code == 403 and "This door is closed." in page.text and 'name="token"' not in page.text
    language_form = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    for token in ("", "None", TOKEN):
        sent = await browser.form(DOOR, token=token, csrf_token=language_form[1] if language_form else "")
        assert sent.status_code == 403 and badge.COOKIE not in sent.headers.get("set-cookie", "")
    assert (await browser.http.get(COSTS, headers={"X-Internal-Token": ""})).status_code == 403


def call(clock: ManualClock, hours: float, actual: int, shadow: int | None, cost: int | None) -> UsageRow:
    return UsageRow(
        id=new_id(),
        workspace_id=WORKSPACE,
        request_id=new_id(),
        agent="ppc-specialist",
        model="openai/<script>",
        status="settled",
        tokens_in=10,
        tokens_cached=0,
        tokens_out=5,
        estimated=False,
        cost_micro_eur=cost,
        ct_actual_debit=actual,
        ct_shadow_debit=shadow,
        attempts=[],
        duration_ms=1,
        at=clock.now() - timedelta(hours=hours),
    )


async def test_calls_are_counted_by_utc_day_and_empty_days_are_there(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        for row in (call(clock, 0, 5, 7, 900), call(clock, 11.99, 3, 2, 100), call(clock, 12.01, 2, None, None)):
            session.add(row)
        session.add(call(clock, 24 * 8, 1000, 1000, 1000))
    days = await by_day(database, clock)
    assert [(day.day.day, day.calls, day.ct_actual, day.ct_shadow, day.cost) for day in days[-3:]] == [
        (18, 0, 0, 0, 0),
        (19, 1, 2, 0, 0),
        (20, 2, 8, 9, 1000),
    ]
    assert len(days) == 7 and sum(day.calls for day in days) == 3


@pytest.mark.parametrize("language", ["en", "ro"])
async def test_the_page_shows_the_figures_of_the_telemetry(open_api: Camarad, language: str) -> None:
    real = ManualClock(open_api.services.clock.now())
    async with open_api.services.database.write() as session:
        session.add(call(real, 0.01, 1234, 2345, 7_654_321))
        session.add(call(real, 30, 10, None, None))
    browser = await operator(open_api)
    page = (await browser.page(f"{COSTS}?window=168", **{"Accept-Language": language})).text
    told = re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ")
    for figure in (
        ("1,244", "2,345", "+1,101", "€7.6543") if language == "en" else ("1.244", "2.345", "+1.101", "7,6543 EUR")
    ):
        assert figure in told, figure
    assert "50%" in told or "50 %" in told  # of the calls of seven days, half have a price
    assert "<script>" not in page and "openai/&lt;script&gt;" in page and WORKSPACE in page
    assert page.count("<svg") > 3 and 'role="img"' in page
