"""Google and one's own account: proving that an account with the same e-mail is one's own, linking and unlinking."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import BadCredentials, BadInput, CamaradError, Conflict
from web import audit, cookies
from web.access import BY_THEMSELVES, CurrentServices, CurrentUser, router
from web.api.auth import LoginBody, authenticate, enter
from web.audit import audited
from web.oauth import browser, identities
from web.oauth.identities import Person
from web.oauth.outcomes import OAuthProblem
from web.oauth.page import outcome_page, to_google
from web.oauth.signing import ASK, LINK
from web.oauth.start import begin_linking
from web.oauth.state import PendingLink, StateRefused
from web.pages.forms import parse, problem, visitor_form
from web.pages.render import page
from web.services import Services

routes = router("public", "pages")
own = router("user", "pages")


@routes.get(ASK, response_class=Response, summary="Whether an account with the same e-mail is one's own")
async def ask(request: Request, services: CurrentServices) -> Response:
    try:
        return _form(request, _pending(request, services))
    except OAuthProblem as gone:
        return outcome_page(request, gone)


@routes.post(
    f"{ASK}/password", response_class=Response, summary="Link by the account's own password", **audited("google_linked")
)
async def by_password(request: Request, services: CurrentServices) -> Response:
    form = await visitor_form(request)
    try:
        pending = _pending(request, services)
        known = await authenticate(request, services, parse(LoginBody, form, email=pending.email))
        if known.user_id != pending.user:
            raise BadCredentials("The e-mail or the password is wrong.")
        await identities.link(services, pending.user, _person(pending))
    except OAuthProblem as gone:
        return outcome_page(request, gone)
    except CamaradError as error:
        return await _again(request, services, error)
    return await _done(request, services, pending, known.password_hash)


@routes.post(
    f"{ASK}/take-over",
    response_class=Response,
    summary="Take the account over as its e-mail's owner",
    **audited("account_taken_over"),
)
async def take_over(request: Request, services: CurrentServices) -> Response:
    form = await visitor_form(request)
    try:
        pending = _pending(request, services)
        if form.get("confirm") != "yes":
            raise BadInput("The box was not ticked.", code="take_over_unconfirmed")
        await identities.take_over(services, pending.user, _person(pending))
    except OAuthProblem as gone:
        return outcome_page(request, gone)
    except Conflict:
        return outcome_page(request, OAuthProblem("expired"))  # decided in another tab meanwhile
    except BadInput as error:
        return await _again(request, services, error)
    return await _done(request, services, pending)


@own.get(
    "/settings/google/link",
    response_class=Response,
    dependencies=[BY_THEMSELVES],
    summary="Add a Google account: goes to Google's page",
)
async def add(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await to_google(request, begin_linking(request, services, who.user_id, who.email))


@own.post(
    "/settings/google/{identity_id}/unlink",
    response_class=Response,
    summary="Remove a Google account",
    **audited("google_unlinked"),
)
async def remove(identity_id: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    gone = await identities.unlink(services, who.user_id, identity_id)
    if not gone:
        audit.nothing_done(request)
    return RedirectResponse(f"/settings?done={'unlinked' if gone else 'kept'}", 303)


def _pending(request: Request, services: Services) -> PendingLink:
    """What this browser proved at Google a moment ago. Raises OAuthProblem `expired` when it is over or not its own."""
    try:
        pending = services.states.open_link(request.cookies.get(LINK, ""))
    except StateRefused as refused:
        raise OAuthProblem("expired") from refused
    if not browser.is_same_browser(request, pending.browser):
        raise OAuthProblem("other_browser")
    return pending


def _person(pending: PendingLink) -> Person:
    return Person(pending.subject, pending.email)


def _form(request: Request, pending: PendingLink, status: int = 200, trouble: dict[str, str] | None = None) -> Response:
    return page(request, "google_link.html", status=status, email=pending.email, problem=trouble, here=ASK)


async def _again(request: Request, services: Services, error: CamaradError) -> Response:
    response = _form(request, _pending(request, services), error.status, await problem(request, error))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(round(error.retry_after))
    return response


async def _done(request: Request, services: Services, pending: PendingLink, fitted: str | None = None) -> Response:
    response = await enter(request, services, pending.user, pending.next, fitted=fitted)
    cookies.drop_cookie(request, response, LINK)
    return response
