"""A person's settings: profile, sign-ins, the model in use, and what the workspace used."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agents.roster import AGENTS
from billing import usage
from camarad.errors import CamaradError
from camarad.models import User
from camarad.settings import Settings
from web import cookies, i18n, sessions
from web.access import CurrentServices, CurrentUser, router
from web.audit import audited
from web.inputs import Name
from web.oauth import identities, proving
from web.pages.forms import parse, problem
from web.pages.render import page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")

DONE = ("saved", "ended", "linked", "unlinked", "kept", "proven", "password_changed")
SHOWN_CALLS = 50
EMBEDDED = "camarad/embedded"
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _language(value: str) -> str:
    if value not in i18n.LANGUAGES:
        raise ValueError("this language is not spoken here")
    return value


class Profile(BaseModel):
    display_name: Name | None = None
    language: Annotated[str, AfterValidator(_language)]


@routes.get("/settings", response_class=Response, summary="Settings")
async def settings_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    done = request.query_params.get("done", "")
    return await show(request, who, services, done=done if done in DONE else "")


@routes.post(
    "/settings/profile", response_class=Response, summary="Change name and language", **audited("profile_changed")
)
async def save_profile(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        profile = parse(Profile, await request.form())
    except CamaradError as error:
        return await show(request, who, services, error=error)
    async with services.database.write() as session:
        user = await session.get_one(User, who.user_id)
        user.display_name, user.language = profile.display_name or "", profile.language
    response = RedirectResponse("/settings?done=saved", 303)
    cookies.set_cookie(request, response, cookies.LANGUAGE, profile.language, cookies.YEAR)
    return response


@routes.post(
    "/settings/sessions/{session_id}/revoke",
    response_class=Response,
    summary="End a sign-in",
    **audited("sign_in_ended"),
)
async def revoke(session_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await sessions.revoke_session(services.database, services.clock, who.user_id, session_id)
    return RedirectResponse("/login" if session_id == who.session_id else "/settings?done=ended", 303)


async def show(
    request: Request, who: SignedIn, services: Services, *, done: str = "", error: CamaradError | None = None
) -> Response:
    """The page, with what was done or what stands in the way; forms of other modules that are on it show it too."""
    used = await usage.usage(services.database, who.workspace_id, 168, services.clock)
    linked = await identities.linked(services, who.user_id)
    has_password = await _has_password(services, who)
    response = page(
        request,
        "settings.html",
        status=error.status if error else 200,
        done=done,
        problem=await problem(request, error) if error else None,
        sessions=await sessions.list_sessions(services.database, services.clock, who.user_id),
        models=models_of(services.settings),
        rows=used["rows"][:SHOWN_CALLS],
        totals=used["totals"],
        browser=browser_name,
        linked=linked,
        only_way=len(linked) == 1 and not has_password,
        has_password=has_password,
        proven=not has_password and proving.proved(request, services, who),
        google=services.connectors.google,
        here="/settings",
        agent_names={agent.slug: agent.name for agent in AGENTS},
    )
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(round(error.retry_after))
    return response


async def _has_password(services: Services, who: SignedIn) -> bool:
    async with services.database.read() as session:
        return (await session.get_one(User, who.user_id)).password_hash is not None


def browser_name(user_agent: str) -> str:
    """`Firefox, Windows`: as much of a User-Agent as tells one sign-in from another; a program's by its first word."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser is None:
        return user_agent.split("/")[0][:40] or "–"
    return f"{browser}, {system}" if system else browser


def models_of(settings: Settings) -> dict[str, Any]:
    """The model of all agents, and the agents that have one of their own."""
    own = {
        agent.name: settings.camarad_agent_models[agent.slug]
        for agent in AGENTS
        if agent.slug in settings.camarad_agent_models
    }
    return {"all": settings.camarad_model, "embedded": settings.camarad_model == EMBEDDED, "own": own}
