"""The end of signing in with Google, and of adding a Google account to one's own."""

from __future__ import annotations

import unicodedata
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import Conflict, LimitReached
from camarad.ids import new_id
from tools.connectors.oauth import Granted
from web import accounts, cookies, invitations
from web.access import find_signed_in
from web.accounts import SignUp
from web.api.auth import address_of, enter
from web.oauth import identities
from web.oauth.exchanging import exchange, use_up, who_began
from web.oauth.identities import Person, Verdict
from web.oauth.outcomes import OAuthProblem
from web.oauth.returned import Returned
from web.oauth.state import GOOD_FOR, Flow, PendingLink
from web.pages.render import language_of
from web.services import Services

LINK: Final = "camarad_link"  # the cookie of a Google account that waits for its owner's word
ASK: Final = "/login/google"


async def finish(request: Request, services: Services, flow: Flow, returned: Returned) -> Response:
    if flow.purpose == "link":
        return await _add(request, services, flow, returned)
    try:
        await use_up(services, flow, "")
    except OAuthProblem:
        if await find_signed_in(request):  # the page was loaded again after it had worked
            return RedirectResponse(cookies.local_path(flow.next), 303)
        raise
    person = _person(await exchange(services, flow, returned, ""))
    verdict = await identities.judge(services, person)
    if verdict.answer == "new":
        verdict = await _new_account(request, services, person, flow.next)
    return await _act(request, services, flow, person, verdict)


async def _act(request: Request, services: Services, flow: Flow, person: Person, verdict: Verdict) -> Response:
    if verdict.answer in ("disabled", "other_google"):
        raise OAuthProblem(verdict.answer)
    if verdict.answer == "ask":
        return _ask(request, services, flow, person, verdict.user_id)
    if verdict.answer == "link":
        await _link(services, verdict.user_id, person)
    return await enter(request, services, verdict.user_id, flow.next)


async def _add(request: Request, services: Services, flow: Flow, returned: Returned) -> Response:
    who = await who_began(request, flow)
    try:
        await use_up(services, flow, "")
    except OAuthProblem:
        if await identities.linked(services, who.user_id):
            return RedirectResponse("/settings?done=linked", 303)
        raise
    await _link(services, who.user_id, _person(await exchange(services, flow, returned, "")))
    return RedirectResponse("/settings?done=linked", 303)


def _person(granted: Granted) -> Person:
    if not granted.email_verified or not granted.email:
        raise OAuthProblem("email_unverified")
    return Person(granted.subject, unicodedata.normalize("NFC", granted.email).strip().casefold())


async def _new_account(request: Request, services: Services, person: Person, target: str) -> Verdict:
    """An account without a password, in the workspace of an invitation they were on their way to, else in one of its
    own. Two tabs that make it at once end in the same one."""
    wanted = SignUp(
        person.email,
        None,
        person.email.partition("@")[0],
        language_of(request, None),
        verified=True,
        invitation=await invitations.usable(services, invitations.token_in(target), person.email),
    )
    try:
        user_id = await accounts.sign_up(services, wanted, address_of(request))
    except LimitReached as error:
        raise OAuthProblem("rate_limited", retry_after=error.retry_after) from error
    except Conflict:
        return await identities.judge(services, person)
    await _link(services, user_id, person)
    return Verdict("known", user_id)


async def _link(services: Services, user_id: str, person: Person) -> None:
    try:
        await identities.link(services, user_id, person)
    except Conflict as error:
        raise OAuthProblem("identity_taken") from error


def _ask(request: Request, services: Services, flow: Flow, person: Person, user_id: str) -> Response:
    now = int(services.clock.now().timestamp())
    pending = PendingLink(new_id(), user_id, person.subject, person.email, flow.browser, flow.next, now)
    response = RedirectResponse(ASK, 303)
    sealed = services.states.seal_link(pending)
    cookies.set_cookie(request, response, LINK, sealed, int(GOOD_FOR.total_seconds()))
    return response
