"""The browser is back from Google. What costs nothing is checked first; the database is asked only for a state that
this server made, that is not over, and that this very browser was given."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import LimitReached
from web import ratelimit
from web.api.auth import address_of
from web.audit import record_route
from web.oauth import browser, connecting, proving, signing
from web.oauth.outcomes import OAuthProblem
from web.oauth.returned import opened, read
from web.oauth.state import Flow
from web.ratelimit import RateLimit
from web.services import Services

A_MINUTE: Final = 300  # finished flows of one address; an office shares one
MOVED: Final = "moved"  # marks an answer that was sent on to the owning host already
FINISH: Final = {"signin": signing.finish, "link": signing.finish, "prove": proving.finish}
ACTS: Final = {"signin": "signed_in", "link": "google_linked", "prove": "proved_with_google"}


async def come_back(request: Request, services: Services, path: str) -> Response:
    """Raises OAuthProblem for every end without success."""
    address = address_of(request)
    if wait := services.floods.wait(address):
        raise OAuthProblem("rate_limited", retry_after=wait)
    returned = read(request)
    try:
        flow = opened(services.states, returned, path)
    except OAuthProblem:
        services.floods.count(address)
        raise
    if (elsewhere := _owning_host(request, services, flow)) is not None:
        return elsewhere
    if not browser.is_same_browser(request, flow.browser):
        raise OAuthProblem("other_browser", about(flow))
    await _limit(services, address)
    response = await FINISH.get(flow.purpose, connecting.finish)(request, services, flow, returned)
    await _record(request, services, flow)
    return response


async def _record(request: Request, services: Services, flow: Flow) -> None:
    """Somebody who still has to prove that an account is theirs has not come in yet."""
    if flow.purpose == "signin" and not hasattr(request.state, "entered"):
        return
    act = ACTS.get(flow.purpose, "connection_connected")
    await record_route(request, services, act)


def look(request: Request, services: Services, path: str) -> None:
    """What HEAD learns: whether the state is one of ours. Nothing is used up. Raises OAuthProblem when it is not."""
    opened(services.states, read(request), path)


def about(flow: Flow) -> str:
    return flow.purpose.removeprefix("connect:") if flow.purpose.startswith("connect:") else ""


def _owning_host(request: Request, services: Services, flow: Flow) -> Response | None:
    """Cookies belong to one host. An answer that came to a sibling goes to the host where the flow began, once."""
    if flow.redirect_uri == browser.redirect_uri(request, request.url.path):
        return None
    if MOVED in request.query_params or not browser.is_own_address(services.settings, flow.redirect_uri):
        raise OAuthProblem("tampered")
    return RedirectResponse(f"{flow.redirect_uri}?{request.url.query}&{MOVED}=1", 307)


async def _limit(services: Services, address: str) -> None:
    try:
        await ratelimit.hit(services.database, services.clock, [RateLimit.of_address("oauth", A_MINUTE, 60, address)])
    except LimitReached as error:
        raise OAuthProblem("rate_limited", retry_after=error.retry_after) from error
