"""Calibration over HTTP: for operators only, and bad input is answered in sentences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from camarad.models import AuditEvent, CtRate, UsageRow
from camarad.settings import Settings
from tests.support.traffic import PRICE, Traffic, catalogue, dearer, steady
from tests.support.web import Browser, Camarad, code, running

TOKEN = "internal-token-of-the-test"
PROPOSAL, APPLY = "/api/billing/calibration-proposal", "/api/billing/calibration-apply"


@pytest.fixture
async def camarad(settings: Settings, sqlite_url: str) -> AsyncIterator[Camarad]:
    async with running(settings.model_copy(update={"internal_token": _secret()})) as made:
        yield made


def _secret() -> SecretStr:
    return SecretStr(TOKEN)


@pytest.fixture
def operator(camarad: Camarad) -> Browser:
    browser = camarad.browser()
    browser.http.headers["X-Internal-Token"] = TOKEN
    return browser


async def test_a_proposal_is_shown_applied_and_on_record(camarad: Camarad, operator: Browser) -> None:
    services = camarad.services
    await steady(services.clock.now() - timedelta(seconds=12)).write(services.database)
    found = (await operator.get(f"{PROPOSAL}?window_hours=48")).json()
    assert found["applicable"], found["reasons"]
    applied = await operator.post(APPLY, {"id": found["id"]})
    assert applied.status_code == 200, applied.text
    assert applied.json()["rate"]["scope"] == "shadow"
    assert (await operator.post(APPLY, {"id": found["id"]})).json() == applied.json()
    early = await operator.post(APPLY, {"id": found["id"], "scope": "debit"})
    assert (early.status_code, code(early)) == (409, "too_early")
    checked = (await operator.get(f"/api/billing/calibration-check?id={found['id']}")).json()
    assert not checked["ready"] and checked["code"] == "too_early"
    async with services.database.read() as session:
        assert list(await session.scalars(select(AuditEvent.act))) == ["rate_changed", "rate_changed"]


async def test_thin_data_are_shown_with_reasons_and_refused_with_409(operator: Browser) -> None:
    found = (await operator.get(PROPOSAL)).json()
    assert not found["applicable"] and found["reasons"] and found["window"]["hours"] == 48
    for body in ({"id": found["id"]}, {}):
        refused = await operator.post(APPLY, body)
        assert (refused.status_code, code(refused)) == (409, "calibration_thin")
        assert "rows is 0" in refused.json()["error"]["message"]


def skewed(traffic: Traffic) -> None:
    for number in range(900):
        traffic.call("w-000", 1 + number % 46, tokens_in=2_500, tokens_out=400)


def lumpy(traffic: Traffic) -> None:
    for row in traffic.rows[::110]:
        row["cost_micro_eur"] *= 150


def unpriced(traffic: Traffic) -> None:
    for number in range(60):
        traffic.call(f"w-{number % 20:03}", 3, price=None, model="nobody/knows")


def few(traffic: Traffic) -> None:
    del traffic.rows[450:]


def drifting(_: Traffic) -> None:
    """Left to the catalogue: since the middle of the window the price has been 8 % higher."""


@pytest.mark.parametrize(
    ("kind", "guard"),
    [
        *((skewed, "largest_workspace_bp"), (lumpy, "top_calls_bp"), (unpriced, "priced_bp"), (drifting, "drift_ppm")),
        (few, "rows"),
    ],
)
async def test_skewed_drifting_and_thin_traffic_is_shown_and_refused_by_the_guard_that_names_it(
    camarad: Camarad, operator: Browser, kind: Callable[[Traffic], None], guard: str
) -> None:
    services = camarad.services
    traffic = steady(services.clock.now() - timedelta(seconds=12))
    kind(traffic)
    await traffic.write(services.database)
    if kind is drifting:
        await catalogue(services.database, PRICE, services.clock.now() - timedelta(days=9))
        await catalogue(services.database, dearer(8), services.clock.now() - timedelta(hours=24))
    found = (await operator.get(f"{PROPOSAL}?window_hours=48")).json()
    broken = {each["name"] for each in found["guards"] if not each["ok"]}
    assert not found["applicable"] and guard in broken
    for _ in range(2):
        refused = await operator.post(APPLY, {"id": found["id"]})
        assert (refused.status_code, code(refused)) == (409, "calibration_thin")
        assert all(f"{name} is " in refused.json()["error"]["message"] for name in broken)
    async with services.database.read() as session:
        assert list(await session.scalars(select(CtRate))) == []


async def test_a_proposal_that_would_come_out_differently_now_is_refused(camarad: Camarad, operator: Browser) -> None:
    services = camarad.services
    await steady(services.clock.now() - timedelta(seconds=12), calls=120, hours=96).write(services.database)
    found = (await operator.get(PROPOSAL)).json()
    async with services.database.write() as session:
        await session.execute(update(UsageRow).values(cost_micro_eur=UsageRow.cost_micro_eur + 9))
    changed = await operator.post(APPLY, {"id": found["id"]})
    assert (changed.status_code, code(changed)) == (409, "proposal_changed")
    old = services.clock.now() - timedelta(hours=25)
    early = (await operator.get(f"{PROPOSAL}?until={old.isoformat().replace('+', '%2B')}")).json()
    stale = await operator.post(APPLY, {"id": early["id"]})
    assert (stale.status_code, code(stale)) == (409, "proposal_stale")
    unknown = await operator.post(APPLY, {"id": found["id"], "scope": "debit"})
    assert (unknown.status_code, code(unknown)) == (409, "not_in_shadow")


async def test_a_bad_window_end_or_invoice_is_refused(operator: Browser) -> None:
    for query in (
        *("window_hours=23", "window_hours=721", "window_hours=x", "window_hours=1e3"),
        *("until=yesterday", "until=2026-01-01T00:00:00", "until=2999-01-01T00:00:00Z", "until=0001-01-01T00:00:00Z"),
        *("until=0001-01-01T00:00:00%2B14:00", "until=9999-12-31T23:59:59-12:00"),
        *("invoiced_eur_micro=-1", "invoiced_eur_micro=0", "invoiced_eur_micro=99999999999999999999"),
    ):
        assert (await operator.get(f"{PROPOSAL}?{query}")).status_code == 422, query


async def test_what_is_no_proposal_is_refused(operator: Browser) -> None:
    digest = "0" * 24
    for body in (
        *({"id": "no id"}, {"id": 5}, {"id": "x" * 200}, {"id": "a", "scope": "default"}, []),
        {"id": f"20261301T000000.000000Z-48-0-{digest}"},
        {"id": f"20261101T000000.000000Z-9999-0-{digest}"},
        {"id": f"20991101T000000.000000Z-48-0-{digest}"},
        {"id": f"00010101T000000.000000Z-48-0-{digest}"},
        {"id": f"20261101T000000.000000Z-48-9999999999999999-{digest}"},
    ):
        assert (await operator.post(APPLY, body)).status_code == 422, body


async def test_recommendations_for_a_bad_number_of_days_are_refused(operator: Browser) -> None:
    assert (await operator.get("/api/billing/plan-recommendations?window_days=7")).status_code == 200
    for days in ("0", "31", "-1", "x"):
        assert (await operator.get(f"/api/billing/plan-recommendations?window_days={days}")).status_code == 422


async def test_nobody_else_may_ask(camarad: Camarad) -> None:
    ana = await camarad.sign_up()
    for browser in (ana, camarad.browser()):
        for path in (PROPOSAL, "/api/billing/plan-recommendations", "/api/billing/calibration-check?id=x"):
            assert (await browser.get(path)).status_code == 403
        assert (await browser.post(APPLY, {"id": "x"})).status_code == 403
