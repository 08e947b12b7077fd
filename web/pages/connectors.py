"""What is connected for a client, and what a person does about it: connect, disconnect, read through the gateway.

Every form and link carries the client it was drawn for, so that two tabs on two clients never act on each other's.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agents.roster import AGENTS, Agent
from camarad.errors import NotFound
from camarad.models import Client
from camarad.scope import Scope
from tools.record import Provider
from tools.registry import TOOLS
from web import audit, clients, cookies
from web.access import BY_THEMSELVES, CurrentServices, CurrentUser, acting, active_client, remember_client, router
from web.api.connectors import ConnectorView, connection, connections, known
from web.audit import audited
from web.chat.words import tool_label
from web.oauth import browser
from web.oauth.outcomes import OUTCOMES, connectors_address, words
from web.oauth.page import to_google
from web.oauth.paths import SIGN_IN_CALLBACK, callback_path
from web.oauth.start import begin_connecting
from web.pages.forms import form_field
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")
MANAGED = [acting("connections")]

HOME: Final = "/connectors"
REDIRECTS: Final = (callback_path("ga4"), callback_path("google-ads"), SIGN_IN_CALLBACK)
MOODS: Final = {"connected": "good", "not_connected": "off", "disconnected": "off"}
ACTIONS: Final = {
    "connected": ("open", "change"),
    "choose": ("choose", "reconnect"),
    "not_connected": ("connect",),
    "disconnected": ("connect",),
    "no_access": ("change", "reconnect"),
}
NEEDS_GOOGLE: Final = frozenset({"connect", "reconnect"})
NEEDS_GRANT: Final = frozenset({"choose", "change"})
NOTHING_TO_END: Final = frozenset({"not_connected", "disconnected"})
UNNAMED: Final = "which_client"  # the outcome of connecting without a client of one's own
KEPT: Final = {"shared": "forgotten", "no_grant": "removed"}  # why Google was not told, as an outcome


@routes.get("/connectors", response_class=Response, summary="Connections of a client")
async def connectors_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """`client` shows another client than the active one, and makes it the active one."""
    found = await clients.list_clients(services.database, who.workspace_id)
    client = _client(request, who, found)
    views = await connections(services, scope_of(who, client)) if client else []
    response = page(
        request,
        "connectors.html",
        clients=found,
        client=client,
        cards=[_card(view, services, language_of(request, who)) for view in views],
        said=said(request, who, client, views),
        configured=services.connectors.google.configured,
        redirects=[browser.redirect_uri(request, path) for path in REDIRECTS],
        others=[each for each in found if each.demo and client and each.id != client.id],
    )
    if client is not None and client.id == request.query_params.get("client"):
        remember_client(request, response, who.user_id, client.id)
    return response


@routes.get(
    "/connectors/{provider}/connect",
    dependencies=[BY_THEMSELVES, *MANAGED],
    response_class=Response,
    summary="Goes to Google to connect a client",
)
async def connect(provider: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    name = known(provider)
    client = await named(request, who, services)
    if client is None:
        return unnamed(name)
    scope = scope_of(who, client)
    hint = (await connection(services, scope, name)).email or ""
    return await to_google(request, begin_connecting(request, services, scope, name, hint))


@routes.post(
    "/connectors/{provider}/disconnect",
    dependencies=MANAGED,
    response_class=Response,
    summary="Disconnect a client",
    **audited("connection_disconnected"),
)
async def disconnect(provider: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    name, client = known(provider), await of_form(request, who, services)
    try:
        ended = await services.connectors.disconnect(scope_of(who, client), name)
    except NotFound as error:
        if error.code != "not_connected":
            raise
        audit.nothing_done(request)
        return RedirectResponse(connectors_address(client.id, name, "removed"), 303)
    outcome = "disconnected" if ended.revoked else KEPT.get(ended.kept or "", "unrevoked")
    return RedirectResponse(connectors_address(client.id, name, outcome), 303)


@routes.post(
    "/connectors/{provider}/gateway",
    dependencies=MANAGED,
    response_class=Response,
    summary="Read through the gateway, or not",
    **audited("gateway_switched"),
)
async def gateway(provider: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    name, client = known(provider), await of_form(request, who, services)
    use = (await request.form()).get("use") == "yes"
    await services.connectors.use_gateway(scope_of(who, client), name, use)
    return RedirectResponse(connectors_address(client.id, name, "through_gateway" if use else "through_google"), 303)


@routes.post("/connectors/client", response_class=Response, summary="Choose the active client")
async def choose_client(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    client = await of_form(request, who, services)
    target = cookies.local_path(await form_field(request, "next", HOME), HOME)
    response = RedirectResponse(target if target.startswith(HOME) else HOME, 303)
    remember_client(request, response, who.user_id, client.id)
    return response


async def of_form(request: Request, who: SignedIn, services: Services) -> Client:
    client = await owned(await form_field(request, "client_id"), who, services)
    audit.note(request, client_id=client.id)
    return client


async def owned(client_id: str, who: SignedIn, services: Services) -> Client:
    """Raises NotFound alike for another workspace's client and for one that never was."""
    client = await clients.owned_client(services.database, who.workspace_id, client_id)
    if client is None:
        raise NotFound(clients.UNKNOWN)
    return client


