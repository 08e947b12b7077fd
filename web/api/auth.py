"""Signing up, in and out. A sign-in is a cookie; calls that change something carry its CSRF token."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from camarad.errors import NotFound
from web import accounts, audit, cookies, device
from web.access import CurrentServices, find_signed_in, router, user
from web.accounts import Known, SignUp
from web.audit import audited
from web.inputs import AnyPassword, Email, Name, Password, Word
from web.services import Services
from web.sessions import NewSession, NoWorkspace, SignedIn, open_session, revoke_session

routes = router("public", "sign-in", prefix="/api/auth")


class LoginBody(BaseModel):
    email: Email
    password: AnyPassword


class SignUpBody(BaseModel):
    """`workspace` may be left out; the part of the e-mail before the @ names it then. With the token of an `invitation`
    the account is made into that workspace, and none of its own."""

    email: Email
    password: Password
    workspace: Name | None = None
    invitation: Word | None = None


class UserView(BaseModel):
    id: str
    email: str
    display_name: str
    language: str


class WorkspaceView(BaseModel):
    id: str
    name: str
    role: str


class SignInView(BaseModel):
    user: UserView
    workspace: WorkspaceView
    csrf_token: str


def view(who: SignedIn) -> SignInView:
    return SignInView(
        user=UserView(id=who.user_id, email=who.email, display_name=who.display_name, language=who.language),
        workspace=WorkspaceView(id=who.workspace_id, name=who.workspace_name, role=who.role),
        csrf_token=who.csrf_token,
    )


async def authenticate(request: Request, services: Services, body: LoginBody) -> Known:
    """Whom the e-mail and the password belong to, counted as the browser's own try where that is known."""
    known = device.known(request, services, body.email)
    return await accounts.authenticate(services, body.email, body.password, address_of(request), known)


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def start_session(
    request: Request, services: Services, user_id: str, workspace_id: str | None = None, fitted: str | None = None
) -> NewSession:
    """A sign-in to the workspace named, else to the one used last. Who is in none gets one; who names one that is not
    theirs gets NotFound; who came by a password that `fitted` and does no more gets BadCredentials."""
    try:
        made = await _open(request, services, user_id, workspace_id, fitted)
    except NoWorkspace as none:
        if workspace_id is not None:
            raise NotFound("There is no such workspace among yours.") from none
        await accounts.new_home(services, user_id)
        made = await _open(request, services, user_id, None, fitted)
    request.state.entered = made.signed_in
    return made


async def _open(
    request: Request, services: Services, user_id: str, workspace_id: str | None, fitted: str | None
) -> NewSession:
    return await open_session(
        services.database,
        services.clock,
        user_id,
        days=services.settings.session_days,
        user_agent=request.headers.get("user-agent", ""),
        address=address_of(request),
        workspace_id=workspace_id,
        fitted=fitted,
    )


def give_cookie(request: Request, response: Response, services: Services, made: NewSession) -> None:
    cookies.set_cookie(request, response, cookies.SESSION, made.token, services.settings.session_days * 86_400)


async def enter(
    request: Request,
    services: Services,
    user_id: str,
    target: str,
    workspace_id: str | None = None,
    fitted: str | None = None,
) -> Response:
    """A new sign-in with a new cookie, on the way to a page of ours; one that the browser already had is ended. Who
    only goes to another workspace has proven nothing that would make a browser known."""
    made = await start_session(request, services, user_id, workspace_id, fitted)
    if await find_signed_in(request):
        await end_session(request, services)
    response = RedirectResponse(cookies.local_path(target), 303)
    give_cookie(request, response, services, made)
    if workspace_id is None:
        device.remember(request, response, services, made.signed_in.email)
    cookies.drop_cookie(request, response, cookies.FORM)
    return response


async def move(request: Request, services: Services, user_id: str, workspace_id: str) -> Response:
    """As `enter`, for programs and for a named workspace: a new cookie and CSRF token in place of the old ones, so that
    what other tabs still show of the workspace before cannot act in this one."""
    made = await start_session(request, services, user_id, workspace_id)
    await end_session(request, services)
    response = JSONResponse(view(made.signed_in).model_dump())
    give_cookie(request, response, services, made)
    cookies.drop_cookie(request, response, cookies.CLIENT)
    return response


@routes.post(
    "/signup",
    status_code=201,
    response_model=SignInView,
    summary="Make an account and a workspace",
    **audited("signed_up"),
)
async def signup(body: SignUpBody, request: Request, services: CurrentServices) -> Response:
    name = body.workspace or body.email.partition("@")[0]
    wanted = SignUp(body.email, body.password, name, invitation=body.invitation)
    user_id = await accounts.sign_up(services, wanted, address_of(request))
    return await _signed_in(request, services, user_id, 201)


@routes.post("/login", response_model=SignInView, summary="Sign in", **audited("signed_in"))
async def login(body: LoginBody, request: Request, services: CurrentServices) -> Response:
    known = await authenticate(request, services, body)
    return await _signed_in(request, services, known.user_id, 200, known.password_hash)


async def _signed_in(
    request: Request, services: Services, user_id: str, status: int, fitted: str | None = None
) -> Response:
    made = await start_session(request, services, user_id, fitted=fitted)
    response = JSONResponse(view(made.signed_in).model_dump(), status)
    give_cookie(request, response, services, made)
    device.remember(request, response, services, made.signed_in.email)
    return response


@routes.post("/logout", summary="End this sign-in", **audited("signed_out"))
async def logout(request: Request, services: CurrentServices) -> Response:
    """Needs the CSRF token when there is a sign-in to end; without one it only clears the cookies."""
    response = JSONResponse({"signed_in": False})
    if await find_signed_in(request):
        await user(request)
        await end_session(request, services)
    else:
        audit.nothing_done(request)
    clear_cookies(request, response)
    return response


async def end_session(request: Request, services: Services) -> None:
    """Another tab may have ended it in the same moment; then it is ended all the same."""
    who: SignedIn = request.state.signed_in
    with suppress(NotFound):
        await revoke_session(services.database, services.clock, who.user_id, who.session_id)


def clear_cookies(request: Request, response: Response) -> None:
    cookies.drop_cookie(request, response, cookies.SESSION)
    cookies.drop_cookie(request, response, cookies.CLIENT)


@routes.get("/status", summary="Whether this caller is signed in")
async def status(request: Request) -> dict[str, Any]:
    who = await find_signed_in(request)
    return {"signed_in": False} if who is None else {"signed_in": True, **view(who).model_dump()}
