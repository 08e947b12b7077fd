"""Getting into a workspace by a link, being something in it, and getting out, with all doors shut behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update
from starlette.requests import Request

from camarad.errors import Forbidden
from camarad.models import Invitation, Workspace
from tests.support.members import moved_in, user_id, workspace_of
from tests.support.model_server import ModelServer, quiet
from tests.support.web import PASSWORD, Browser, Camarad, code
from web import invitations, members
from web.chat import identity
from web.chat.rechecks import ENDS_NOTHING
from web.sessions import find_session


async def token_of(owner: Browser, **fields: str) -> str:
    answer = await owner.post("/api/invitations", fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"]).partition("?token=")[2]


async def accepted(person: Browser, token: str) -> None:
    answer = await person.post("/api/invitations/accept", {"token": token})
    assert answer.status_code == 200, answer.text
    person.csrf = answer.json()["csrf_token"]


async def left(person: Browser) -> httpx.Response:
    return await person.post("/api/members/leave", {"workspace_id": await workspace_of(person)})


async def roomy(api: Camarad) -> None:
    """A plan with places for everybody of these tests."""
    async with api.services.database.write() as session:
        await session.execute(update(Workspace).values(plan_code="pro"))


async def roles(person: Browser) -> dict[str, str]:
    found = (await person.get("/api/members")).json()["members"]
    return {each["email"].partition("@")[0]: each["role"] for each in found}


async def test_a_person_with_an_account_comes_in_by_a_link_and_switches_back(api_both: Camarad) -> None:
    ana, bob = await api_both.sign_up(), await api_both.sign_up("bob@example.com")
    client = await ana.new_client("Ana's client")
    made = await ana.post("/api/invitations", {"role": "admin"})
    url, shown = made.json()["url"], made.json()["invitation"]
    assert url.startswith("http://127.0.0.1/invite?token=inv_") and shown["role"] == "admin"
    assert (await ana.get("/api/invitations")).json()["invitations"] == [shown]
    await accepted(bob, url.partition("?token=")[2])
    assert await roles(bob) == await roles(ana) == {"ana": "owner", "bob": "admin"}
    assert [each["id"] for each in (await bob.get("/api/clients")).json()["clients"]] == [client]
    assert (await ana.get("/api/invitations")).json() == {"invitations": []}
    homes = (await bob.get("/api/workspaces")).json()["workspaces"]
    assert [(each["name"], each["role"], each["current"]) for each in homes] == [
        ("bob", "owner", False),
        ("ana", "admin", True),
    ]
    old = bob.http.cookies["camarad_session"]
    back = await bob.post("/api/workspaces/switch", {"workspace_id": homes[0]["id"]})
    assert back.json()["workspace"]["name"] == "bob" and bob.http.cookies["camarad_session"] != old
    bob.csrf = back.json()["csrf_token"]
    assert (await bob.get("/api/clients")).json() == {"clients": []}
    stale = api_both.browser()
    stale.http.cookies.set("camarad_session", old)
    assert (await stale.get("/api/clients")).status_code == 401


async def test_signing_up_by_a_link_makes_no_workspace_of_ones_own(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    token, mia = await token_of(ana, role="member", email="mia@example.com"), api_both.browser()
    body = {"email": "mia@example.com", "password": PASSWORD, "invitation": token}
    answer = await mia.http.post("/api/auth/signup", json=body)
    assert answer.status_code == 201 and answer.json()["workspace"]["role"] == "member"
    assert [each["name"] for each in (await mia.get("/api/workspaces")).json()["workspaces"]] == ["ana"]
    again = await api_both.browser().http.post("/api/auth/signup", json={**body, "email": "zoe@example.com"})
    assert again.status_code == 409 and code(again) == "invitation_used"
    nobody = await api_both.browser().log_in("zoe@example.com")
    assert nobody.status_code == 401  # no account was made


async def test_what_is_no_invitation_any_more_is_refused_by_name(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    await roomy(api)
    made = await ana.post("/api/invitations", {})
    assert (await ana.call("DELETE", f"/api/invitations/{made.json()['invitation']['id']}")).status_code == 204
    withdrawn = made.json()["url"].partition("?token=")[2]
    other, late = await token_of(ana, email="zoe@example.com"), await token_of(ana)
    async with api.services.database.write() as session:
        row = await session.scalar(
            select(Invitation).where(Invitation.email.is_(None), Invitation.withdrawn_at.is_(None))
        )
        assert row is not None and row.expires_at - row.created_at == timedelta(days=7) and late not in row.token_hash
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    for token, status, expected in (
        (withdrawn, 409, "invitation_withdrawn"),
        (late, 409, "invitation_expired"),
        (other, 403, "invitation_other_email"),
        ("inv_" + "x" * 43, 404, "invitation_unknown"),
        ("", 404, "invitation_unknown"),
    ):
        answer = await bob.post("/api/invitations/accept", {"token": token})
        assert (answer.status_code, code(answer)) == (status, expected)
    await accepted(bob, await token_of(ana))
    again = await bob.post("/api/invitations/accept", {"token": await token_of(ana)})
    assert again.status_code == 409 and code(again) == "already_member"
    known = await ana.post("/api/invitations", {"email": "bob@example.com"})
    assert known.status_code == 409 and code(known) == "already_member"


async def test_a_link_for_one_e_mail_makes_no_account_with_another_and_is_not_used_up_by_trying(
    api_both: Camarad,
) -> None:
    ana, zoe = await api_both.sign_up(), await api_both.sign_up("zoe@example.com")
    token = await token_of(ana, email=" Mia@Example.com ")
    body = {"email": "bob@example.com", "password": PASSWORD, "invitation": token}
    answer = await api_both.browser().http.post("/api/auth/signup", json=body)
    assert answer.status_code == 403 and code(answer) == "invitation_other_email"
    assert (await api_both.browser().log_in("bob@example.com")).status_code == 401, "no account was made"
    refused = await zoe.post("/api/invitations/accept", {"token": token})
    assert refused.status_code == 403 and code(refused) == "invitation_other_email"
    shown = (await zoe.page(f"/invite?token={token}")).text
    assert "m…@example.com" in shown and "mia@example.com" not in shown
    mia = await api_both.browser().http.post("/api/auth/signup", json={**body, "email": "MIA@example.com"})
    assert mia.status_code == 201 and await roles(ana) == {"ana": "owner", "mia": "member"}


async def test_a_link_for_nobody_in_particular_is_good_for_whoever_has_it_and_makes_nobody_an_owner(
    api: Camarad,
) -> None:
    ana, zoe = await api.sign_up(), await api.sign_up("zoe@example.com")
    assert (await ana.post("/api/invitations", {"role": "owner"})).status_code == 422
    await accepted(zoe, await token_of(ana, role="admin"))
    assert await roles(ana) == {"ana": "owner", "zoe": "admin"}


async def test_one_link_used_by_two_at_once_lets_one_in(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    await roomy(api_both)
    both = [await api_both.sign_up(f"{name}@example.com") for name in ("bob", "zoe")]
    token = await token_of(ana)
    answers = await asyncio.gather(*(each.post("/api/invitations/accept", {"token": token}) for each in both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await roles(ana)) == 2


async def test_the_plan_holds_so_many_members_and_open_invitations(api: Camarad) -> None:
    ana = await api.sign_up()
    await token_of(ana)
    full = await ana.post("/api/invitations", {})
    assert full.status_code == 429 and code(full) == "max_members"


async def test_guessing_tokens_and_inviting_without_end_are_limited(
    api: Camarad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.invitations.WRONG_TRIES", 2)
    monkeypatch.setattr("web.invitations.AN_HOUR", 2)
    ana = await api.sign_up()
    await roomy(api)
    for expected in (404, 404, 429):
        assert (await ana.post("/api/invitations/accept", {"token": "inv_guess"})).status_code == expected
    for expected in (201, 201, 429):
        assert (await ana.post("/api/invitations", {})).status_code == expected


async def test_members_and_strangers_invite_and_change_nobody(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    await roomy(api)
    mia = await moved_in(api, ana, "mia@example.com", "member")
    invited = (await ana.post("/api/invitations", {})).json()["invitation"]["id"]
    anas = await user_id(api, "ana@example.com")
    calls = [
        ("GET", "/api/invitations", None), ("POST", "/api/invitations", {}),
        ("DELETE", f"/api/invitations/{invited}", None), ("PATCH", f"/api/members/{anas}", {"role": "member"}),
        ("DELETE", f"/api/members/{anas}", None), ("POST", f"/api/members/{anas}/ownership", {}),
    ]  # fmt: skip
    for method, path, body in calls:
        assert (await mia.call(method, path, body)).status_code == 403, (method, path)
    never = calls[2:]
    for method, path, body in never:
        foreign = await bob.call(method, path, body, X_Request_ID="same")
        unknown = await bob.call(method, path.replace(anas, "x").replace(invited, "x"), body, X_Request_ID="same")
        assert foreign.status_code == 404 and foreign.content == unknown.content, (method, path)
    assert (await roles(mia))["mia"] == "member" and list(await roles(bob)) == ["bob"]


async def test_admins_manage_everybody_but_owners(api: Camarad) -> None:
    ana = await api.sign_up()
    adam = await moved_in(api, ana, "adam@example.com", "admin")
    await moved_in(api, ana, "mia@example.com", "member")
    anas, mias = [await user_id(api, f"{name}@example.com") for name in ("ana", "mia")]
    assert (await adam.call("PATCH", f"/api/members/{mias}", {"role": "admin"})).status_code == 204
    for method, path, body in (
        ("PATCH", f"/api/members/{mias}", {"role": "owner"}),
        ("PATCH", f"/api/members/{anas}", {"role": "member"}),
        ("DELETE", f"/api/members/{anas}", None),
        ("POST", f"/api/members/{mias}/ownership", {}),
    ):
        answer = await adam.call(method, path, body)
        assert answer.status_code == 403 and code(answer) == "owner_required", (method, path)
    assert (await adam.call("DELETE", f"/api/members/{mias}")).status_code == 204
    assert await roles(ana) == {"ana": "owner", "adam": "admin"}


async def test_a_workspace_keeps_an_owner(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    bob = await moved_in(api_both, ana, "bob@example.com", "member")
    anas, bobs = [await user_id(api_both, f"{name}@example.com") for name in ("ana", "bob")]
    for method, body in (("DELETE", None), ("PATCH", {"role": "member"}), ("LEAVE", None)):
        answer = await (left(ana) if method == "LEAVE" else ana.call(method, f"/api/members/{anas}", body))
        assert answer.status_code == 409 and code(answer) == "last_owner"
    assert (await ana.post(f"/api/members/{bobs}/ownership")).status_code == 204
    assert await roles(bob) == {"bob": "owner", "ana": "admin"}
    assert (await bob.call("PATCH", f"/api/members/{anas}", {"role": "owner"})).status_code == 204
    other = await bob.post("/api/members/leave", {"workspace_id": "another"})
    assert other.status_code == 409 and code(other) == "other_workspace"
    assert sorted(answer.status_code for answer in await asyncio.gather(left(ana), left(bob))) == [204, 409]


@pytest.mark.parametrize("since", ["demoted", "removed"])
async def test_who_lost_their_role_while_asking_does_nothing_with_it(api_both: Camarad, since: str) -> None:
    """The role of the request's start is stale by the time the workspace is locked."""
    ana = await api_both.sign_up()
    adam = await moved_in(api_both, ana, "adam@example.com", "admin")
    await moved_in(api_both, ana, "mia@example.com", "member")
    await roomy(api_both)
    adams, mias = [await user_id(api_both, f"{name}@example.com") for name in ("adam", "mia")]
    services = api_both.services
    asking = await find_session(services.database, services.clock, adam.http.cookies["camarad_session"])
    assert asking is not None
    if since == "demoted":
        await ana.call("PATCH", f"/api/members/{adams}", {"role": "member"})
    else:
        await ana.call("DELETE", f"/api/members/{adams}")
    acts = (
        lambda: invitations.invite(services, asking, "admin", None),
        lambda: members.change_role(services, asking, mias, "admin"),
        lambda: members.remove(services, asking, mias),
    )
    for act in acts:
        with pytest.raises(Forbidden):
            await act()
    assert (await roles(ana))["mia"] == "member"
    assert (await ana.get("/api/invitations")).json() == {"invitations": []}


