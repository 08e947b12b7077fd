"""What is connected for the active client, and what that lets the agents do."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agents.roster import AGENTS, Agent
from camarad.errors import NotFound
from camarad.models import Client
from camarad.scope import Scope
from tools.record import Provider
from tools.registry import TOOLS
from web import clients, cookies
from web.access import CurrentServices, CurrentUser, active_client, remember_client, router
from web.api.connectors import ConnectorView, connections
from web.chat.words import tool_label
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")

HOME = "/connectors"
PROVIDERS: tuple[Provider, ...] = ("ga4", "google-ads")


@routes.get("/connectors", response_class=Response, summary="Connections of the active client")
async def connectors_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _show(request, who, services, PROVIDERS)


@routes.post("/connectors/client", response_class=Response, summary="Choose the active client")
async def choose(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    form = await request.form()
    chosen = str(form.get("client_id", ""))
    if await clients.owned_client(services.database, who.workspace_id, chosen) is None:
        raise NotFound(clients.UNKNOWN)
    target = cookies.local_path(str(form.get("next", HOME)), HOME)
    response = RedirectResponse(target if target.startswith(HOME) else HOME, 303)
    remember_client(request, response, who.user_id, chosen)
    return response


async def _show(request: Request, who: SignedIn, services: Services, shown: tuple[Provider, ...]) -> Response:
    found = await clients.list_clients(services.database, who.workspace_id)
    client = _active(request, who, found)
    views = await connections(services, Scope(who.user_id, who.workspace_id, client.id)) if client else []
    language = language_of(request, who)
    return page(
        request,
        "connectors.html",
        clients=found,
        client=client,
        cards=[_card(view, language) for view in views if view.provider in shown],
        one=shown[0] if len(shown) == 1 else "",
        demo_clients=[c for c in found if c.demo],
        demo=services.settings.camarad_demo,
    )


def _active(request: Request, who: SignedIn, found: list[Client]) -> Client | None:
    """The client last opened; else the first, so that the page never stands empty while there is one."""
    chosen = active_client(request, who)
    return next((client for client in found if client.id == chosen), found[0] if found else None)


def _card(view: ConnectorView, language: str) -> dict[str, Any]:
    needing = [tool.name for tool in TOOLS if view.provider in tool.needs]
    return {
        "view": view,
        "reports": [tool_label(name, "ro" if language == "ro" else "en") for name in needing],
        "agents": [agent for agent in AGENTS if agent.available and _uses(agent, needing)],
    }


def _uses(agent: Agent, names: list[str]) -> bool:
    return any(name in agent.tools for name in names)
