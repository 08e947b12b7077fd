"""A plan's limits as programs and people meet them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.plans import FREE
from tests.support.web import Camarad, code

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")


async def test_a_client_too_many_names_the_limit_and_the_plan_that_lifts_it(api: Camarad) -> None:
    ana = await api.sign_up()
    for number in range(FREE.max_clients):
        await ana.new_client(f"Client {number}")
    answer = await ana.post("/api/clients", {"name": "One too many"})
    assert answer.status_code == 429 and code(answer) == "max_clients"
    error = answer.json()["error"]
    assert error["message"] == "The Free plan holds at most 5 clients."
    assert "Starter plan holds 10" in error["hint"] and "/settings/billing" in error["hint"]
    ana.http.cookies.set("camarad_language", "ro")
    sent = await ana.form("/app/clients", name="Încă unul", csrf_token=ana.csrf)
    assert sent.status_code == 429 and "Planul Free nu mai cuprinde clienți proprii: limita este 5." in sent.text
    assert "Limita planului Starter este 10" in sent.text and 'value="Încă unul"' in sent.text


async def test_nobody_is_sent_to_google_for_a_connection_the_plan_does_not_hold(
    api: Camarad, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await api.sign_up()
    await ana.new_client("Acme")
    monkeypatch.setattr("billing.entitlements.plan", lambda _: replace(FREE, max_connections=0))
    answer = await ana.get("/api/connectors/ga4/auth-url")
    assert answer.status_code == 429 and code(answer) == "max_connections"
    page = await ana.page(f"/connectors/ga4/connect?client={ana.client_id}")
    assert page.status_code == 429 and 'href="/settings/billing"' in page.text
    assert "No plan" not in page.text and "Free plan holds at most 0 connections" in page.text
