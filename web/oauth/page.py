"""The page that says how a round trip to Google ended, with the one thing to do next."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from camarad.log import get_logger
from web.oauth.outcomes import NAMES, OUTCOMES, OAuthProblem, words
from web.pages.render import language_of, page

log = get_logger("oauth")


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
