"""Calibration over HTTP: for operators only, and bad input is answered in sentences."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from camarad.models import AuditEvent
from camarad.settings import Settings
from tests.support.traffic import steady
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