async def test_who_is_removed_is_out_at_once_with_keys_links_and_answers(
    api_both: Camarad, model_server: ModelServer
) -> None:
    ana = await api_both.sign_up()
    await roomy(api_both)
    client = await ana.new_client()
    adam = await moved_in(api_both, ana, "adam@example.com", "admin")
    adam.client_id = client
    key = (await adam.post("/api/keys", {"name": "k"})).json()["secret"]
    token, conversation = await token_of(adam), await adam.new_conversation()
    model_server.script(quiet(20))
    turn = asyncio.create_task(adam.say(conversation, "Count"))
    await asyncio.to_thread(model_server.wait_for_requests)
    adams = await user_id(api_both, "adam@example.com")
    assert (await ana.call("DELETE", f"/api/members/{adams}")).status_code == 204
    assert (await turn).status_code == 401
    assert (await adam.get("/api/clients")).status_code == 401
    by_key = await api_both.browser().http.get("/api/clients", headers={"Authorization": f"Bearer {key}"})
    assert by_key.status_code == 401
    stranger = await api_both.sign_up("stranger@example.com")
    used = await stranger.post("/api/invitations/accept", {"token": token})
    assert code(used) == "invitation_withdrawn"
    await accepted(adam_again := await signed_in_again(api_both, "adam@example.com"), await token_of(ana))
    assert (await adam.get("/api/clients")).status_code == 401  # the old sign-in stays ended
    adam_again.client_id = client
    assert (await adam_again.get(f"/api/conversations/{conversation}")).status_code == 200


