"""Leaving for Google, and the page that says how the trip ended, with the one thing to do next."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.log import get_logger
from web.oauth import browser
from web.oauth.outcomes import NAMES, OUTCOMES, OAuthProblem, words
from web.oauth.start import Begun
from web.pages.render import language_of, page

log = get_logger("oauth")


async def to_google(request: Request, beginning: Awaitable[Begun]) -> Response:
    """Off to Google's page, with what the browser has to keep meanwhile; or why not."""
    try:
        begun = await beginning
    except OAuthProblem as none:
        return outcome_page(request, none)
    response = RedirectResponse(begun.url, 303)
    browser.remember_browser(request, response, begun.browser)
    return response


def outcome_page(request: Request, problem: OAuthProblem) -> Response:
    """Not a word of what came with the request is repeated."""
    log.info("refused", code=problem.code, status=problem.status)
    language = language_of(request, getattr(request.state, "signed_in", None))
    message, hint = words(language, problem.outcome, problem.about)
    connecting = problem.about in NAMES or request.url.path.startswith(("/api/connectors/", "/connectors"))
    signed_out = problem.outcome in ("signed_out",)
    response = page(
        request,
        "outcome.html",
        status=problem.status,
        message=message,
        hint=hint,
        mood=OUTCOMES[problem.outcome].mood,
        retry=OUTCOMES[problem.outcome].retry,
        back="/login?next=/connectors" if signed_out and connecting else "/connectors" if connecting else "/login",
        connecting=connecting,
        here="/connectors" if connecting else "/login",
        request_id=str(request.scope.get("state", {}).get("request_id", "")),
    )
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response
