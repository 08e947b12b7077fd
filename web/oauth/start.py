"""Beginning a round trip: what will have to be true at its end is sealed into the state, and nothing is kept here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from camarad.ids import new_id, new_secret
from camarad.scope import Scope
from tools.connectors.oauth import SCOPES, Google
from tools.record import Provider
from web.oauth import browser
from web.oauth.outcomes import OAuthProblem
from web.oauth.paths import SIGN_IN_CALLBACK, callback_path
from web.oauth.state import Flow, Purpose
from web.services import Services

SIGN_IN_SCOPES: Final = ("openid", "email", "profile")
CONNECT: Final[dict[Provider, Purpose]] = {"ga4": "connect:ga4", "google-ads": "connect:google-ads"}


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the secret it has to keep meanwhile."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class _Wish:
    purpose: Purpose
    path: str
    scopes: tuple[str, ...]
    user: str = ""
    workspace: str = ""
    client: str = ""
    next: str = ""
    hint: str = ""


def google_of(services: Services) -> Google:
    """Raises OAuthProblem `not_configured` on a server without any Google to ask."""
    google = services.connectors.google
    if not google.configured:
        raise OAuthProblem("not_configured")
    return google


async def begin_connecting(
    request: Request, services: Services, scope: Scope, provider: Provider, hint: str = ""
) -> Begun:
    """`hint` is the e-mail that Google may propose. Raises PlanLimit before a consent is given for nothing."""
    await services.connectors.check_room(scope, provider)
    wish = _Wish(
        CONNECT[provider],
        callback_path(provider),
        (SCOPES[provider],),
        scope.user_id,
        scope.workspace_id,
        scope.client_id,
        hint=hint,
    )
    return await _begin(request, services, wish)


async def begin_sign_in(request: Request, services: Services, next_path: str) -> Begun:
    return await _begin(request, services, _Wish("signin", SIGN_IN_CALLBACK, SIGN_IN_SCOPES, next=next_path))


async def begin_linking(request: Request, services: Services, user_id: str, email: str) -> Begun:
    """For somebody signed in who wants to sign in with Google from now on."""
    wish = _Wish("link", SIGN_IN_CALLBACK, SIGN_IN_SCOPES, user=user_id, next="/settings", hint=email)
    return await _begin(request, services, wish)


async def begin_proving(request: Request, services: Services, user_id: str, email: str) -> Begun:
    """For somebody signed in who has to show again who they are, with a Google account that is linked already."""
    wish = _Wish("prove", SIGN_IN_CALLBACK, SIGN_IN_SCOPES, user=user_id, next="/settings", hint=email)
    return await _begin(request, services, wish)


async def _begin(request: Request, services: Services, wish: _Wish) -> Begun:
    google, secret = google_of(services), browser.browser_of(request)
    flow = Flow(
        id=new_id(),
        purpose=wish.purpose,
        user=wish.user,
        workspace=wish.workspace,
        client=wish.client,
        browser=browser.fingerprint(secret),
        redirect_uri=browser.redirect_uri(request, wish.path),
        verifier=new_secret() + new_secret(),
        nonce=new_secret(),
        next=wish.next,
        at=int(services.clock.now().timestamp()),
    )
    url = google.authorize_url(
        state=services.states.seal(flow),
        verifier=flow.verifier,
        scopes=wish.scopes,
        redirect_uri=flow.redirect_uri,
        nonce=flow.nonce,
        login_hint=wish.hint or None,
    )
    return Begun(url, secret)
