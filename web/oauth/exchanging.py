"""From who came back, and with what, to what Google granted, with its refusals as outcomes of ours."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from camarad.errors import Misconfigured, Upstream
from camarad.log import get_logger
from tools.connectors.oauth import Granted
from web.access import find_person
from web.oauth.outcomes import OAuthProblem
from web.oauth.returned import Returned
from web.oauth.start import google_of
from web.oauth.state import Flow
from web.oauth.tickets import take
from web.services import Services
from web.sessions import SignedIn

BUSY: Final = frozenset({"server_error", "temporarily_unavailable"})  # RFC 6749, section 4.1.2.1

log = get_logger("oauth")


async def who_began(request: Request, flow: Flow, about: str = "") -> SignedIn:
    """Whoever is signed in, when a flow began for them. Raises OAuthProblem `signed_out` or `other_user`."""
    who = await find_person(request)
    if who is None:
        raise OAuthProblem("signed_out", about)
    if who.user_id != flow.user:
        raise OAuthProblem("other_user", about)
    return who


async def use_up(services: Services, flow: Flow, about: str) -> None:
    """From here on the state is spent, whatever becomes of it. Raises OAuthProblem `used` when it was before."""
    if not await take(services.database, services.clock, flow):
        raise OAuthProblem("used", about)


async def exchange(services: Services, flow: Flow, returned: Returned, about: str) -> Granted:
    """Raises OAuthProblem for a person's no, for Google's, and for a Google that does not answer."""
    if returned.error:
        log.info("consent_not_given", purpose=flow.purpose, error=returned.error)
        raise OAuthProblem(_refusal(returned.error), about)
    try:
        return await google_of(services).exchange(returned.code, flow.verifier, flow.redirect_uri, flow.nonce)
    except Misconfigured as error:
        log.error("exchange_impossible", purpose=flow.purpose, code=error.code)
        raise OAuthProblem("not_configured", about) from error
    except Upstream as error:
        log.warning("exchange_failed", purpose=flow.purpose, code=error.code)
        down = error.status in (503, 504)
        raise OAuthProblem("provider_down" if down else "code_refused", about, retry_after=error.retry_after) from error


def _refusal(error: str) -> str:
    if error == "access_denied":
        return "denied"
    return "provider_down" if error in BUSY else "refused"
