"""Requests that were let in before a workspace was erased, and come to write while it is or afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, update

from camarad.errors import BadCredentials, NotFound
from camarad.held import hold_client
from camarad.models import Client, Connection, Conversation, CtHold, CtWallet, Invitation, User
from camarad.scope import Scope
from graphs import conversations, stateless
from tests.support.filled import fill
from tests.support.model_server import ModelServer, quiet
from tests.support.web import PASSWORD, Browser, Camarad
from tools.connectors import grants, places
from tools.connectors.oauth import SCOPES, Granted
from tools.connectors.vault import Vault
from web.clients import ClientChange, create_client
from web.sessions import open_session


async def begun(api: Camarad) -> tuple[Browser, Scope]:
    ana = await api.sign_up()
    client = await ana.new_client()
    who = (await ana.get("/api/auth/status")).json()
    return ana, Scope(who["user"]["id"], who["workspace"]["id"], client)


async def erased(browser: Browser) -> None:
    answer = await browser.post("/api/workspace/erase", {"name": "ana", "password": PASSWORD})
    assert answer.status_code == 204, answer.text


async def left(api: Camarad, scope: Scope) -> list[str]:
    """The tables in which something of the workspace is left."""
    found = []
    async with api.services.database.unscoped("a test looks for what is left") as session:
        for model in (Conversation, Connection, Client, Invitation):
            if await session.scalar(select(model.id).where(model.workspace_id == scope.workspace_id)) is not None:
                found.append(model.__tablename__)
    return found


async def new_conversation(api: Camarad, scope: Scope) -> None:
    await conversations.create(api.services.database, scope, api.services.clock)


async def told_conversation(api: Camarad, scope: Scope) -> None:
    database, clock = api.services.database, api.services.clock
    await stateless.begin(database, scope, clock, "told", "personal-assistant", [], "What is connected?")


async def new_connection(api: Camarad, scope: Scope) -> None:
    await places.take(api.services.database, scope, "ga4", "live", api.services.clock.now())


async def consent(api: Camarad, scope: Scope) -> None:
    """The second half of connecting, which follows the place by a moment."""
    database, now = api.services.database, api.services.clock.now()
    granted = Granted("1", "ana@example.com", True, frozenset({SCOPES["ga4"]}), "access", "refresh", now)
    await grants._write(database, scope, "ga4", granted, Vault(api.services.settings), "live", now)


async def new_client(api: Camarad, scope: Scope) -> None:
    await create_client(api.services.database, api.services.clock, scope.workspace_id, ClientChange("Late"))


LATE = (new_conversation, told_conversation, new_connection, consent, new_client)


@pytest.mark.parametrize("late", LATE)
async def test_whoever_comes_late_writes_nothing(
    api_both: Camarad, late: Callable[[Camarad, Scope], Awaitable[None]]
) -> None:
    ana, scope = await begun(api_both)
    await late(api_both, scope)
    await erased(ana)
    with pytest.raises(NotFound):
        await late(api_both, scope)
    assert await left(api_both, scope) == []


@pytest.mark.parametrize("late", LATE[:4])
async def test_nothing_begins_for_a_client_that_was_archived_meanwhile(
    api: Camarad, late: Callable[[Camarad, Scope], Awaitable[None]]
) -> None:
    ana, scope = await begun(api)
    assert (await ana.call("DELETE", f"/api/clients/{scope.client_id}")).status_code == 204
    with pytest.raises(NotFound):
        await late(api, scope)
    assert await left(api, scope) == ["clients"]


async def test_erasing_waits_for_who_is_just_writing(api_both: Camarad) -> None:
    ana, scope = await begun(api_both)
    now = api_both.services.clock.now()
    async with api_both.services.database.write(scope) as session:
        await session.run_sync(hold_client, scope)
        erasing = asyncio.create_task(erased(ana))
        done, _ = await asyncio.wait({erasing}, timeout=1)
        assert not done
        session.add(Conversation(id="just", title="okapi", agent="a", language="en", created_at=now, updated_at=now))
    await erasing
    assert await left(api_both, scope) == []


async def test_erasing_and_the_meter_do_not_wait_for_each_other(api_both: Camarad) -> None:
    ana, scope = await begun(api_both)
    async with api_both.services.database.unscoped("a test fills every table") as session:
        owner = {"workspace_id": scope.workspace_id, "user_id": scope.user_id, "client_id": scope.client_id}
        await fill(session, owner, "okapi")
    async with api_both.services.database.write() as session:
        wallet = CtWallet.workspace_id == scope.workspace_id
        await session.execute(select(CtWallet.workspace_id).where(wallet).with_for_update())
        erasing = asyncio.create_task(erased(ana))
        done, _ = await asyncio.wait({erasing}, timeout=1)
        assert not done
        await session.execute(update(CtHold).where(CtHold.workspace_id == scope.workspace_id).values(state="released"))
    await erasing
    assert await left(api_both, scope) == []


async def test_a_turn_under_way_ends_with_what_is_kept_of_it(api_both: Camarad, model_server: ModelServer) -> None:
    ana, scope = await begun(api_both)
    assistant, conversation = api_both.services.assistant, await ana.new_conversation()
    model_server.script(quiet(60))
    events = assistant.run_turn(scope, conversation, "What is connected?", request_id="r")
    await anext(events)
    assert assistant.is_running(scope, conversation)
    await assistant.erase("another workspace")
    assert assistant.is_running(scope, conversation)
    assert await assistant.erase(scope.workspace_id)
    assert not assistant.is_running(scope, conversation)


async def test_somebody_erased_while_signing_in_does_not_come_in(api_both: Camarad) -> None:
    ana, scope = await begun(api_both)
    services = api_both.services
    async with services.database.read() as session:
        fitted = (await session.get_one(User, scope.user_id)).password_hash
    await erased(ana)
    with pytest.raises(BadCredentials):
        await open_session(
            services.database, services.clock, scope.user_id, days=1, user_agent="", address="", fitted=fitted
        )
