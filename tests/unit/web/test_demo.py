"""The demo workspace, made once and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from billing.wallet import snapshot
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.models import Client, Connection, ConnectionSecret, User
from camarad.scope import Scope
from camarad.settings import Settings
from tools.emulator.agency import DEMO_CLIENTS, DemoAccount, DemoClient
from tools.emulator.fixtures import Fixtures
from web.demo import USER, WORKSPACE, seed
from web.passwords import Passwords

SHOP = DemoClient("fx-shop", "Fixture Shop", "EUR", "UTC", None, DemoAccount("123-456-7890", None, "Fixture Shop"))
FIXTURES = Fixtures(date(2026, 11, 20), (SHOP,), 777, {}, {})


async def make(database: Database, clock: ManualClock, settings: Settings, fixtures: Fixtures | None = None) -> str:
    return (await seed(database, clock, Passwords(), settings, fixtures)).password


async def names(database: Database) -> dict[str, str]:
    async with database.read() as session:
        rows = await session.scalars(
            select(Client).where(Client.workspace_id == WORKSPACE, Client.archived_at.is_(None))
        )
        return {row.id: row.name for row in rows}


async def test_every_demo_client_is_there_with_its_connections(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(database, clock, settings)
    assert await names(database) == {client.id: client.name for client in DEMO_CLIENTS}
    for client in DEMO_CLIENTS:
        async with database.read(Scope(USER, WORKSPACE, client.id)) as session:
            found = {row.provider: row for row in await session.scalars(select(Connection))}
        assert ("ga4" in found, "google-ads" in found) == (client.ga4 is not None, client.google_ads is not None)
        assert all(row.source == "demo" and row.state == "connected" for row in found.values())


async def test_making_it_again_changes_nothing(database: Database, clock: ManualClock, settings: Settings) -> None:
    first = await make(database, clock, settings)
    before = (await names(database), await snapshot(database, WORKSPACE, settings, clock))
    assert await make(database, clock, settings) == first
    assert (await names(database), await snapshot(database, WORKSPACE, settings, clock)) == before


async def kept_of(database: Database, client: str) -> dict[str, Connection]:
    async with database.read(Scope(USER, WORKSPACE, client)) as session:
        return {row.provider: row for row in await session.scalars(select(Connection))}


async def test_what_a_person_did_to_a_connection_outlives_a_start(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(database, clock, settings)
    scope, now = Scope(USER, WORKSPACE, "demo-lampadar"), clock.now()
    theirs = Connection(id="theirs", provider="ga4", source="demo", state="no_access", reason="permission")
    theirs.account_id, theirs.created_at, theirs.updated_at = "1", now, now
    secret = ConnectionSecret(connection_id="theirs", source="demo", subject="1", email="a@example.com", scopes="")
    secret.created_at = secret.updated_at = now
    async with database.write(scope) as session:
        rows = {row.provider: row for row in await session.scalars(select(Connection))}
        rows["google-ads"].state, rows["google-ads"].account_id = "disconnected", None
        rows["google-ads"].source = "demo"
        await session.delete(rows["ga4"])
        await session.flush()
        session.add(theirs)
        await session.flush()
        session.add(secret)
    await make(database, clock, settings)
    found = await kept_of(database, "demo-lampadar")
    assert (found["google-ads"].state, found["google-ads"].account_id) == ("disconnected", None)
    assert (found["ga4"].id, found["ga4"].state, found["ga4"].account_id) == ("theirs", "no_access", "1")


async def test_a_seeded_connection_is_as_the_seed_says_and_without_old_trouble(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(database, clock, settings)
    async with database.write(Scope(USER, WORKSPACE, "demo-lampadar")) as session:
        for row in await session.scalars(select(Connection)):
            row.state, row.reason, row.account_id = "no_access", "permission", "1"
    await make(database, clock, settings)
    found = await kept_of(database, "demo-lampadar")
    assert {(row.state, row.reason) for row in found.values()} == {("connected", None)}
    assert found["ga4"].account_id == "410000001"


async def test_fixture_clients_come_with_their_ids_and_go_with_the_file(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(database, clock, settings, FIXTURES)
    assert (await names(database))["fx-shop"] == "Fixture Shop"
    async with database.read(Scope(USER, WORKSPACE, "fx-shop")) as session:
        row = await session.scalar(select(Connection))
    assert row is not None and row.account_id == "1234567890"
    await make(database, clock, settings)
    assert "fx-shop" not in await names(database)
    await make(database, clock, settings, FIXTURES)
    assert (await names(database))["fx-shop"] == "Fixture Shop"


async def test_a_fixture_balance_is_exact_at_every_start(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    for wanted in (777, 12, 5_000):
        await make(database, clock, settings, replace(FIXTURES, ct_balance=wanted))
        assert (await snapshot(database, WORKSPACE, settings, clock))["balance_ct"] == wanted


async def test_a_changed_password_setting_is_the_new_password(
    sqlite_database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(sqlite_database, clock, settings)
    changed = settings.model_copy(update={"camarad_demo_password": SecretStr("another password")})
    assert await make(sqlite_database, clock, changed) == "another password"
    async with sqlite_database.read() as session:
        user = await session.get_one(User, USER)
    assert await Passwords().verify(user.password_hash, "another password")


async def test_an_own_client_of_the_same_name_keeps_it(
    sqlite_database: Database, clock: ManualClock, settings: Settings
) -> None:
    await make(sqlite_database, clock, settings)
    async with sqlite_database.write() as session:
        session.add(Client(id="own", workspace_id=WORKSPACE, name=SHOP.name, created_at=clock.now(), archived_at=None))
    await make(sqlite_database, clock, settings, FIXTURES)
    found = await names(sqlite_database)
    assert found["own"] == "Fixture Shop" and found["fx-shop"] == "Fixture Shop (demo)"


async def test_a_fixture_client_cannot_take_over_another_workspaces_client(
    sqlite_database: Database, clock: ManualClock, settings: Settings, other_scope: Scope
) -> None:
    stolen = replace(FIXTURES, clients=(replace(SHOP, id=other_scope.client_id),))
    with pytest.raises(Misconfigured, match="another workspace"):
        await make(sqlite_database, clock, settings, stolen)


async def test_a_demo_e_mail_that_is_somebodys_is_refused(
    sqlite_database: Database, clock: ManualClock, settings: Settings
) -> None:
    taken = settings.model_copy(update={"camarad_demo_email": "User-One@example.com"})
    with pytest.raises(Misconfigured, match="belongs to another account"):
        await make(sqlite_database, clock, taken)
