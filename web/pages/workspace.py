"""The workspace's own page: what was done in it that matters for security."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import CamaradError
from web import audit, i18n
from web.access import CurrentServices, CurrentUser, router
from web.api.auth import clear_cookies
from web.pages.forms import parse, problem
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn
from web.takeout.confirm import Confirmed, confirmed
from web.takeout.erase import erase

routes = router("user", "pages")

SHOWN = 100


@routes.get("/settings/workspace", response_class=Response, summary="The workspace's data and its security log")
async def workspace_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _show(request, who, services)


@routes.post("/settings/workspace/erase", response_class=Response, summary="Erase the workspace")
async def erase_workspace(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        await confirmed(services, who, parse(Confirmed, await request.form()))
        await erase(services, who)
    except CamaradError as error:
        return await _show(request, who, services, error)
    response = RedirectResponse("/login?done=erased", 303)
    clear_cookies(request, response)
    return response


async def _show(request: Request, who: SignedIn, services: Services, error: CamaradError | None = None) -> Response:
    return page(
        request,
        "workspace.html",
        status=error.status if error else 200,
        problem=await problem(request, error) if error else None,
        events=await audit.events(services, who, SHOWN),
        words=partial(_words, language_of(request, who)),
    )


def _words(language: str, act: str) -> str:
    """An act of a version that had other words is shown by its code."""
    key = f"audit.act.{act}"
    return i18n.translate(language, key) if i18n.has(language, key) else act
