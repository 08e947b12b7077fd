"""The authorise endpoint: the page, what a person decides on it, and answers without a page (`prompt=none`)."""

from __future__ import annotations

import secrets

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tools.emulator.oauth import page, scopes
from tools.emulator.oauth.request import AuthRequest, BadRequest, read
from tools.emulator.oauth.state import Google
from tools.emulator.oauth.tokens import Code
from tools.emulator.users import GoogleUser

PATH = "/o/oauth2/v2/auth"
_SIGNED_IN = "demo_google_accounts"  # who this browser has signed in as, latest first
_SIGNED_IN_S = 30 * 24 * 3600


async def authorize(request: Request) -> Response:
    google: Google = request.app.state.google
    language = page.language_of(request)
    try:
        asked = read(request.query_params, google.registration)
    except BadRequest as error:
        return HTMLResponse(page.problem(error, language), error.status)
    if request.method == "POST":
        return _decided(google, asked, await request.form(), request)
    if "none" in asked.prompts:
        return _without_page(google, asked, request)
    return HTMLResponse(page.consent(asked, google, _proposed(google, asked, request), language))


def _proposed(google: Google, asked: AuthRequest, request: Request) -> str:
    """The account that is chosen when the page opens: the hinted one, else who was here last, else the first."""
    if hinted := google.user_hinted(asked.login_hint):
        return hinted.email
    if "select_account" not in asked.prompts and (here := _signed_in(google, request)):
        return here[0].email
    return next(iter(google.users))


def _signed_in(google: Google, request: Request) -> list[GoogleUser]:
    names = request.cookies.get(_SIGNED_IN, "").split("-")
    by_subject = {user.subject: user for user in google.users.values()}
    return [by_subject[name] for name in names if name in by_subject]


def _without_page(google: Google, asked: AuthRequest, request: Request) -> Response:
    """OpenID Connect Core 3.1.2.6: `login_required` when nobody is known, else `interaction_required`."""
    here = _signed_in(google, request)
    if asked.login_hint:
        hinted = google.user_hinted(asked.login_hint)
        here = [user for user in here if user is hinted]
    if not here:
        return _away(asked.back(error="login_required"))
    if not set(asked.scopes) <= google.ledger.consented(asked.client.id, here[0].email):
        return _away(asked.back(error="interaction_required"))
    return _away(_granted(google, asked, here[0], frozenset(asked.scopes)))


def _decided(google: Google, asked: AuthRequest, form: FormData, request: Request) -> Response:
    if form.get("decision") != "allow":
        return _away(asked.back(error="access_denied"))
    user = google.users.get(str(form.get("account", "")))
    if user is None:
        return HTMLResponse(page.consent(asked, google, "", page.language_of(request)), 400)
    ticked = {str(name) for name in form.getlist("scope")}
    allowed = frozenset(name for name in asked.scopes if name in ticked or name in scopes.IDENTITY)
    if not allowed:
        return _away(asked.back(error="access_denied"))
    answer = _away(_granted(google, asked, user, allowed))
    accounts = [user, *(other for other in _signed_in(google, request) if other is not user)]
    names = "-".join(account.subject for account in accounts)
    answer.set_cookie(_SIGNED_IN, names, max_age=_SIGNED_IN_S, path=PATH, httponly=True, samesite="lax")
    return answer


def _granted(google: Google, asked: AuthRequest, user: GoogleUser, allowed: frozenset[str]) -> str:
    """A refresh token comes with the first consent to something, or when consent was asked for again."""
    before = google.ledger.consented(asked.client.id, user.email)
    granted = allowed | before if asked.include_granted else allowed
    code = Code(
        client_id=asked.client.id,
        email=user.email,
        scopes=granted,
        redirect_uri=asked.redirect_uri,
        offline=asked.offline and ("consent" in asked.prompts or not allowed <= before),
        challenge=asked.challenge,
        method=asked.method,
        nonce=asked.nonce,
        family=secrets.token_hex(8),
        expires=0.0,
    )
    text = google.ledger.open_code(code)
    prompt = "consent" if "none" not in asked.prompts else "none"
    return asked.back(code=text, scope=scopes.joined(granted), authuser="0", prompt=prompt)


def _away(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)
