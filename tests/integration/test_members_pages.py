"""The pages of members and keys, and the way in by a link, as a person without script goes it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.support.members import moved_in, user_id, workspace_of
from tests.support.web import PASSWORD, Browser, Camarad


async def invited(owner: Browser, **fields: str) -> str:
    """The path of a link made on the page."""
    answer = await owner.form("/settings/members/invite", csrf_token=owner.csrf, **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'value="http://127.0.0.1(/invite\?token=inv_[\w-]{43})"', answer.text)
    assert found is not None
    return found[1]


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def test_a_visitor_makes_an_account_on_the_way_in(api: Camarad) -> None:
    ana = await api.sign_up()
    path, mia = await invited(ana, role="member", email="mia@example.com"), api.browser()
    offer = (await mia.page(path)).text
    assert "Come to ana" in offer and "ana@example.com invites you" in offer and "m…@example.com" in offer
    assert "mia@" not in offer and f"/signup?next={quote(path, safe='')}" in offer.replace(
        "/signup?next=/", "/signup?next=%2F"
    )
    form = (await mia.page(f"/signup?next={quote(path)}")).text
    assert "to come to ana" in form and 'name="workspace"' not in form
    fields = {"email": "mia@example.com", "password": PASSWORD, "next": path}
    made = await mia.form("/signup", csrf_token=csrf_of(form), **fields)
    assert made.status_code == 303 and made.headers["location"] == path
    assert (await mia.page(path)).headers["location"] == "/app"
    page = (await mia.page("/settings/members")).text
    assert "ana@example.com" in page and "Invite somebody" not in page and "2 of 2 places" in page


async def test_a_person_with_an_account_accepts_and_goes_there(api: Camarad) -> None:
    ana, bob = await api.sign_up(), await api.sign_up("bob@example.com")
    path = await invited(ana, role="admin")
    offer = (await bob.page(path)).text
    assert "You are signed in as bob@example.com" in offer
    token = path.partition("?token=")[2]
    came = await bob.form("/invite", csrf_token=csrf_of(offer), token=token)
    assert came.status_code == 303 and came.headers["location"] == "/settings/members?done=joined"
    page = (await bob.page("/settings/members?done=joined")).text
    assert "Welcome to ana." in page and "Invite somebody" in page and "Hand ownership over" not in page
    other = (await bob.get("/api/workspaces")).json()["workspaces"][0]["id"]
    switched = await bob.form("/settings/members/switch", csrf_token=csrf_of(page), workspace_id=other)
    assert switched.status_code == 303 and await workspace_of(bob) == other
    again = await api.browser().page(path)
    assert again.status_code == 409 and "used before" in again.text
    nothing = await api.browser().page("/invite?token=inv_no")
    assert nothing.status_code == 404 and "There is no such invitation" in nothing.text


async def test_forms_change_roles_hand_over_remove_withdraw_and_leave(api: Camarad) -> None:
    ana = await api.sign_up()
    mia = await moved_in(api, ana, "mia@example.com", "member")
    mias, home = await user_id(api, "mia@example.com"), await workspace_of(ana)
    full = await ana.form("/settings/members/invite", csrf_token=ana.csrf, role="member")
    assert full.status_code == 429 and "2" in full.text
    stays = await ana.form("/settings/members/leave", csrf_token=ana.csrf, workspace_id=home)
    assert stays.status_code == 409 and "this is the last one" in stays.text
    changed = await ana.form(f"/settings/members/{mias}/role", csrf_token=ana.csrf, role="admin")
    assert changed.headers["location"] == "/settings/members?done=changed"
    over = await ana.form(f"/settings/members/{mias}/ownership", csrf_token=ana.csrf)
    assert over.headers["location"] == "/settings/members?done=handed_over"
    anas = await user_id(api, "ana@example.com")
    removed = await mia.form(f"/settings/members/{anas}/remove", csrf_token=mia.csrf)
    assert removed.headers["location"] == "/settings/members?done=removed"
    assert (await ana.page("/settings/members")).headers["location"].startswith("/login")
    await invited(mia, role="member")
    listed = re.search(r"/settings/members/invitations/([\w-]+)/withdraw", (await mia.page("/settings/members")).text)
    assert listed is not None
    gone = await mia.form(f"/settings/members/invitations/{listed[1]}/withdraw", csrf_token=mia.csrf)
    assert gone.headers["location"] == "/settings/members?done=withdrawn"


async def test_a_key_made_on_the_page_is_shown_once(api: Camarad) -> None:
    ana = await api.sign_up()
    client = await ana.new_client()
    fields = {"name": "Weekly", "scopes": "chat", "days": "30", "client_id": client}
    made = await ana.form("/settings/keys", csrf_token=ana.csrf, **fields)
    secret = re.search(r'value="(ck_[\w-]{43})"', made.text)
    assert made.status_code == 200 and secret is not None
    listed = (await ana.page("/settings/keys")).text
    assert secret[1] not in listed and secret[1][:9] in listed and "Weekly" in listed
    key = (await ana.get("/api/keys")).json()["keys"][0]
    assert key["scopes"] == ["chat"] and key["client_id"] == client and key["expires_at"] is not None
    none = await ana.form("/settings/keys", csrf_token=ana.csrf, name="No scope")
    assert none.status_code == 422 and "at least one thing" in none.text and 'value="No scope"' in none.text
    revoked = await ana.form(f"/settings/keys/{key['id']}/revoke", csrf_token=ana.csrf)
    assert revoked.headers["location"] == "/settings/keys?done=revoked"


async def test_members_see_no_forms_that_would_be_refused(api: Camarad) -> None:
    ana = await api.sign_up()
    await ana.new_client()
    mia = await moved_in(api, ana, "mia@example.com", "member")
    assert 'action="/app/clients' in (await ana.page("/app")).text
    for path, form in (("/app", 'action="/app/clients'), ("/connectors", "/disconnect"), ("/connectors", "/connect?")):
        assert form not in (await mia.page(path)).text, path
    keys = (await mia.page("/settings/keys")).text
    assert 'value="chat"' in keys and 'value="manage"' not in keys


@pytest.mark.parametrize("path", ["/settings/members", "/settings/keys", "/invite?token=x"])
async def test_pages_speak_romanian(api: Camarad, path: str) -> None:
    ana = await api.sign_up()
    page = (
        await ana.page(path, Cookie=f"camarad_session={ana.http.cookies['camarad_session']}; camarad_language=ro")
    ).text
    assert 'lang="ro"' in page and any(word in page for word in ("Membri", "Chei API", "Invitație"))
