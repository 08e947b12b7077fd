"""The end of connecting: the grant goes to the client named in the state, after all that was true at its beginning was
checked again. Another tab may have switched to another client meanwhile; that changes nothing here."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import CamaradError
from camarad.scope import Scope
from tools.connectors.connection import ConnectionView
from tools.record import Provider
from web import roles
from web.access import remember_client
from web.clients import owned_client
from web.failures import wants_page
from web.oauth.exchanging import exchange, use_up, who_began
from web.oauth.outcomes import OAuthProblem, connectors_address
from web.oauth.returned import Returned
from web.oauth.state import Flow
from web.services import Services


async def finish(request: Request, services: Services, flow: Flow, returned: Returned) -> Response:
    provider = cast("Provider", flow.purpose.removeprefix("connect:"))
    scope = await _scope(request, services, flow, provider)
    try:
        outcome = await _connect(services, scope, provider, flow, returned)
    except OAuthProblem as problem:
        outcome = await _settled(services, scope, provider, problem)
        if outcome == problem.outcome and not wants_page(request):
            raise
    response = RedirectResponse(_address(scope.client_id, provider, outcome), 303)
    remember_client(request, response, scope.user_id, scope.client_id)
    return response


def _address(client_id: str, provider: Provider, outcome: str) -> str:
    page = f"/connectors/{provider}/choose" if outcome == "pick" else "/connectors"
    return connectors_address(client_id, provider, outcome, page)


async def _scope(request: Request, services: Services, flow: Flow, provider: Provider) -> Scope:
    """Whose connection this becomes. The sign-in must be of the person who began, the client still one of theirs.
    An API key finishes nothing: what it may read is no leave to say whose figures are read."""
    who = await who_began(request, flow, provider)
    mine = who.workspace_id == flow.workspace
    if not mine or await owned_client(services.database, who.workspace_id, flow.client) is None:
        raise OAuthProblem("other_client", provider)
    if not roles.may(who, "connections"):  # taken away since it began
        raise OAuthProblem("not_manager", provider)
    return Scope(who.user_id, who.workspace_id, flow.client)


async def _connect(services: Services, scope: Scope, provider: Provider, flow: Flow, returned: Returned) -> str:
    await use_up(services, flow, provider)
    granted = await exchange(services, flow, returned, provider)
    view = await services.connectors.connect(scope, provider, granted)
    if view.state != "connected":
        return view.state if view.state == "missing_scope" else "refused"
    if view.account_id:
        return await _still_read(services, scope, view)
    return "connected" if await _choose_the_only_one(services, scope, view) else "pick"


async def _still_read(services: Services, scope: Scope, view: ConnectionView) -> str:
    """The account chosen before stays, if this Google account may read it. The gateway has a right of its own."""
    if view.source == "gateway":
        return "connected"
    view = await services.connectors.confirm(scope, view.provider)
    return "no_access" if view.state == "no_access" else "connected"


async def _choose_the_only_one(services: Services, scope: Scope, view: ConnectionView) -> bool:
    """Who can read one account does not have to pick it. When Google cannot say, the page asks later."""
    try:
        listing = await services.connectors.directory(scope, view.provider)
        found = [entry for entry in listing.entries if entry.selectable]
        if len(found) != 1:
            return False
        await services.connectors.choose(scope, view.provider, found[0].id)
    except CamaradError:
        return False
    return True


async def _settled(services: Services, scope: Scope, provider: Provider, problem: OAuthProblem) -> str:
    """A page loaded again after it worked says that it worked."""
    if problem.outcome != "used":
        return problem.outcome
    view = (await services.connectors.states(scope))[provider]
    if not view.connected:
        return "used"
    settled = view.account_id or await _choose_the_only_one(
        services, scope, view
    )  # the first answer may still be at it
    return "already_connected" if settled else "pick"
