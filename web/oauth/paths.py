"""Which addresses belong to signing in and consent, and what keeps caches away from all of their answers.

`CDN-Cache-Control` is RFC 9213; `Pragma` is for caches older than HTTP/1.1. Set at the edge, so that redirects, errors
and answers of routes that do not exist carry them too.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import MutableHeaders

from tools.record import Provider

PREFIXES: Final = (
    "/api/auth/", "/api/connectors/", "/connectors", "/login", "/signup", "/logout", "/settings", "/reset-password",
)  # fmt: skip
HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache", "CDN-Cache-Control": "no-store"}

SIGN_IN_CALLBACK: Final = "/api/auth/google/callback"
_PEOPLE: Final = re.compile(r"/api/auth/google/(start|callback)|/api/connectors/[^/]+/oauth/callback")


def callback_path(provider: Provider) -> str:
    return f"/api/connectors/{provider}/oauth/callback"


def is_oauth(path: str) -> bool:
    return path.startswith(PREFIXES)


def lands_people(path: str) -> bool:
    """Addresses under /api that browsers are sent to, where a person wants a page and not JSON."""
    return _PEOPLE.fullmatch(path) is not None


def never_kept(headers: MutableHeaders) -> None:
    """Put the headers on an answer. What it varies by already stays."""
    for name, value in HEADERS.items():
        headers[name] = value
    varies = [part.strip() for part in headers.get("vary", "").split(",") if part.strip()]
    if "cookie" not in {part.lower() for part in varies}:
        headers["Vary"] = ", ".join([*varies, "Cookie"])
