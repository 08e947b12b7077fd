"""What programs call: token, revoke, userinfo, the key set and the discovery document. Errors as Google writes them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tools.emulator.oauth import faults, scopes
from tools.emulator.oauth.authorize import PATH
from tools.emulator.oauth.keys import claims_of
from tools.emulator.oauth.registration import Client
from tools.emulator.oauth.state import Google
from tools.emulator.oauth.tokens import Code, Issued


class Refused(Exception):
    """RFC 6749 5.2."""

    def __init__(self, code: str, about: str, status: int = 400) -> None:
        super().__init__(code, about)
        self.code, self.about, self.status = code, about, status

    def answer(self) -> JSONResponse:
        return JSONResponse({"error": self.code, "error_description": self.about}, self.status)


async def token(request: Request) -> Response:
    google: Google = request.app.state.google
    form = await request.form()
    kind = str(form.get("grant_type", ""))
    if (failed := await faults.due(google.faults, "Token", kind)) is not None:
        return failed
    try:
        client = _client(google, request, form)
        issued = _issued(google, client, kind, form)
    except Refused as refused:
        return refused.answer()
    return JSONResponse(_reply(google, issued))


def _client(google: Google, request: Request, form: FormData) -> Client:
    """By Basic authentication or in the form, as RFC 6749 2.3.1 has it."""
    name, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
    kind, _, basic = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(basic, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_client", "The OAuth client was not found.", 401) from None
        name, secret = unquote(name), unquote(secret)
    if not name:
        raise Refused("invalid_request", "Could not determine client ID from request.")
    if (client := google.registration.client(name)) is None:
        raise Refused("invalid_client", "The OAuth client was not found.", 401)
    if not secret:
        raise Refused("invalid_request", "client_secret is missing.")
    if not google.registration.is_secret(client, secret):
        raise Refused("invalid_client", "Unauthorized", 401)
    return client


def _issued(google: Google, client: Client, kind: str, form: FormData) -> Issued:
    if kind == "authorization_code":
        return _exchanged(google, client, form)
    if kind == "refresh_token":
        issued = google.ledger.renew(_needed(form, "refresh_token"), client.id)
        if issued is None or issued.token.email not in google.users:
            raise Refused("invalid_grant", "Token has been expired or revoked.")
        return issued
    if not kind:
        raise Refused("invalid_request", "Required parameter is missing: grant_type")
    raise Refused("unsupported_grant_type", f"Invalid grant_type: {kind}")


def _exchanged(google: Google, client: Client, form: FormData) -> Issued:
    """A code is used up by any attempt of anybody, also by a wrong one."""
    code = google.ledger.take_code(_needed(form, "code"))
    if code is None or code.client_id != client.id:
        raise Refused("invalid_grant", "Malformed auth code.")
    if _needed(form, "redirect_uri") != code.redirect_uri:
        raise Refused("redirect_uri_mismatch", "Bad Request")
    _verify(code, str(form.get("code_verifier", "")))
    return google.ledger.issue(code)


def _verify(code: Code, verifier: str) -> None:
    """RFC 7636 4.6. A verifier without a challenge is a mistake too."""
    if not code.challenge and not verifier:
        return
    if not verifier:
        raise Refused("invalid_grant", "Missing code verifier.")
    made = verifier
    if code.method == "S256":
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise Refused("invalid_grant", "Invalid code verifier.")


def _needed(form: FormData, name: str) -> str:
    if not (value := str(form.get(name, ""))):
        raise Refused("invalid_request", f"Missing required parameter: {name}")
    return value


def _reply(google: Google, issued: Issued) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": scopes.joined(issued.token.scopes),
        "token_type": "Bearer",
    }
    if issued.refresh_token:
        reply["refresh_token"] = issued.refresh_token
    if scopes.OPENID in issued.token.scopes:
        reply["id_token"] = google.key.id_token(google.issuer, issued, google.users[issued.token.email])
    return reply


async def revoke(request: Request) -> Response:
    """RFC 7009, with Google's own answer to an unknown token; either kind of token ends the whole consent."""
    google: Google = request.app.state.google
    if (failed := await faults.due(google.faults, "Revoke", "")) is not None:
        return failed
    form = await request.form()
    text = str(form.get("token", "") or request.query_params.get("token", ""))
    if not text:
        return Refused("invalid_request", "Missing required parameter: token").answer()
    if not google.ledger.revoke(text):
        return Refused("invalid_token", "Token expired or revoked").answer()
    return JSONResponse({})


async def userinfo(request: Request) -> Response:
    google: Google = request.app.state.google
    if (failed := await faults.due(google.faults, "Userinfo", "")) is not None:
        return failed
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    found = google.ledger.access(text) if kind.lower() == "bearer" else None
    if found is None or google.ledger.is_expired(found) or found.email not in google.users:
        answer = Refused("invalid_request", "Invalid Credentials", 401).answer()
        answer.headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        return answer
    if scopes.OPENID not in found.scopes and scopes.EMAIL not in found.scopes:
        return Refused("insufficient_scope", "Request had insufficient authentication scopes.", 403).answer()
    return JSONResponse(claims_of(google.users[found.email], found.scopes))


async def certs(request: Request) -> Response:
    google: Google = request.app.state.google
    if (failed := await faults.due(google.faults, "Certs", "")) is not None:
        return failed
    return JSONResponse(google.key.public())


async def discovery(request: Request) -> Response:
    """OpenID Connect Discovery 3, with the members of Google's own document."""
    google: Google = request.app.state.google
    if (failed := await faults.due(google.faults, "Discovery", "")) is not None:
        return failed
    here = google.issuer
    return JSONResponse(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}{PATH}",
            "token_endpoint": f"{here}/token",
            "userinfo_endpoint": f"{here}/userinfo",
            "revocation_endpoint": f"{here}/revoke",
            "jwks_uri": f"{here}/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    )
