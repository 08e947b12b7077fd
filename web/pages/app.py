"""The clients of a workspace: the page a person lands on after signing in."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from billing import wallet
from billing.plans import plan
from camarad.errors import CamaradError
from camarad.models import Client
from camarad.scope import Scope
from web import clients
from web.access import CurrentServices, CurrentUser, acting, router
from web.api.clients import NewClient
from web.api.connectors import connections
from web.audit import audited
from web.billing.standing import banner
from web.clients import ClientChange
from web.pages.forms import kept, parse, problem
from web.pages.render import page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")
MANAGED = [acting("clients")]

DONE = ("made", "renamed", "archived")
ZONES = ("UTC", "Europe/Bucharest", "Europe/London", "Europe/Berlin", "Europe/Chisinau", "America/New_York")
CURRENCIES = ("EUR", "RON", "USD", "GBP", "MDL", "CHF", "PLN", "HUF")


@routes.get("/app", response_class=Response, summary="Clients")
async def app_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    done = request.query_params.get("done", "")
    return await _show(request, who, services, done=done if done in DONE else "")


@routes.post(
    "/app/clients", dependencies=MANAGED, response_class=Response, summary="Make a client", **audited("client_created")
)
async def create(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    form = await request.form()
    try:
        change = ClientChange(**parse(NewClient, form).model_dump())
        await clients.create_client(services.database, services.clock, who.workspace_id, change)
    except CamaradError as error:
        values = kept(form, "name", "currency", "timezone")
        return await _show(request, who, services, error=error, values=values)
    return RedirectResponse("/app?done=made", 303)


@routes.post(
    "/app/clients/{client_id}/rename",
    dependencies=MANAGED,
    response_class=Response,
    summary="Rename a client",
    **audited("client_changed"),
)
async def rename(client_id: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        change = ClientChange(name=parse(NewClient, await request.form()).name)
        await clients.change_client(services.database, who.workspace_id, client_id, change)
    except CamaradError as error:
        if error.status == 404:
            raise
        return await _show(request, who, services, error=error, renaming=client_id)
    return RedirectResponse("/app?done=renamed", 303)


@routes.post(
    "/app/clients/{client_id}/archive",
    dependencies=MANAGED,
    response_class=Response,
    summary="Archive a client",
    **audited("client_archived"),
)
async def archive(client_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await clients.archive_client(services.database, services.clock, who.workspace_id, client_id)
    return RedirectResponse("/app?done=archived", 303)


async def _show(
    request: Request,
    who: SignedIn,
    services: Services,
    *,
    done: str = "",
    error: CamaradError | None = None,
    values: dict[str, str] | None = None,
    renaming: str = "",
) -> Response:
    found = await clients.list_clients(services.database, who.workspace_id)
    return page(
        request,
        "app.html",
        status=error.status if error else 200,
        clients=[await _card(services, who, client) for client in found],
        balance=await wallet.snapshot(services.database, who.workspace_id, services.settings, services.clock),
        limit=plan(who.plan_code).max_clients,
        banner=banner(await services.payments.plan_status(who.workspace_id)),
        done=done,
        problem=await problem(request, error) if error else None,
        renaming=renaming,
        values=values or {"name": "", "currency": "EUR", "timezone": "Europe/Bucharest"},
        zones=ZONES,
        currencies=CURRENCIES,
    )


async def _card(services: Services, who: SignedIn, client: Client) -> dict[str, Any]:
    scope = Scope(who.user_id, who.workspace_id, client.id)
    return {"client": client, "connections": await connections(services, scope)}
