"""What a plan holds: every limit of every plan, the races for the last place, and where counted things are made."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select, update

from billing import entitlements
from billing.entitlements import PlanLimit, lifting, require
from billing.plans import PLANS, Limit, Plan, plan
from camarad.ids import new_id
from camarad.models import Client, Connection, Invitation, Membership, User, Workspace
from camarad.scope import Scope
from tests.support.connections import connect
from tests.support.metering import WORKSPACE
from tests.support.seed import SCOPE, SIBLING_SCOPE
from tools.connectors import places
from web.clients import ClientChange, create_client
from web.pages.render import told

LIMITS = get_args(Limit)
ROOT = Path(__file__).parents[3]


async def on(database, code: str) -> None:
    async with database.write() as session:
        await session.execute(update(Workspace).where(Workspace.id == WORKSPACE).values(plan_code=code))


def test_every_limit_that_a_plan_states_is_one_that_is_enforced():
    stated = {field.name.removeprefix("max_") for field in fields(Plan) if field.name.startswith("max_")}
    assert stated == set(LIMITS) == entitlements.NOUNS.keys() == entitlements.INSTEAD.keys()


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("has", PLANS, ids=lambda each: each.code)
async def test_a_plan_holds_what_it_says_and_names_the_cheapest_that_holds_more(sqlite_database, has, limit):
    await on(sqlite_database, has.code)
    async with sqlite_database.write() as session:
        if has.limit(limit):
            assert await require(session, WORKSPACE, limit, has.limit(limit) - 1) == has
        for used in (has.limit(limit) + 7, has.limit(limit)):
            with pytest.raises(PlanLimit) as refused:
                await require(session, WORKSPACE, limit, used)
    error, more = refused.value, [each for each in PLANS if each.limit(limit) > has.limit(limit)]
    assert (error.status, error.code) == (429, f"max_{limit}")
    assert has.name in error.message and f"{has.limit(limit):,}" in error.message
    cheapest = min(more, key=lambda each: each.price_eur_cents, default=None)
    assert error.lifted_by == cheapest
    assert (cheapest.name in error.hint) if cheapest else ("No plan holds more" in error.hint)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("has", PLANS, ids=lambda each: each.code)
@pytest.mark.parametrize("language", ["en", "ro"])
def test_pages_say_the_same_in_both_languages(language, has, limit):
    error = PlanLimit(limit, has)
    message, hint = told(language, error)
    assert has.name in message and "{" not in message + hint
    assert re.sub(r"\D", "", message) == str(has.limit(limit))
    if error.lifted_by:
        assert error.lifted_by.name in hint and re.sub(r"\D", "", hint) == str(error.lifted_by.limit(limit))
    else:
        assert hint


def test_what_is_over_two_plans_already_is_lifted_by_a_third():
    assert lifting("clients", plan("free"), used=12) == plan("pro")
    assert lifting("clients", plan("free"), used=10) == plan("pro")
    assert lifting("clients", plan("free"), used=9) == plan("starter")
    assert lifting("clients", plan("enterprise")) is None


async def test_who_is_over_two_plans_is_told_of_the_third(sqlite_database):
    async with sqlite_database.write() as session:
        with pytest.raises(PlanLimit, match="Free plan holds at most 5") as refused:
            await require(session, WORKSPACE, "clients", 12)
    assert "Pro plan holds 30" in refused.value.hint


async def test_of_many_at_once_as_many_clients_are_made_as_there_are_places(database, clock):
    made = await asyncio.gather(
        *(create_client(database, clock, WORKSPACE, ClientChange(name=f"Client {n}")) for n in range(8)),
        return_exceptions=True,
    )
    refused = [each for each in made if isinstance(each, PlanLimit)]
    assert len(refused) == 8 - (plan("free").max_clients - 2) and len(made) - len(refused) == 3  # two are seeded
    async with database.read() as session:
        held = await session.scalar(entitlements.clients_of(WORKSPACE))
    assert held == plan("free").max_clients


async def many_clients(database, clock, count: int) -> list[Scope]:
    await on(database, "pro")
    made = [await create_client(database, clock, WORKSPACE, ClientChange(name=f"More {n}")) for n in range(count)]
    return [Scope(SCOPE.user_id, WORKSPACE, each.id) for each in made]


async def test_of_many_at_once_as_many_connections_begin_as_there_are_places(database, clock):
    scopes = await many_clients(database, clock, 7)
    await on(database, "free")
    wishes = [(scope, provider) for scope in scopes for provider in ("ga4", "google-ads")]
    outcomes = await asyncio.gather(
        *(places.take(database, scope, provider, "demo", clock.now()) for scope, provider in wishes),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if each is not None]
    assert all(isinstance(each, PlanLimit) for each in refused)
    assert len(refused) == len(wishes) - plan("free").max_connections
    assert (await entitlements.uses(database, WORKSPACE, clock.now()))["connections"] == plan("free").max_connections
    taken = next(wish for wish, outcome in zip(wishes, outcomes, strict=True) if outcome is None)
    await places.take(database, *taken, "demo", clock.now())  # who has a place keeps it


async def test_a_downgrade_takes_nothing_away_and_adds_nothing(database, clock):
    scopes = await many_clients(database, clock, 10)
    for scope in scopes:
        await connect(database, scope, "ga4", "1")
        await connect(database, scope, "google-ads", "2")
    await on(database, "free")
    before = await entitlements.uses(database, WORKSPACE, clock.now())
    assert (before["clients"], before["connections"]) == (12, 20)
    with pytest.raises(PlanLimit):
        await create_client(database, clock, WORKSPACE, ClientChange(name="One more"))
    with pytest.raises(PlanLimit):
        await places.take(database, SCOPE, "ga4", "demo", clock.now())
    await places.take(database, scopes[0], "ga4", "demo", clock.now())  # connecting again adds nothing
    assert await entitlements.uses(database, WORKSPACE, clock.now()) == before
    async with database.unscoped("a test looks at every connection") as session:
        states = set(await session.scalars(select(Connection.state)))
    assert states == {"connected"}


async def test_demo_archived_and_disconnected_take_no_places(database, clock):
    async with database.write() as session:
        for number, more in enumerate(({"demo": True}, {"archived_at": clock.now()})):
            name = f"apart-{number}"
            session.add(Client(id=name, name=name, workspace_id=WORKSPACE, created_at=clock.now(), **more))
    for client in ("apart-0", "apart-1"):
        await connect(database, Scope(SCOPE.user_id, WORKSPACE, client), "ga4", "1")
    await connect(database, SCOPE, "ga4", "1", state="disconnected")
    await connect(database, SIBLING_SCOPE, "ga4", "1", state="expired")
    uses = await entitlements.uses(database, WORKSPACE, clock.now())
    assert (uses["clients"], uses["connections"]) == (2, 1)


async def test_open_invitations_hold_members_places(database, clock):
    now, hour = clock.now(), timedelta(hours=1)
    ends = ({}, {"accepted_at": now}, {"withdrawn_at": now}, {"expires_at": now - hour})
    async with database.write() as session:
        session.add(User(id="second", email="second@example.com", created_at=now))
        await session.flush()
        session.add(Membership(user_id="second", workspace_id=WORKSPACE, role="member", created_at=now))
        for end in ends:
            given = {"id": new_id(), "token_hash": new_id(), "expires_at": now + hour, "created_at": now} | end
            session.add(Invitation(workspace_id=WORKSPACE, invited_by="user-one", role="member", **given))
    assert (await entitlements.uses(database, WORKSPACE, now))["members"] == 3
    async with database.write() as session:
        with pytest.raises(PlanLimit):
            await require(session, WORKSPACE, "members", entitlements.members_of(WORKSPACE, now))


async def test_another_workspace_takes_no_places_here(database, clock, other_scope):
    await connect(database, other_scope, "ga4", "1")
    uses = await entitlements.uses(database, WORKSPACE, clock.now())
    assert (uses["clients"], uses["connections"], uses["members"]) == (2, 0, 1)


async def test_a_demo_client_connects_whatever_the_plan_holds(sqlite_database, clock):
    scopes = await many_clients(sqlite_database, clock, 6)
    for scope in scopes:
        await connect(sqlite_database, scope, "ga4", "1")
        await connect(sqlite_database, scope, "google-ads", "1")
    await on(sqlite_database, "free")
    async with sqlite_database.write() as session:
        await session.execute(update(Client).where(Client.id == SCOPE.client_id).values(demo=True))
    await places.check(sqlite_database, SCOPE, "ga4")
    with pytest.raises(PlanLimit):
        await places.check(sqlite_database, SIBLING_SCOPE, "ga4")


MADE = {  # where rows of what a plan counts are made, and why that is within the plan
    "Client": {"web/clients.py": "asks for room", "web/demo.py": "demo clients come on top"},
    "Connection": {
        "tools/connectors/places.py": "asks for room",
        "tools/connectors/grants.py": "after places.take",
        "web/demo.py": "of demo clients",
    },
    "Membership": {
        "web/accounts.py": "the owner of a new workspace",
        "web/invitations.py": "asks for room when it is made and when it is used",
        "web/demo.py": "the demo's owner",
    },
}


@pytest.mark.parametrize("model", MADE)
def test_what_a_plan_counts_is_made_in_these_places_only(model):
    made = {
        str(path.relative_to(ROOT))
        for room in ("camarad", "billing", "tools", "agents", "graphs", "web")
        for path in (ROOT / room).rglob("*.py")
        if re.search(rf"(?<![\w.]){model}\(\s*(?:\w+=|\*\*)|insert\({model}\)", path.read_text())
    }
    assert made == set(MADE[model])
