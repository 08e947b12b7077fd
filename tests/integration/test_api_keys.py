"""API keys over HTTP: shown once, hashed, limited by scope, role, client and time, dead at once when they should be."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from camarad.models import ApiKey, Membership, User
from tests.support.members import moved_in, set_role, user_id
from tests.support.web import Browser, Camarad, code


async def new_key(browser: Browser, **fields: Any) -> str:
    answer = await browser.post("/api/keys", {"name": "Reports", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


def by_key(api: Camarad, secret: str, client_id: str = "") -> Browser:
    """A program: no cookies, no CSRF token, only its key."""
    program = api.browser()
    program.http.headers["Authorization"] = f"Bearer {secret}"
    program.client_id = client_id
    return program


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    answer = await ana.post("/api/keys", {"name": "Reports", "expires_at": "2036-01-01T00:00:00Z"})
    key, secret = answer.json()["key"], answer.json()["secret"]
    assert answer.status_code == 201 and secret.startswith("ck_") and len(secret) == 46
    assert key["prefix"] == secret[:9] and key["scopes"] == ["chat", "read", "manage"]
    listed = await ana.get("/api/keys")
    assert listed.json()["keys"] == [key] and secret not in listed.text
    async with api_both.services.database.read() as session:
        row = (await session.scalars(select(ApiKey))).one()
    assert row.secret_hash == hashlib.sha256(secret.encode()).hexdigest() and row.last_used_at is None


async def test_a_key_works_without_cookies_and_csrf_on_user_and_client_routes(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    client = await ana.new_client()
    program = by_key(api_both, await new_key(ana))
    assert (await program.get("/api/clients")).json()["clients"][0]["id"] == client
    assert (await program.get("/api/auth/status")).json()["signed_in"] is True
    missing = await program.post("/api/conversations/new")
    assert missing.status_code == 400 and code(missing) == "client_required"
    program.client_id = client
    assert (await program.post("/api/conversations/new")).status_code == 201
    assert (await program.get("/api/agents/list", X_Client_ID="not-mine")).status_code == 404
    assert (await program.call("PATCH", f"/api/clients/{client}", {"name": "By key"})).status_code == 200


async def test_a_revoked_key_is_refused_at_once(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    made = (await ana.post("/api/keys", {"name": "Reports"})).json()
    program = by_key(api_both, made["secret"])
    assert (await program.get("/api/clients")).status_code == 200
    assert (await ana.call("DELETE", f"/api/keys/{made['key']['id']}")).status_code == 204
    refused = await program.get("/api/clients")
    assert (
        refused.status_code == 401
        and code(refused) == "not_signed_in"
        and "Bearer" in refused.headers["www-authenticate"]
    )
    assert (await ana.get("/api/keys")).json() == {"keys": []}
    assert (await ana.call("DELETE", f"/api/keys/{made['key']['id']}")).status_code == 404


async def test_a_key_ends_when_it_expires(api: Camarad) -> None:
    ana = await api.sign_up()
    program = by_key(api, await new_key(ana, expires_at="2036-01-01T00:00:00+02:00"))
    assert (await program.get("/api/clients")).status_code == 200
    async with api.services.database.write() as session:
        await session.execute(update(ApiKey).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert (await program.get("/api/clients")).status_code == 401
    assert (await ana.get("/api/keys")).json()["keys"][0]["expired"] is True


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        ({"name": ""}, 422, "invalid_input"),
        ({"name": "x" * 81}, 422, "invalid_input"),
        ({"scopes": []}, 422, "key_scope_missing"),
        ({"scopes": ["everything"]}, 422, "invalid_input"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "key_expiry_past"),
        ({"expires_at": "2036-01-01T00:00:00"}, 422, "invalid_input"),
        ({"client_id": "nobody's"}, 404, "not_found"),
        ({"client_id": "a\x00b"}, 422, "invalid_input"),
    ],
)
async def test_bad_keys_are_not_made(api: Camarad, fields: dict[str, Any], status: int, expected: str) -> None:
    answer = await (await api.sign_up()).post("/api/keys", {"name": "Reports", **fields})
    assert answer.status_code == status and code(answer) == expected


async def test_scopes_are_enforced(api: Camarad) -> None:
    ana = await api.sign_up()
    client = await ana.new_client()
    calls = {
        "read": ("GET", "/api/clients", None),
        "read or chat": ("GET", "/api/conversations", None),
        "chat": ("POST", "/api/conversations/new", {}),
        "manage": ("PATCH", f"/api/clients/{client}", {"currency": "RON"}),
    }
    allowed = {"read": {"read", "read or chat"}, "chat": {"chat", "read or chat"}, "manage": {"manage", "read"}}
    for scope, may in allowed.items():
        program = by_key(api, await new_key(ana, scopes=[scope]), client)
        for needed, call in calls.items():
            answer = await program.call(*call)
            assert (answer.status_code < 300) == (needed in may), (scope, needed, answer.text)
            if needed not in may:
                assert answer.status_code == 403 and code(answer) == "scope_required"
                assert all(word in answer.json()["error"]["message"] for word in needed.split(" or "))


async def test_a_key_makes_no_keys_and_sends_no_pages_forms(api: Camarad) -> None:
    ana = await api.sign_up()
    program = by_key(api, await new_key(ana))
    answer = await program.post("/api/keys", {"name": "Another"})
    assert answer.status_code == 403 and code(answer) == "sign_in_required"
    form = await program.form("/settings/profile", display_name="X", language="en")
    assert form.status_code == 403 and "not for API keys" in form.text


async def test_a_key_of_one_client_works_for_it_alone(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    other, bound = await ana.new_client("Other"), await ana.new_client("Bound")
    program = by_key(api_both, await new_key(ana, client_id=bound))
    assert (await program.get("/api/agents/list")).status_code == 200  # no header needed
    assert (await program.get("/api/agents/list", X_Client_ID=bound)).status_code == 200
    foreign = await program.get("/api/agents/list", X_Client_ID=other, X_Request_ID="same")
    never = await program.get("/api/agents/list", X_Client_ID="no-such", X_Request_ID="same")
    assert foreign.status_code == 404 and foreign.content == never.content
    wide = await program.get("/api/clients")
    assert wide.status_code == 403 and code(wide) == "key_bound"
    await ana.call("DELETE", f"/api/clients/{bound}")
    assert (await program.get("/api/agents/list")).status_code == 404


async def test_the_cookie_of_the_active_client_is_not_for_keys(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    await ana.form("/connectors/client", csrf_token=ana.csrf, client_id=ana.client_id)
    answer = await ana.http.get("/api/agents/list", headers={"Authorization": f"Bearer {await new_key(ana)}"})
    assert answer.status_code == 400


async def test_a_key_beside_a_cookie_decides(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    secret = await new_key(bob)
    spoken = await ana.http.get("/api/auth/status", headers={"Authorization": f"Bearer {secret}"})
    assert spoken.json()["user"]["email"] == "bob@example.com"
    bad = await ana.http.get("/api/clients", headers={"Authorization": "Bearer ck_wrong"})
    assert bad.status_code == 401
    twice = [("Authorization", f"Bearer {secret}"), ("Authorization", f"Bearer {secret}")]
    assert (await ana.http.get("/api/clients", headers=twice)).status_code == 401
    other = await ana.http.get("/api/clients", headers={"Authorization": "Basic YTpi"})  # a proxy's, not ours
    assert other.status_code == 200


@pytest.mark.parametrize("sent", ["", "ck_", "ck_" + "x" * 43, "sk_test_1", "ck_" + "x" * 5000, "ck_\u00e4", "ck_a b"])
async def test_what_is_no_key_is_refused_with_the_same_bytes(api: Camarad, sent: str) -> None:
    def headers(value: str) -> list[tuple[bytes, bytes]]:
        return [(b"Authorization", f"Bearer {value}".encode()), (b"X-Request-ID", b"same")]

    answer = await api.browser().http.get("/api/clients", headers=headers(sent))
    other = await api.browser().http.get("/api/clients", headers=headers("nonsense"))
    assert answer.status_code == 401 and answer.content == other.content


async def test_a_key_never_does_more_than_its_person_may(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    await ana.new_client()
    mia = await moved_in(api_both, ana, "mia@example.com", "admin")
    program = by_key(api_both, await new_key(mia), ana.client_id)
    assert (await program.post("/api/clients", {"name": "Made by an admin"})).status_code == 201
    await set_role(api_both, "mia@example.com", "member")
    assert code(await program.post("/api/clients", {"name": "Made by a member"})) == "scope_required"
    assert (await program.post("/api/conversations/new")).status_code == 201
    wide = await mia.post("/api/keys", {"name": "Reports", "scopes": ["manage"]})
    assert wide.status_code == 422 and code(wide) == "key_scope_too_wide"
    assert (await mia.post("/api/keys", {"name": "Own"})).json()["key"]["scopes"] == ["chat", "read"]


async def test_the_key_of_a_person_who_left_or_was_closed_is_dead(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    mia, zoe = [await moved_in(api_both, ana, f"{name}@example.com", "member") for name in ("mia", "zoe")]
    keys = [by_key(api_both, await new_key(person)) for person in (mia, zoe)]
    assert [(await key.get("/api/clients")).status_code for key in keys] == [200, 200]
    left, closed = await user_id(api_both, "mia@example.com"), await user_id(api_both, "zoe@example.com")
    async with api_both.services.database.write() as session:
        await session.execute(delete(Membership).where(Membership.user_id == left))
        await session.execute(update(User).where(User.id == closed).values(disabled_at=datetime.now(UTC)))
    assert [(await key.get("/api/clients")).status_code for key in keys] == [401, 401]


async def test_those_who_manage_keys_see_and_revoke_everybodys(api: Camarad) -> None:
    ana = await api.sign_up()
    mia = await moved_in(api, ana, "mia@example.com", "member")
    bob = await api.sign_up("bob@example.com")
    hers = (await mia.post("/api/keys", {"name": "Mia's"})).json()["key"]["id"]
    anas = (await ana.post("/api/keys", {"name": "Ana's"})).json()["key"]["id"]
    assert {key["email"] for key in (await ana.get("/api/keys")).json()["keys"]} == {
        "ana@example.com",
        "mia@example.com",
    }
    assert [key["id"] for key in (await mia.get("/api/keys")).json()["keys"]] == [hers]
    for person, key in ((mia, anas), (bob, hers), (bob, anas)):
        refused: httpx.Response = await person.call("DELETE", f"/api/keys/{key}", X_Request_ID="same")
        never = await person.call("DELETE", "/api/keys/no-such", X_Request_ID="same")
        assert refused.status_code == 404 and refused.content == never.content
    assert (await ana.call("DELETE", f"/api/keys/{hers}")).status_code == 204


async def test_the_last_use_is_written_at_most_once_a_minute(api: Camarad) -> None:
    ana = await api.sign_up()
    program = by_key(api, await new_key(ana))

    async def used() -> str:
        return str((await ana.get("/api/keys")).json()["keys"][0]["last_used_at"])

    await program.get("/api/clients")
    first = await used()
    await program.get("/api/clients")
    assert first != "None" and await used() == first
    async with api.services.database.write() as session:
        await session.execute(update(ApiKey).values(last_used_at=datetime.now(UTC) - timedelta(seconds=61)))
    await program.get("/api/clients")
    assert await used() > first


async def test_a_person_has_so_many_keys(api: Camarad, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.keys.MOST", 2)
    ana = await api.sign_up()
    for _ in range(2):
        await new_key(ana)
    answer = await ana.post("/api/keys", {"name": "One more"})
    assert answer.status_code == 409 and code(answer) == "too_many_keys"


MANAGING = [
    ("POST", "/api/clients", {"name": "New"}),
    ("PATCH", "/api/clients/{c}", {"name": "Other"}),
    ("DELETE", "/api/clients/{c}", None),
    ("GET", "/api/connectors/ga4/auth-url", None),
    ("GET", "/api/connectors/ga4/properties", None),
    ("GET", "/api/connectors/google-ads/accounts", None),
    ("POST", "/api/connectors/ga4/property", {"id": "1"}),
    ("POST", "/api/connectors/google-ads/account", {"id": "1"}),
    ("DELETE", "/api/connectors/ga4", None),
]
PAGES = ["/app/clients", "/app/clients/{c}/rename", "/app/clients/{c}/archive", "/connectors/ga4/choose",
         "/connectors/ga4/disconnect", "/connectors/ga4/gateway"]  # fmt: skip


async def test_members_use_clients_and_manage_nothing(api: Camarad) -> None:
    ana = await api.sign_up()
    client = await ana.new_client()
    mia = await moved_in(api, ana, "mia@example.com", "member")
    mia.client_id = client
    for path in ("/api/clients", f"/api/clients/{client}", "/api/agents/list", "/api/connectors/list"):
        assert (await mia.get(path)).status_code == 200
    assert (await mia.post("/api/conversations/new")).status_code == 201
    for method, path, body in MANAGING:
        answer = await mia.call(method, path.format(c=client), body)
        assert answer.status_code == 403 and code(answer) == "admin_required", (method, path)
        assert "Only an owner or an admin of the workspace may manage" in answer.json()["error"]["message"]
    for path in PAGES:
        page = await mia.form(path.format(c=client), csrf_token=mia.csrf, client_id=client, name="New")
        assert page.status_code == 403 and "Only an owner or an admin" in page.text, path
    assert (await mia.page(f"/connectors/ga4/connect?client={client}")).status_code == 403
    await set_role(api, "mia@example.com", "admin")
    assert (await mia.call("PATCH", f"/api/clients/{client}", {"name": "Other"})).status_code == 200
