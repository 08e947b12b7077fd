"""The addresses that browsers come to on their way to Google and back. HEAD is answered and uses nothing up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import cookies
from web.access import CurrentServices, find_signed_in, router
from web.declared import REDIRECT
from web.failures import wants_page
from web.oauth import browser
from web.oauth.callback import come_back, look
from web.oauth.outcomes import NAMES, OAuthProblem
from web.oauth.page import outcome_page
from web.oauth.paths import SIGN_IN_CALLBACK
from web.oauth.start import begin_sign_in, google_of
from web.services import Services

routes = router("public", "sign-in")
connectors = router("public", "connectors")

CONNECTOR_CALLBACK = "/api/connectors/{provider}/oauth/callback"
START = "/api/auth/google/start"


@routes.get(START, response_class=Response, responses=REDIRECT, summary="Sign in with Google: goes to Google's page")
async def start(request: Request, services: CurrentServices) -> Response:
    """`next` is the path to come back to."""
    target = cookies.local_path(request.query_params.get("next"))
    if await find_signed_in(request):
        return RedirectResponse(target, 303)
    try:
        begun = await begin_sign_in(request, services, target)
    except OAuthProblem as problem:
        return _told(request, problem)
    response = RedirectResponse(begun.url, 303)
    browser.remember_browser(request, response, begun.browser)
    return response


@routes.head(START, include_in_schema=False)
async def start_head(request: Request, services: CurrentServices) -> Response:
    google_of(services)
    return Response(status_code=204)


@routes.get(
    SIGN_IN_CALLBACK, response_class=Response, responses=REDIRECT, summary="Where Google sends back who signed in"
)
async def sign_in_callback(request: Request, services: CurrentServices) -> Response:
    return await _returned(request, services)


@connectors.get(
    CONNECTOR_CALLBACK, response_class=Response, responses=REDIRECT, summary="Where Google sends back who connected"
)
async def connector_callback(provider: str, request: Request, services: CurrentServices) -> Response:
    """Bare: 400. Otherwise it finishes the connection, and always ends on a page that says what happened."""
    if provider not in NAMES:
        return _told(request, OAuthProblem("unknown_connector"))
    return await _returned(request, services)


@routes.head(SIGN_IN_CALLBACK, include_in_schema=False)
async def sign_in_callback_head(request: Request, services: CurrentServices) -> Response:
    return _looked(request, services)


@connectors.head(CONNECTOR_CALLBACK, include_in_schema=False)
async def connector_callback_head(provider: str, request: Request, services: CurrentServices) -> Response:
    return _told(request, OAuthProblem("unknown_connector")) if provider not in NAMES else _looked(request, services)


async def _returned(request: Request, services: Services) -> Response:
    try:
        return await come_back(request, services, request.url.path)
    except OAuthProblem as problem:
        return _told(request, problem)


def _looked(request: Request, services: Services) -> Response:
    try:
        look(request, services, request.url.path)
    except OAuthProblem as problem:
        return _told(request, problem)
    return Response(status_code=204)


def _told(request: Request, problem: OAuthProblem) -> Response:
    """A page for people; the JSON of all errors for programs, from the handler of all errors."""
    if not wants_page(request):
        raise problem
    return outcome_page(request, problem)
