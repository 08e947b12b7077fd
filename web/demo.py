"""The demo workspace: one sign-in, the emulator's clients with their connections, and a balance. Safe to make again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.wallet import open_wallet, set_balance
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import Misconfigured
from camarad.ids import new_id
from camarad.models import Client, Connection, ConnectionSecret, Membership, User, Workspace
from camarad.scope import Scope
from camarad.settings import Settings
from tools.emulator.agency import DEMO_CLIENTS, DemoClient
from tools.emulator.fixtures import Fixtures
from web.passwords import Passwords
from web.signing import kept_secret

USER = "demo-user"
WORKSPACE = "demo-workspace"
BALANCE_CT = 100_000


@dataclass(frozen=True)
class DemoSignIn:
    email: str
    password: str
    clients: int


def demo_password(settings: Settings) -> str:
    """The configured password, or one made on the first start and kept in the data folder."""
    if settings.camarad_demo_password is not None:
        return settings.camarad_demo_password.get_secret_value()
    return kept_secret(Path(settings.camarad_data_dir) / "demo-password", characters=14)


async def seed(
    database: Database, clock: Clock, passwords: Passwords, settings: Settings, fixtures: Fixtures | None
) -> DemoSignIn:
    """Make or refresh everything. Demo clients that are no longer offered are archived, own clients stay,
    and so does what a person connected or disconnected."""
    email, password = settings.camarad_demo_email.strip().casefold(), demo_password(settings)
    wanted = [*DEMO_CLIENTS, *(fixtures.clients if fixtures else ())]
    await _seed_user(database, clock, passwords, email, password)
    async with database.write() as session:
        await _seed_clients(session, clock, wanted)
    for client in wanted:
        await _seed_connections(database, clock, client)
    await _seed_balance(database, fixtures)
    return DemoSignIn(email, password, len(wanted))


async def _seed_user(database: Database, clock: Clock, passwords: Passwords, email: str, password: str) -> None:
    async with database.read() as session:
        user = await session.get(User, USER)
        namesake = await session.scalar(select(User.id).where(User.email == email, User.id != USER))
    if namesake:
        raise Misconfigured(
            f"The demo e-mail {email} belongs to another account.", hint="Set CAMARAD_DEMO_EMAIL to another address."
        )
    fits = user is not None and await passwords.verify(user.password_hash, password)
    password_hash = user.password_hash if user and fits else await passwords.hash(password)
    async with database.write() as session:
        await _write_user(session, clock, email, password_hash)


async def _write_user(session: AsyncSession, clock: Clock, email: str, password_hash: str | None) -> None:
    now, user = clock.now(), await session.get(User, USER)
    if user is None:
        user = User(id=USER, email=email, display_name="Demo", created_at=now, disabled_at=None)
        session.add(user)
    user.email, user.password_hash, user.disabled_at = email, password_hash, None
    if await session.get(Workspace, WORKSPACE) is None:
        session.add(Workspace(id=WORKSPACE, name="Demo agency", demo=True, created_at=now))
    await session.flush()
    if await session.get(Membership, (USER, WORKSPACE)) is None:
        session.add(Membership(user_id=USER, workspace_id=WORKSPACE, role="owner", created_at=now))


async def _seed_clients(session: AsyncSession, clock: Clock, wanted: Iterable[DemoClient]) -> None:
    found = {c.id: c for c in await session.scalars(select(Client).where(Client.workspace_id == WORKSPACE))}
    own_names = {c.name for c in found.values() if not c.demo}
    offered = set()
    for client in wanted:
        offered.add(client.id)
        row = found.get(client.id) or await _new_client(session, clock, client)
        row.name = f"{client.name} (demo)" if client.name in own_names else client.name
        row.currency, row.timezone, row.archived_at = client.currency, client.timezone, None
        own_names.add(row.name)
    for row in found.values():
        if row.demo and row.id not in offered and row.archived_at is None:
            row.archived_at, row.name = clock.now(), f"{row.name} ({row.id}, archived)"


async def _new_client(session: AsyncSession, clock: Clock, client: DemoClient) -> Client:
    if await session.get(Client, client.id) is not None:
        raise Misconfigured(
            f"The client id {client.id} belongs to another workspace.", hint="Give the fixture client another id."
        )
    made = Client(id=client.id, workspace_id=WORKSPACE, demo=True, created_at=clock.now(), archived_at=None)
    session.add(made)
    return made


async def _seed_connections(database: Database, clock: Clock, client: DemoClient) -> None:
    accounts: dict[str, tuple[str, str, str | None]] = {}
    if client.ga4:
        accounts["ga4"] = (client.ga4.property_id, client.ga4.name, None)
    if client.google_ads:
        ads = client.google_ads
        accounts["google-ads"] = (ads.customer_id.replace("-", ""), ads.name, ads.login_customer_id)
    async with database.write(Scope(USER, WORKSPACE, client.id)) as session:
        found = {c.provider: c for c in await session.scalars(select(Connection))}
        consented = set(await session.scalars(select(ConnectionSecret.connection_id)))
        ours = {provider for provider, row in found.items() if _is_seeded(row, consented)}
        for provider in ours - accounts.keys():
            await session.delete(found[provider])
        for provider in accounts.keys() - (found.keys() - ours):
            row = found.get(provider) or _new_connection(session, clock, provider)
            row.account_id, row.account_name, row.login_account_id = accounts[provider]
            row.source, row.state, row.reason = "demo", "connected", None
            row.currency, row.timezone = client.currency, client.timezone


def _is_seeded(row: Connection, consented: set[str]) -> bool:
    """Whether nobody touched it since it was made here. What a person connected, disconnected, or reads through the
    gateway is theirs, also in the demo."""
    return row.source == "demo" and row.state != "disconnected" and row.id not in consented


def _new_connection(session: AsyncSession, clock: Clock, provider: str) -> Connection:
    now = clock.now()
    made = Connection(id=new_id(), provider=provider, created_at=now, updated_at=now, last_read_at=None)
    session.add(made)
    return made


async def _seed_balance(database: Database, fixtures: Fixtures | None) -> None:
    """A fixture file's balance exactly, at every start; else a generous one, once."""
    exact = fixtures.ct_balance if fixtures else None
    fresh = await open_wallet(database, WORKSPACE, BALANCE_CT if exact is None else exact)
    if exact is not None and not fresh:
        await set_balance(database, WORKSPACE, exact, f"demo:{new_id()}")
