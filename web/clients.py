"""A workspace's clients: listed, made, renamed, archived. Each function takes the workspace beside the id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing import entitlements
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import Conflict, NotFound
from camarad.ids import new_id
from camarad.models import Client
from camarad.rows import unowned_row

UNKNOWN = "There is no such client in your workspace."


@dataclass(frozen=True)
class ClientChange:
    """What may be changed; None leaves it as it is."""

    name: str | None = None
    currency: str | None = None
    timezone: str | None = None


OWNED = select(Client.id).where(
    Client.id == bindparam("client_id"),
    Client.workspace_id == bindparam("workspace_id"),
    Client.archived_at.is_(None),
)


async def owns_client(database: Database, workspace_id: str, client_id: str) -> bool:
    """Whether a client is this workspace's; asked with every request."""
    key = {"workspace_id": workspace_id, "client_id": client_id}
    return await database.glance(None, lambda session: unowned_row(session, OWNED, **key)) is not None


async def owned_client(database: Database, workspace_id: str, client_id: str) -> Client | None:
    async with database.read() as session:
        return await _owned(session, workspace_id, client_id)


async def _owned(session: AsyncSession, workspace_id: str, client_id: str) -> Client | None:
    found: Client | None = await session.scalar(
        select(Client).where(Client.id == client_id, Client.workspace_id == workspace_id, Client.archived_at.is_(None))
    )
    return found


async def list_clients(database: Database, workspace_id: str) -> list[Client]:
    async with database.read() as session:
        rows = await session.scalars(
            select(Client)
            .where(Client.workspace_id == workspace_id, Client.archived_at.is_(None))
            .order_by(Client.created_at, Client.id)
        )
        return list(rows)


async def create_client(database: Database, clock: Clock, workspace_id: str, change: ClientChange) -> Client:
    """Raises PlanLimit when the plan holds no more clients, Conflict when the name is taken."""
    made = Client(
        id=new_id(),
        workspace_id=workspace_id,
        name=change.name or "",
        currency=change.currency or "EUR",
        timezone=change.timezone or "UTC",
        created_at=clock.now(),
        archived_at=None,
    )
    async with _unique_name(), database.write() as session:
        await entitlements.require(session, workspace_id, "clients", entitlements.clients_of(workspace_id))
        session.add(made)
    return made


async def change_client(database: Database, workspace_id: str, client_id: str, change: ClientChange) -> Client:
    async with _unique_name(), database.write() as session:
        found = await _owned(session, workspace_id, client_id)
        if found is None:
            raise NotFound(UNKNOWN)
        for field in ("name", "currency", "timezone"):
            if (value := getattr(change, field)) is not None:
                setattr(found, field, value)
    return found


async def archive_client(database: Database, clock: Clock, workspace_id: str, client_id: str) -> None:
    """Put a client away with everything of it. Its name is free for a new client from then on."""
    async with database.write() as session:
        found = await _owned(session, workspace_id, client_id)
        if found is None:
            raise NotFound(UNKNOWN)
        now: datetime = clock.now()
        found.archived_at = now
        found.name = f"{found.name} (archived {now:%Y-%m-%d %H:%M:%S} {client_id[-6:]})"


class _unique_name:  # noqa: N801 - reads as a statement
    """Turns the database's refusal of a second client of the same name into a sentence."""

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, IntegrityError):
            raise Conflict(
                "A client of this name is there already.", code="client_name_taken", hint="Choose another name."
            ) from error
