"""The workspace's clients."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.responses import Response

from camarad.errors import NotFound
from camarad.models import Client
from camarad.scope import Scope
from web import clients
from web.access import CurrentServices, CurrentUser, acting, router
from web.audit import audited
from web.clients import ClientChange
from web.inputs import Currency, Name, Timezone
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "clients", prefix="/api/clients")
MANAGED = [acting("clients")]


class NewClient(BaseModel):
    name: Name
    currency: Currency = "EUR"
    timezone: Timezone = "UTC"


class ChangedClient(BaseModel):
    name: Name | None = None
    currency: Currency | None = None
    timezone: Timezone | None = None


class ClientView(BaseModel):
    """`connections` gives each provider's state, `not_connected` among them."""

    id: str
    name: str
    demo: bool
    currency: str
    timezone: str
    connections: dict[str, str]


class OneClient(BaseModel):
    client: ClientView


class ManyClients(BaseModel):
    clients: list[ClientView]


async def view(services: Services, who: SignedIn, client: Client) -> ClientView:
    states = await services.connectors.states(Scope(who.user_id, who.workspace_id, client.id))
    return ClientView(
        id=client.id,
        name=client.name,
        demo=client.demo,
        currency=client.currency,
        timezone=client.timezone,
        connections={provider: state.state for provider, state in states.items()},
    )


@routes.get("", summary="The workspace's clients with their connections")
async def list_clients(who: CurrentUser, services: CurrentServices) -> ManyClients:
    found = await clients.list_clients(services.database, who.workspace_id)
    return ManyClients(clients=[await view(services, who, client) for client in found])


@routes.post("", dependencies=MANAGED, status_code=201, summary="Make a client", **audited("client_created"))
async def create_client(body: NewClient, who: CurrentUser, services: CurrentServices) -> OneClient:
    change = ClientChange(**body.model_dump())
    made = await clients.create_client(services.database, services.clock, who.workspace_id, change)
    return OneClient(client=await view(services, who, made))


@routes.get("/{client_id}", summary="One client")
async def get_client(client_id: str, who: CurrentUser, services: CurrentServices) -> OneClient:
    found = await clients.owned_client(services.database, who.workspace_id, client_id)
    if found is None:
        raise NotFound(clients.UNKNOWN)
    return OneClient(client=await view(services, who, found))


@routes.patch(
    "/{client_id}",
    dependencies=MANAGED,
    summary="Rename a client, or change its currency or time zone",
    **audited("client_changed"),
)
async def change_client(client_id: str, body: ChangedClient, who: CurrentUser, services: CurrentServices) -> OneClient:
    change = ClientChange(**body.model_dump())
    changed = await clients.change_client(services.database, who.workspace_id, client_id, change)
    return OneClient(client=await view(services, who, changed))


@routes.delete(
    "/{client_id}", dependencies=MANAGED, status_code=204, summary="Archive a client", **audited("client_archived")
)
async def archive_client(client_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await clients.archive_client(services.database, services.clock, who.workspace_id, client_id)
    return Response(status_code=204)
