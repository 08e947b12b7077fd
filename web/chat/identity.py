"""From a request's cookies to a Visit: the sign-in is live and the client is of its workspace, checked each time."""

from __future__ import annotations

from sqlalchemy import select
from starlette.requests import HTTPConnection

from camarad.models import AuthSession, Client, Membership, User
from camarad.scope import Scope
from web import cookies
from web.chat.visit import ClientView, Language, Visit
from web.clients import list_clients, owned_client
from web.services import Services
from web.sessions import SignedIn, find_session


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
    services = visit.services
    async with services.database.read() as session:
        live = await session.scalar(
            select(AuthSession.id)
            .join(User, User.id == AuthSession.user_id)
            .join(
                Membership,
                (Membership.user_id == AuthSession.user_id) & (Membership.workspace_id == AuthSession.workspace_id),
            )
            .join(Client, Client.workspace_id == AuthSession.workspace_id)
            .where(
                AuthSession.id == visit.session_id,
                AuthSession.revoked_at.is_(None),
                AuthSession.expires_at > services.clock.now(),
                User.disabled_at.is_(None),
                Client.id == visit.scope.client_id,
                Client.archived_at.is_(None),
            )
        )
    return live is not None
