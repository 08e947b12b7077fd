"""From a request's cookies to a Visit: the sign-in is live and the client is of its workspace, checked each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from starlette.requests import HTTPConnection

from camarad.models import AuthSession, Client, Membership, User
from camarad.scope import Scope
from web import cookies
from web.chat.visit import ClientView, Language, Visit
from web.clients import list_clients, owned_client
from web.services import Services
from web.sessions import SignedIn, find_session

MOST_AT_ONCE = 400  # visits of one query; SQLite binds at most 32,766 values


async def signed_in(services: Services, connection: HTTPConnection) -> SignedIn | None:
    token = connection.cookies.get(cookies.SESSION, "")
    return await find_session(services.database, services.clock, token) if token else None


async def visit_of(services: Services, connection: HTTPConnection, who: SignedIn, client_id: str) -> Visit | None:
    """None for a client that is not of the workspace, archived, or unknown: all alike."""
    client = await owned_client(services.database, who.workspace_id, client_id)
    if client is None:
        return None
    return Visit(
        services=services,
        scope=Scope(who.user_id, who.workspace_id, client.id),
        session_id=who.session_id,
        email=who.email,
        language=language_of(connection, who),
        client=_view(client),
    )


def language_of(connection: HTTPConnection, who: SignedIn) -> Language:
    """The language chosen on our pages, else the person's own."""
    chosen = connection.cookies.get(cookies.LANGUAGE) or who.language
    return "ro" if chosen == "ro" else "en"


async def clients_of(services: Services, who: SignedIn) -> list[ClientView]:
    return [_view(client) for client in await list_clients(services.database, who.workspace_id)]


def _view(client: Client) -> ClientView:
    return ClientView(client.id, client.name, client.currency, client.timezone, client.demo)


async def stands(visit: Visit) -> bool:
    """Whether a visit that began earlier would still be let in: sign-in live, member still, client still there."""
    return visit.key in await standing(visit.services, [visit])


async def standing(services: Services, visits: Sequence[Visit]) -> set[tuple[str, str]]:
    """The keys of those visits that would still be let in, by one query for many."""
    found: set[tuple[str, str]] = set()
    for part in _batched(visits, MOST_AT_ONCE):
        async with services.database.read() as session:
            rows = await session.execute(_live(services.clock.now(), part))
        found.update((row.session_id, row.client_id) for row in rows)
    return found


def _live(now: datetime, visits: Sequence[Visit]) -> Select[str, str]:
    """Sign-ins with the clients they may open: pairs of both, of which some may belong to no visit."""
    return (
        select(AuthSession.id.label("session_id"), Client.id.label("client_id"))
        .join(User, User.id == AuthSession.user_id)
        .join(
            Membership,
            (Membership.user_id == AuthSession.user_id) & (Membership.workspace_id == AuthSession.workspace_id),
        )
        .join(Client, Client.workspace_id == AuthSession.workspace_id)
        .where(
            AuthSession.id.in_({visit.session_id for visit in visits}),
            AuthSession.revoked_at.is_(None),
            AuthSession.expires_at > now,
            User.disabled_at.is_(None),
            Client.id.in_({visit.scope.client_id for visit in visits}),
            Client.archived_at.is_(None),
        )
    )


def _batched(visits: Sequence[Visit], size: int) -> Iterator[Sequence[Visit]]:
    return (visits[first : first + size] for first in range(0, len(visits), size))
