"""What matters for security is on record: by whom, from where, and for whose eyes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update

from billing.stripe.double import ACT
from camarad.models import AuditEvent, AuthSession, Membership, User
from camarad.scope import Scope
from tests.support.connections import connect
from tests.support.product import ROOT
from tests.support.web import Browser, Camarad
from web import i18n
from web.app import API_ROUTES, PAGE_ROUTES
from web.audit import MARK
from web.oauth.callback import ACTS

WITHOUT_RECORD = {
    "/language": "a choice of words",
    "/connectors/client": "a choice of what to look at",
    "/api/workspace/erase": "recorded by what it does, in place of who is gone",
    "/settings/workspace/erase": "likewise",
    "/reset-password": "recorded for whose password it is, since nobody is signed in",
    "/api/settings/billing/plan": "it changes nothing: Stripe alone says which plan is paid for",
    "/api/settings/billing/refresh": "it asks Stripe again",
    "/settings/billing/refresh": "likewise",
    "/api/stripe/webhook": "every event is kept by its id",
    "/api/conversations/new": "a person's own work",
    "/api/conversations/{conversation_id}": "a person's own work",
    "/api/conversations/{conversation_id}/messages": "a person's own work, on record as a turn",
    "/v1/chat/completions": "a person's own work, on record as a turn",
    "/api/conversations/{conversation_id}/stop": "a person's own work",
    "/api/conversations/{conversation_id}/messages/{message_id}/feedback": "a person's own opinion",
}


async def acts(browser: Browser) -> list[tuple[str, str]]:
    events: list[dict[str, Any]] = (await browser.get("/api/audit")).json()["events"]
    return [(event["act"], event["subject"]) for event in events]


async def test_what_a_person_did_is_there_with_who_and_from_where(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    made = (await ana.post("/api/clients", {"name": "Lumen"})).json()["client"]["id"]
    await ana.http.delete(f"/api/clients/{made}", headers={"X-CSRF-Token": ana.csrf, "X-Request-ID": "put-away-1"})
    assert await acts(ana) == [("client_archived", made), ("client_created", ""), ("signed_up", "")]
    newest = (await ana.get("/api/audit?limit=1")).json()["events"][0]
    assert newest["user"]["email"] == "ana@example.com" and newest["address"] == "127.0.0.1"
    assert newest["request_id"] == "put-away-1"


async def test_a_failed_sign_in_is_on_record_for_the_person_and_a_refused_act_is_not(api: Camarad) -> None:
    ana = await api.sign_up()
    stranger = api.browser("127.0.0.9")
    for email in ("ana@example.com", "nobody@example.com"):
        answer = await stranger.post("/api/auth/login", {"email": email, "password": "wrong"})
        assert answer.status_code == 401
    assert (await ana.http.delete("/api/clients/unknown", headers={"X-CSRF-Token": ana.csrf})).status_code == 404
    assert await acts(ana) == [("sign_in_failed", ""), ("signed_up", "")]


async def everything(api: Camarad) -> list[tuple[str, dict[str, Any]]]:
    """The whole record, also of no workspace, oldest first."""
    async with api.services.database.read() as session:
        rows = await session.scalars(select(AuditEvent).order_by(AuditEvent.at, AuditEvent.id))
        return [(row.act, row.detail) for row in rows]


async def test_what_changed_nothing_is_not_on_record(api: Camarad) -> None:
    """An empty disconnect would read as a lost connection, and nobody's sign-out would let strangers fill the table."""
    ana, stranger = await api.sign_up(), api.browser()
    client = await ana.new_client()
    csrf = {"csrf_token": ana.csrf}
    assert (await ana.form("/settings/google/unknown/unlink", **csrf)).status_code == 303
    assert (await ana.form("/connectors/ga4/disconnect", client_id=client, **csrf)).status_code == 303
    assert (await ana.call("DELETE", "/api/connectors/ga4")).status_code == 200
    assert (await stranger.post("/api/auth/logout")).status_code == 200
    assert (await stranger.form("/logout")).status_code == 303
    form = re.search(r'name="csrf_token" value="([^"]+)"', (await stranger.page("/login")).text)
    assert form and (await stranger.form("/operations/sign-out", csrf_token=form[1])).status_code == 303
    assert [act for act, _ in await everything(api)] == ["signed_up", "client_created"]