async def named(request: Request, who: SignedIn, services: Services) -> Client | None:
    """The client in the address, else the active one. None alike for another workspace's, for one that never was, and
    for a person who has opened none."""
    client_id = request.query_params.get("client") or active_client(request, who) or ""
    return await clients.owned_client(services.database, who.workspace_id, client_id)


def unnamed(provider: Provider) -> Response:
    """Back to where a client is chosen, with a word on why."""
    return RedirectResponse(f"{HOME}?" + urlencode({"provider": provider, "outcome": UNNAMED}), 303)


def scope_of(who: SignedIn, client: Client) -> Scope:
    return Scope(who.user_id, who.workspace_id, client.id)


def said(request: Request, who: SignedIn, client: Client | None, views: list[ConnectorView]) -> dict[str, str] | None:
    """The banner of what was just done, from a closed list of codes. It never contradicts the card below it."""
    code, provider = request.query_params.get("outcome", ""), request.query_params.get("provider", "")
    view = next((each for each in views if each.provider == provider), None)
    if code == UNNAMED:
        message, hint = words(language_of(request, who), code, provider)
        return {"message": message, "hint": hint, "mood": OUTCOMES[code].mood}
    if code not in OUTCOMES or view is None or client is None or client.id != request.query_params.get("client"):
        return None
    settled = OUTCOMES[code].state
    if settled is not None and settled != view.state:
        return None
    message, hint = words(language_of(request, who), code, provider, client.name)
    return {"message": message, "hint": hint, "mood": OUTCOMES[code].mood}


def _client(request: Request, who: SignedIn, found: list[Client]) -> Client | None:
    """The one asked for, else the one last opened, else the first, so that the page never stands empty."""
    for wanted in (request.query_params.get("client"), active_client(request, who)):
        if chosen := next((client for client in found if client.id == wanted), None):
            return chosen
    return found[0] if found else None


def _card(view: ConnectorView, services: Services, language: str) -> dict[str, Any]:
    needing = [tool.name for tool in TOOLS if view.provider in tool.needs]
    trouble = _gateway_trouble(view, services)
    return {
        "view": view,
        "shown": view.shown,
        "words": "choose_gateway" if view.shown == "choose" and view.email is None else view.shown,
        "mood": "warm" if trouble else MOODS.get(view.shown, "warm"),
        "facts": view.state not in NOTHING_TO_END,
        "actions": _actions(view),
        "trouble": trouble,
        "fallback": view.email is not None,
        "gateway": view.source == "gateway" or _may_use_gateway(view, services),
        "can_disconnect": view.state not in NOTHING_TO_END,
        "reports": [tool_label(name, "ro" if language == "ro" else "en") for name in needing],
        "agents": [agent for agent in AGENTS if agent.available and _uses(agent, needing)],
    }


def _actions(view: ConnectorView) -> list[str]:
    """What can be done now: nothing that needs a Google where there is none, nor a permission that is not there."""
    actions = ACTIONS.get(view.shown, ("reconnect",))
    if view.source == "gateway" and view.email is None:  # no permission of its own yet, which would be the fallback
        actions = (*(action for action in actions if action != "reconnect"), "connect")
    google = [a for a in actions if a not in NEEDS_GOOGLE or view.configured]
    reaches = view.email is not None or view.source == "gateway"
    return [a for a in google if a not in NEEDS_GRANT or reaches]


def _gateway_trouble(view: ConnectorView, services: Services) -> str:
    """Why the gateway cannot be used now, in a code; empty when it can or is not meant."""
    return (services.connectors.gateway.reason or "") if view.source == "gateway" else ""


def _may_use_gateway(view: ConnectorView, services: Services) -> bool:
    """Where this server has one; made-up numbers of the demo never come through it."""
    has_one = services.connectors.gateway.reason not in ("gateway_off", "gateway_not_configured")
    return has_one and not (view.source == "demo" and view.email is None)


def _uses(agent: Agent, names: list[str]) -> bool:
    return any(name in agent.tools for name in names)
