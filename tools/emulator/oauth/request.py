"""A request for consent, read and checked the way Google checks it. What is wrong with it is shown on a page.

Only a person's refusal and `prompt=none` travel back to the program; a bad request never leaves Google.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.datastructures import QueryParams

from tools.emulator.oauth import scopes
from tools.emulator.oauth.registration import Client, Registration

_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_PROMPTS = frozenset({"none", "consent", "select_account"})


class BadRequest(Exception):
    """`Error 400: invalid_request` and its like."""

    def __init__(self, code: str, about: str, status: int = 400) -> None:
        super().__init__(code, about)
        self.code, self.about, self.status = code, about, status


@dataclass(frozen=True, slots=True)
class AuthRequest:
    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    offline: bool
    prompts: frozenset[str]
    login_hint: str
    include_granted: bool
    challenge: str
    method: str

    def back(self, **answer: str) -> str:
        """The program's address with an answer; `state` as it came."""
        if self.state is not None:
            answer = {"state": self.state, **answer}
        parts = urlsplit(self.redirect_uri)
        query = "&".join(filter(None, [parts.query, urlencode(answer)]))
        return urlunsplit(parts._replace(query=query))


def read(query: QueryParams, registration: Registration) -> AuthRequest:
    """Raises BadRequest with Google's code."""
    for name in dict(query):
        if len(query.getlist(name)) > 1:
            raise BadRequest("invalid_request", f"OAuth 2 parameters can only have a single value: {name}")
    client = registration.client(_needed(query, "client_id"))
    if client is None:
        raise BadRequest("invalid_client", "The OAuth client was not found.", 401)
    redirect_uri = _needed(query, "redirect_uri")
    if not registration.allows(redirect_uri):
        raise BadRequest("redirect_uri_mismatch", f"The redirect URI is not registered: {redirect_uri}")
    if (kind := _needed(query, "response_type")) != "code":
        raise BadRequest("unsupported_response_type", f"Invalid response_type: {kind}")
    challenge, method = _challenge(query)
    return AuthRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=_scopes(query),
        state=query.get("state"),
        nonce=query.get("nonce"),
        offline=_one_of(query, "access_type", ("online", "offline")) == "offline",
        prompts=_prompts(query),
        login_hint=query.get("login_hint", "").strip().lower(),
        include_granted=_one_of(query, "include_granted_scopes", ("false", "true")) == "true",
        challenge=challenge,
        method=method,
    )


def _needed(query: QueryParams, name: str) -> str:
    if not (value := query.get(name, "")):
        raise BadRequest("invalid_request", f"Required parameter is missing: {name}")
    return value


def _one_of(query: QueryParams, name: str, allowed: tuple[str, ...]) -> str:
    """The parameter's value; the first allowed one when it is missing."""
    if (value := query.get(name, allowed[0])) not in allowed:
        raise BadRequest("invalid_request", f"Invalid parameter value for {name}: {value}")
    return value


def _scopes(query: QueryParams) -> tuple[str, ...]:
    wanted = scopes.parse(_needed(query, "scope"))
    if unknown := [name for name in wanted if name not in scopes.KNOWN]:
        raise BadRequest("invalid_scope", f"Some requested scopes were invalid: {', '.join(unknown)}")
    if not wanted:
        raise BadRequest("invalid_request", "Required parameter is missing: scope")
    return wanted


def _prompts(query: QueryParams) -> frozenset[str]:
    prompts = frozenset(query.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise BadRequest("invalid_request", f"Invalid parameter value for prompt: {query.get('prompt')}")
    return prompts


def _challenge(query: QueryParams) -> tuple[str, str]:
    """RFC 7636: a challenge without a method is `plain`."""
    challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "")
    if method and not challenge:
        raise BadRequest("invalid_request", "Required parameter is missing: code_challenge")
    if method not in ("", "plain", "S256"):
        raise BadRequest("invalid_request", f"Invalid code_challenge_method: {method}")
    if challenge and not _CHALLENGE.fullmatch(challenge):
        raise BadRequest("invalid_request", "Invalid parameter value for code_challenge.")
    return challenge, method or "plain"
