"""Clients of a workspace, and the rules of naming one."""

from __future__ import annotations

import pytest

from billing.plans import plan
from tests.support.web import Camarad, code


async def test_a_client_is_made_listed_changed_and_archived(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    made = (await ana.post("/api/clients", {"name": "  Acme   Shop ", "currency": "ron"})).json()["client"]
    assert made["name"] == "Acme Shop" and made["currency"] == "RON" and made["timezone"] == "UTC"
    assert made["connections"] == {"ga4": "not_connected", "google-ads": "not_connected"} and made["demo"] is False
    path = f"/api/clients/{made['id']}"
    changed = await ana.call("PATCH", path, {"name": "Acme", "timezone": "Europe/Bucharest"})
    assert changed.json()["client"]["timezone"] == "Europe/Bucharest" and changed.json()["client"]["currency"] == "RON"
    assert [c["name"] for c in (await ana.get("/api/clients")).json()["clients"]] == ["Acme"]
    assert (await ana.call("DELETE", path)).status_code == 204
    assert (await ana.get("/api/clients")).json() == {"clients": []}
    assert (await ana.get(path)).status_code == 404


async def test_an_archived_clients_name_is_free_again(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    await ana.call("DELETE", f"/api/clients/{await ana.new_client()}")
    assert (await ana.post("/api/clients", {"name": "Acme"})).status_code == 201


async def test_a_name_is_used_once(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    await ana.new_client()
    answer = await ana.post("/api/clients", {"name": "Acme"})
    assert answer.status_code == 409 and code(answer) == "client_name_taken"


async def test_the_plan_holds_so_many_clients(api: Camarad) -> None:
    ana = await api.sign_up()
    for number in range(plan("free").max_clients):
        await ana.new_client(f"Client {number}")
    answer = await ana.post("/api/clients", {"name": "One too many"})
    assert answer.status_code == 429 and code(answer) == "max_clients"
    assert plan("free").max_clients >= 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 81},
        {"name": "a\x00b"},
        {"name": 7},
        {"name": "Acme", "currency": "EURO"},
        {"name": "Acme", "currency": "XQZ"},
        {"name": "Acme", "timezone": "Mars/Olympus"},
        {"name": "Acme", "timezone": "../../etc/passwd"},
    ],
)
async def test_bad_clients_are_refused(api: Camarad, body: dict[str, object]) -> None:
    answer = await (await api.sign_up()).post("/api/clients", body)
    assert answer.status_code == 422 and code(answer) == "invalid_input"


async def test_missing_sign_in_client_and_ownership_each_have_their_answer(api: Camarad) -> None:
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    foreign = await bob.new_client()
    assert (await api.browser().get("/api/agents/list", X_Client_ID=foreign)).status_code == 401
    missing = await ana.get("/api/agents/list")
    assert missing.status_code == 400 and code(missing) == "client_required"
    same = {"X_Request_ID": "same"}
    other = await ana.get("/api/agents/list", X_Client_ID=foreign, **same)
    unknown = await ana.get("/api/agents/list", X_Client_ID="no-such-client", **same)
    assert other.status_code == unknown.status_code == 404 and other.content == unknown.content


async def test_two_different_client_headers_name_none(api: Camarad) -> None:
    ana = await api.sign_up()
    mine = await ana.new_client()
    headers = [("X-Client-ID", mine), ("X-Client-ID", "another")]
    assert (await ana.http.get("/api/agents/list", headers=headers)).status_code == 400


async def test_an_archived_client_is_gone_for_every_call(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.call("DELETE", f"/api/clients/{await ana.new_client()}")
    assert (await ana.get("/api/conversations")).status_code == 404


async def test_another_workspaces_client_cannot_be_read_changed_or_archived(api: Camarad) -> None:
    ana, bob = await api.sign_up("ana@example.com"), await api.sign_up("bob@example.com")
    path = f"/api/clients/{await bob.new_client()}"
    assert (await ana.get(path)).status_code == 404
    assert (await ana.call("PATCH", path, {"name": "Mine now"})).status_code == 404
    assert (await ana.call("DELETE", path)).status_code == 404
    assert (await bob.get(path)).json()["client"]["name"] == "Acme"


async def test_agents_and_connectors_say_what_is_missing(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    agents = {a["slug"]: a for a in (await ana.get("/api/agents/list")).json()["agents"]}
    assert agents["personal-assistant"]["ready"] and not agents["ppc-specialist"]["ready"]
    assert agents["ppc-specialist"]["missing"] == ["google-ads"]
    connectors = (await ana.get("/api/connectors/list")).json()["connectors"]
    assert {c["provider"]: c["state"] for c in connectors} == {"ga4": "not_connected", "google-ads": "not_connected"}
    assert all(c["missing"] for c in connectors)


async def test_suggestions_need_no_model(api: Camarad, model_server: object) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    found = (await ana.get("/api/chat/suggestions")).json()["suggestions"]
    assert found and {"text", "agent"} == set(found[0])
    assert model_server.requests == []  # type: ignore[attr-defined]
