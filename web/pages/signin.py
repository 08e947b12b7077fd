"""Signing in, up and out with forms."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import CamaradError
from web import accounts, audit, cookies, invitations
from web.access import CurrentServices, find_signed_in, router, user
from web.accounts import SignUp
from web.api.auth import (
    LoginBody,
    SignUpBody,
    address_of,
    authenticate,
    clear_cookies,
    end_session,
    enter,
)
from web.audit import audited
from web.pages.forms import kept, parse, problem, visitor_form
from web.pages.render import language_of, page
from web.services import Services

routes = router("public", "pages")

DONE = ("erased", "left", "reset")


@routes.get("/login", response_class=Response, summary="Sign in")
async def login_page(request: Request, services: CurrentServices) -> Response:
    return await _form_page(request, services, "login.html")


@routes.get("/signup", response_class=Response, summary="Make an account")
async def signup_page(request: Request, services: CurrentServices) -> Response:
    return await _form_page(request, services, "signup.html")


@routes.post("/login", response_class=Response, summary="Sign in", **audited("signed_in"))
async def login(request: Request, services: CurrentServices) -> Response:
    form = await visitor_form(request)
    try:
        known = await authenticate(request, services, parse(LoginBody, form))
    except CamaradError as error:
        return await _again(request, services, "login.html", form, error)
    target = str(form.get("next", ""))
    return await enter(request, services, known.user_id, target, fitted=known.password_hash)


@routes.post("/signup", response_class=Response, summary="Make an account", **audited("signed_up"))
async def signup(request: Request, services: CurrentServices) -> Response:
    form = await visitor_form(request)
    try:
        body = parse(SignUpBody, form)
        name = body.workspace or body.email.partition("@")[0]
        token = invitations.token_in(str(form.get("next", "")))
        invitation = await invitations.usable(services, token, body.email)
        wanted = SignUp(body.email, body.password, name, language_of(request, None), invitation=invitation)
        user_id = await accounts.sign_up(services, wanted, address_of(request))
    except CamaradError as error:
        return await _again(request, services, "signup.html", form, error)
    return await enter(request, services, user_id, str(form.get("next", "")))


@routes.post("/logout", response_class=Response, summary="Sign out", **audited("signed_out"))
async def logout(request: Request, services: CurrentServices) -> Response:
    response = RedirectResponse("/", 303)
    if await find_signed_in(request):
        await user(request)
        await end_session(request, services)
    else:
        audit.nothing_done(request)
    clear_cookies(request, response)
    return response


async def _form_page(request: Request, services: Services, template: str) -> Response:
    target = cookies.local_path(request.query_params.get("next"))
    if await find_signed_in(request):
        return RedirectResponse(target, 303)
    values = {"email": "", "workspace": "", "next": target}
    demo, google = services.settings.camarad_demo, services.connectors.google
    done = request.query_params.get("done", "")
    return page(
        request,
        template,
        values=values,
        problem=None,
        demo=demo,
        google=google,
        done=done if done in DONE else "",
        invited=await _invited(request, services, target),
    )


async def _invited(request: Request, services: Services, target: str) -> str:
    """The workspace that somebody is on their way to by an invitation which is still good."""
    if (token := invitations.token_in(target)) is None:
        return ""
    try:
        return (await invitations.look(services, token, address_of(request))).workspace
    except CamaradError:
        return ""


async def _again(request: Request, services: Services, template: str, form: FormData, error: CamaradError) -> Response:
    values = {**kept(form, "email", "workspace"), "next": cookies.local_path(str(form.get("next", "")))}
    response = page(
        request,
        template,
        status=error.status,
        values=values,
        problem=await problem(request, error),
        demo=services.settings.camarad_demo,
        done="",
        invited=await _invited(request, services, values["next"]),
        google=services.connectors.google,
    )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(round(error.retry_after))
    return response
