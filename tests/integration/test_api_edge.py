"""What holds for every route: hosts, headers, ids, error shapes, access classes, operators' routes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import SecretStr

from camarad.settings import Settings
from tests.support.web import Camarad, code, running

ODD = ("localhost/settings?", "localhost?x", "localhost#x", "localhost:abc", "localhost:99999", "[::1]evil.example")
CLASSES = {"public", "user", "client", "internal"}


def operations(api: Camarad) -> list[tuple[str, str, dict[str, Any]]]:
    schema = api.app.app._app.openapi() if hasattr(api.app.app, "_app") else api.app.app.openapi()  # type: ignore[attr-defined]
    return [(p, m, o) for p, methods in schema["paths"].items() for m, o in methods.items()]


async def test_every_route_states_its_class(api: Camarad) -> None:
    found = operations(api)
    assert len(found) > 40
    assert [(p, m) for p, m, o in found if o.get("x-camarad-access") not in CLASSES] == []


async def test_every_class_is_kept_by_every_route_of_it(api: Camarad) -> None:
    stranger, ana = api.browser(), await api.sign_up()
    for path, method, operation in operations(api):
        concrete = re.sub(r"\{[^}]+\}", "x", path)
        access = operation["x-camarad-access"]
        if access in ("user", "client"):
            answer = await stranger.call(method.upper(), concrete)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["cache-control"] == "no-store"
        if access == "client":
            assert (await ana.call(method.upper(), concrete)).status_code == 400, (method, path)
            other = await ana.call(method.upper(), concrete, X_Client_ID="not-mine")
            assert other.status_code == 404, (method, path)
        if access == "internal":
            assert (await ana.call(method.upper(), concrete)).status_code == 403, (method, path)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::1", *ODD])
async def test_other_host_names_are_not_answered(api: Camarad, host: str) -> None:
    answer = await api.browser().http.get("/healthz", headers={"Host": host})
    assert answer.status_code == 421 and code(answer) == "host_not_allowed"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
async def test_loopback_is_answered_under_all_of_its_names(api: Camarad, host: str) -> None:
    assert (await api.browser().http.get("/healthz", headers={"Host": host})).status_code == 200


async def test_security_headers_are_on_every_answer(api: Camarad) -> None:
    for path in ("/", "/api/clients", "/nothing", "/static/site.css", "/healthz"):
        headers = (await api.browser().http.get(path)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin" and headers["x-request-id"]


async def test_the_callers_request_id_is_used_when_it_can_be(api: Camarad) -> None:
    browser = api.browser()
    assert (await browser.get("/healthz", X_Request_ID="my-id.1")).headers["x-request-id"] == "my-id.1"
    for bad in ("a b", "x" * 129, "<script>", "ä"):
        answer = await browser.http.get("/healthz", headers={"X-Request-ID": bad.encode()})
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


async def test_errors_have_one_shape(api: Camarad) -> None:
    ana = await api.sign_up()
    for answer in (
        await ana.get("/api/nothing"),
        await ana.call("DELETE", "/api/clients"),
        await ana.post("/api/clients", {}),
        await ana.get("/api/agents/list"),
        await api.browser().get("/api/clients"),
    ):
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint", "request_id"}
        assert error["request_id"] == answer.headers["x-request-id"] and all(error.values())


async def test_a_validation_error_does_not_repeat_what_was_sent(api: Camarad) -> None:
    answer = await api.browser().http.post("/api/auth/signup", json={"email": "nonsense", "password": "hunter2"})
    assert answer.status_code == 422 and "hunter2" not in answer.text and "nonsense" not in answer.text


@pytest.mark.parametrize("path", ["/api/conversations/%00", "/%00", "/api/clients?x=%00"])
async def test_a_null_byte_in_an_address_is_nothing(api: Camarad, path: str) -> None:
    ana = await api.sign_up()
    assert (await ana.get(path)).status_code == 404


async def test_a_defect_is_answered_without_its_details(api: Camarad) -> None:
    async def broken() -> None:
        raise RuntimeError("the secret detail")

    api.app.app.add_api_route("/api/broken", broken)  # type: ignore[attr-defined]
    answer = await api.browser().get("/api/broken")
    assert answer.status_code == 500 and code(answer) == "internal" and "secret" not in answer.text


async def test_ready_tells_what_is_not(api: Camarad) -> None:
    browser = api.browser()
    assert (await browser.get("/readyz")).status_code == 200
    await api.services.database.close()
    (api.services.settings.camarad_data_dir / "camarad.db").write_bytes(b"this is not a database, not any more" * 200)
    answer = await browser.get("/readyz")
    assert answer.status_code == 503 and answer.json()["checks"]["database"] == {"ok": False}


async def test_metrics_are_for_operators(settings: Settings, sqlite_url: str) -> None:
    async with running(settings.model_copy(update={"internal_token": SecretStr("operators")})) as api:
        browser = api.browser()
        await browser.get("/api/clients")
        assert (await browser.get("/metrics")).status_code == 403
        assert (await browser.get("/metrics", X_Internal_Token="guess")).status_code == 403
        answer = await browser.get("/metrics", X_Internal_Token="operators")
        assert answer.status_code == 200
        assert 'camarad_http_requests_total{method="GET",route="/api/clients",status="401"} 1.0' in answer.text


async def test_plans_come_from_the_one_table(api: Camarad) -> None:
    plans = (await api.browser().get("/api/pricing/plans")).json()
    prices = [(p["code"], p["price_eur_cents_per_month"]) for p in plans["plans"]]
    assert prices == [("free", 0), ("starter", 600), ("pro", 1_800), ("enterprise", 4_000)]


async def test_bad_windows_and_pages_are_refused(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    for path in ("/api/usage?window=25", "/api/conversations?limit=0", "/api/conversations?before=yesterday"):
        assert (await ana.get(path)).status_code == 422


async def test_a_flood_of_requests_is_told_to_wait(settings: Settings, sqlite_url: str) -> None:
    async with running(settings.model_copy(update={"requests_per_minute_user": 3})) as api:
        ana = await api.sign_up()
        statuses = [(await ana.get("/api/clients")).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        refused = await ana.get("/api/clients")
        assert refused.json()["error"]["code"] == "rate_limited" and 0 < int(refused.headers["retry-after"]) <= 60
        stranger = api.browser("203.0.113.9")
        assert (await stranger.get("/healthz")).status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "null", "http://", "127.0.0.1", "http://ana@127.0.0.1"])
async def test_an_origin_that_is_not_this_server_is_refused_whatever_it_looks_like(api: Camarad, origin: str) -> None:
    answer = await api.browser().http.post("/api/auth/login", json={}, headers={"Origin": origin})
    assert answer.status_code == 403 and code(answer) == "cross_origin"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_in_no_year_is_refused(api: Camarad, moment: str) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    listed = await ana.http.get("/api/conversations", params={"before": moment}, headers={"X-Client-ID": ana.client_id})
    made = await ana.post("/api/keys", {"name": "Reports", "expires_at": moment})
    assert (listed.status_code, made.status_code) == (422, 422)