async def test_an_open_chat_page_of_who_was_removed_does_not_stand_any_more(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    client = await ana.new_client()
    mia = await moved_in(api_both, ana, "mia@example.com", "member")
    connection = Request({"type": "http", "headers": [(b"cookie", cookie_of(mia))], "path": "/", "query_string": b""})
    who = await identity.signed_in(api_both.services, connection)
    assert who is not None
    visit = await identity.visit_of(api_both.services, connection, who, client)
    assert visit is not None and await identity.stands(visit)
    assert (await ana.call("DELETE", f"/api/members/{who.user_id}")).status_code == 204
    assert not await identity.stands(visit)


def cookie_of(person: Browser) -> bytes:
    return f"camarad_session={person.http.cookies['camarad_session']}".encode()


@pytest.mark.parametrize(
    "path",
    ["/api/members/someone", "/api/members/leave", "/api/workspaces/switch", "/api/invitations/accept", "/invite",
     "/settings/members/someone/remove", "/settings/members/leave", "/settings/members/switch"],
)  # fmt: skip
def test_sockets_are_looked_through_after_whatever_may_end_a_visit(path: str) -> None:
    assert not ENDS_NOTHING.fullmatch(path)


async def signed_in_again(api: Camarad, email: str) -> Browser:
    browser = api.browser()
    assert (await browser.log_in(email)).status_code == 200
    return browser


async def test_who_left_their_last_workspace_gets_an_empty_one_without_ct(api_both: Camarad) -> None:
    ana = await api_both.sign_up()
    mia = await moved_in(api_both, ana, "mia@example.com", "member")
    gone = await left(mia)
    assert gone.status_code == 204 and "camarad_session" not in mia.http.cookies
    mia = await signed_in_again(api_both, "mia@example.com")
    assert await roles(mia) == {"mia": "owner"}
    assert (await mia.get("/api/user/snapshot")).json()["balance_ct"] == 0


async def test_a_sign_in_goes_to_the_workspace_used_last(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    await accepted(bob, await token_of(ana))
    again = api.browser()
    assert (await again.log_in("bob@example.com")).json()["workspace"]["name"] == "ana"
    unknown = await again.post("/api/workspaces/switch", {"workspace_id": "no-such"})
    assert unknown.status_code == 404 and (await again.get("/api/members")).status_code == 200


async def test_a_key_lets_nobody_in_or_out(api: Camarad) -> None:
    ana = await api.sign_up()
    key = (await ana.post("/api/keys", {"name": "k"})).json()["secret"]
    program = api.browser()
    program.http.headers["Authorization"] = f"Bearer {key}"
    anas = await user_id(api, "ana@example.com")
    assert (await program.get("/api/members")).status_code == 200
    for method, path, body in (
        ("POST", "/api/invitations", {}),
        ("POST", "/api/invitations/accept", {"token": "x"}),
        ("POST", "/api/workspaces/switch", {"workspace_id": "x"}),
        ("DELETE", f"/api/members/{anas}", None),
        ("POST", "/api/members/leave", {"workspace_id": "x"}),
        ("PATCH", f"/api/members/{anas}", {"role": "admin"}),
        ("GET", "/api/invitations", None),
    ):
        answer = await program.call(method, path, body)
        assert answer.status_code == 403 and code(answer) == "sign_in_required", (method, path)