async def test_what_a_key_did_names_the_key(api: Camarad) -> None:
    """Its person did nothing: when a key got out, the record has to say which deeds were its own."""
    ana = await api.sign_up()
    made = (await ana.post("/api/keys", {"name": "Import"})).json()
    answer = await api.browser().post("/api/clients", {"name": "Lumen"}, authorization=f"Bearer {made['secret']}")
    assert answer.status_code == 201
    by = {"by_key": made["key"]["id"]}
    assert await everything(api) == [("signed_up", {}), ("key_created", {}), ("client_created", by)]


async def test_a_form_that_names_a_client_has_it_on_record(api: Camarad) -> None:
    ana = await api.sign_up()
    client = await ana.new_client()
    here = (await ana.get("/api/auth/status")).json()
    await connect(api.services.database, Scope(here["user"]["id"], here["workspace"]["id"], client), "ga4", "1")
    answer = await ana.form("/connectors/ga4/disconnect", client_id=client, csrf_token=ana.csrf)
    assert answer.status_code == 303
    assert (await everything(api))[-1] == ("connection_disconnected", {"client_id": client})


async def test_nobody_sees_another_workspaces_record(api: Camarad) -> None:
    ana, mia = await api.sign_up(), await api.sign_up("mia@example.com")
    await ana.post("/api/clients", {"name": "Lumen"})
    assert await acts(mia) == [("signed_up", "")]
    page = (await mia.page("/settings/workspace")).text
    assert "Signed up" in page and "ana@example.com" not in page


async def test_a_member_sees_what_they_did_themselves(api: Camarad) -> None:
    ana, mia = await api.sign_up(), await api.sign_up("mia@example.com")
    async with api.services.database.write() as session:
        home = await session.scalar(select(Membership.workspace_id).join(User).where(User.email == "ana@example.com"))
        mia_id = await session.scalar(select(User.id).where(User.email == "mia@example.com"))
        await session.execute(
            update(Membership).where(Membership.user_id == mia_id).values(workspace_id=home, role="member")
        )
        await session.execute(update(AuthSession).where(AuthSession.user_id == mia_id).values(workspace_id=home))
    await ana.post("/api/clients", {"name": "Lumen"})
    assert await acts(ana) == [("client_created", ""), ("signed_up", "")]
    assert await acts(mia) == []


@pytest.mark.parametrize("limit", ["0", "501", "x"])
async def test_a_bad_limit_is_refused(api: Camarad, limit: str) -> None:
    assert (await (await api.sign_up()).get(f"/api/audit?limit={limit}")).status_code == 422


def test_every_route_that_changes_something_says_what_it_records() -> None:
    silent = set()
    for router in (*API_ROUTES, *PAGE_ROUTES):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            if route.methods & {"POST", "PUT", "PATCH", "DELETE"} and MARK not in (route.openapi_extra or {}):
                silent.add(route.path)
    assert silent <= WITHOUT_RECORD.keys()


def acts_of_routes() -> set[str]:
    routes = [route for router in (*API_ROUTES, *PAGE_ROUTES) for route in router.routes]
    marks = [(route.openapi_extra or {}).get(MARK) for route in routes if isinstance(route, APIRoute)]
    return {act for act in marks if act}


def acts_in_the_code() -> set[str]:
    """What is recorded beside the routes: each event that names its act where it is made."""
    sources = [path.read_text("utf-8") for room in ("web", "billing") for path in (ROOT / room).rglob("*.py")]
    return {act for source in sources for act in re.findall(r"\bEvent\(\s*(?:act=)?\"(\w+)\"", source)}


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_every_act_has_words_for_the_page(language: str) -> None:
    acts = acts_of_routes() | acts_in_the_code() | set(ACTS.values()) | {"sign_in_failed", "password_refused", ACT}
    assert {"plan_canceled", "reset_link_made"} <= acts
    shown = sorted(act for act in acts if not act.startswith("operator_"))  # those are of no workspace, and on no page
    assert [act for act in shown if not i18n.has(language, f"audit.act.{act}")] == []
