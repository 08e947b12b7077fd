"""An operator's way in with a browser, which cannot send X-Internal-Token: the token typed once into a form, and for
an hour afterwards a signed cookie that says so. The cookie opens pages for reading, and nothing else.

It is signed for this very token, so that another INTERNAL_TOKEN ends every one that was given out, and holds nothing
that could be told about the token.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from camarad.settings import Settings
from web import cookies
from web.services import Services

COOKIE: Final = "camarad_operator"
HOME: Final = "/operations"
AGE: Final = 3600  # seconds


def fits(settings: Settings, sent: str) -> bool:
    """Whether this is the INTERNAL_TOKEN, in the same time for every answer. Without one nothing fits."""
    expected = settings.internal_token
    known = expected.get_secret_value() if expected is not None else secrets.token_urlsafe()
    return secrets.compare_digest(_hash(sent), _hash(known)) and bool(expected is not None and known)


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"camarad operator\0" + token.encode(errors="surrogatepass")).hexdigest().encode()


def _purpose(settings: Settings) -> str | None:
    """What a cookie is signed for; None on a server without a token."""
    token = settings.internal_token
    return None if token is None else f"operator.{_hash(token.get_secret_value()).decode()}"


def give(request: Request, response: Response, services: Services) -> None:
    """To somebody whose token fits."""
    purpose = _purpose(services.settings)
    assert purpose is not None
    response.set_cookie(
        COOKIE,
        services.signer.sign(purpose, "in"),
        max_age=AGE,
        path=HOME,
        httponly=True,
        samesite="strict",
        secure=not cookies.is_loopback(request.url.hostname),
    )


def worn(request: Request, services: Services) -> bool:
    """Whether the request may read operators' pages by its cookie."""
    path = request.url.path
    if request.method not in ("GET", "HEAD") or not (path == HOME or path.startswith(f"{HOME}/")):
        return False
    return held(request, services)


def held(request: Request, services: Services) -> bool:
    """Whether the cookie is there and good, whatever is asked for."""
    purpose = _purpose(services.settings)
    return purpose is not None and services.signer.read(purpose, request.cookies.get(COOKIE, ""), AGE) == "in"


def take(request: Request, response: Response) -> None:
    secure = not cookies.is_loopback(request.url.hostname)
    response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict", secure=secure)
