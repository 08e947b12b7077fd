"""Somebody signed in proves at Google once more that they are who they are, for what a sign-in alone may not do: giving
an account that has none a password. The proof is sealed in a cookie of their browser, for ten minutes."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import cookies
from web.oauth import browser, identities
from web.oauth.exchanging import exchange, use_up, who_began
from web.oauth.outcomes import OAuthProblem
from web.oauth.returned import Returned
from web.oauth.state import GOOD_FOR, Flow, Proof, StateRefused
from web.services import Services
from web.sessions import SignedIn

PROOF: Final = "camarad_proof"
BACK: Final = "/settings?done=proven"


async def finish(request: Request, services: Services, flow: Flow, returned: Returned) -> Response:
    """The Google account has to be one that is linked to who began, and who is still signed in."""
    who = await who_began(request, flow)
    try:
        await use_up(services, flow, "")
    except OAuthProblem:
        if proved(request, services, who):  # the page was loaded again after it had worked
            return RedirectResponse(BACK, 303)
        raise
    granted = await exchange(services, flow, returned, "")
    if granted.subject not in {each.subject for each in await identities.linked(services, who.user_id)}:
        raise OAuthProblem("not_linked")
    return _proven(request, services, flow, who)


def _proven(request: Request, services: Services, flow: Flow, who: SignedIn) -> Response:
    proof = Proof(who.user_id, who.session_id, flow.browser, int(services.clock.now().timestamp()))
    response = RedirectResponse(BACK, 303)
    sealed = services.states.seal_proof(proof)
    cookies.set_cookie(request, response, PROOF, sealed, int(GOOD_FOR.total_seconds()))
    return response


def proved(request: Request, services: Services, who: SignedIn) -> bool:
    """Whether this very sign-in, in this very browser, was proven a moment ago."""
    try:
        proof = services.states.open_proof(request.cookies.get(PROOF, ""))
    except StateRefused:
        return False
    same = (proof.user, proof.session) == (who.user_id, who.session_id) and bool(who.session_id)
    return same and browser.is_same_browser(request, proof.browser)
