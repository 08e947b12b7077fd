"""The workspace's own page: what was done in it that matters for security."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from web import audit, i18n
from web.access import CurrentServices, CurrentUser, router
from web.pages.render import language_of, page

routes = router("user", "pages")

SHOWN = 100


@routes.get("/settings/workspace", response_class=Response, summary="The workspace and its security log")
async def workspace_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    words = partial(_words, language_of(request, who))
    return page(request, "workspace.html", events=await audit.events(services, who, SHOWN), words=words)


def _words(language: str, act: str) -> str:
    """An act of a version that had other words is shown by its code."""
    key = f"audit.act.{act}"
    return i18n.translate(language, key) if i18n.has(language, key) else act
