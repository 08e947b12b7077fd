"""The browser a flow began in, and the addresses of this server as that browser knows them."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from camarad.ids import new_secret
from camarad.settings import Settings
from web import cookies

BROWSER: Final = "camarad_browser"
KEPT_FOR: Final = 24 * 3600  # seconds; longer than any state, so that two tabs share one
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_of(request: Request) -> str:
    """The browser's secret, or a new one when it has none that we could have made."""
    kept = request.cookies.get(BROWSER, "")
    return kept if _SECRET.fullmatch(kept) else new_secret()


def remember_browser(request: Request, response: Response, secret: str) -> None:
    cookies.set_cookie(request, response, BROWSER, secret, KEPT_FOR)


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same_browser(request: Request, expected: str) -> bool:
    kept = request.cookies.get(BROWSER, "")
    return bool(kept) and secrets.compare_digest(fingerprint(kept), expected)


def origin_of(request: Request) -> str:
    """Scheme, host and port. Outside loopback always https: sign-in cookies are sent nowhere else, and behind a proxy
    that is not trusted the scheme seen here is the proxy's way to us, not the browser's."""
    host, port = (request.url.hostname or "").lower(), request.url.port
    scheme = request.url.scheme if cookies.is_loopback(host) else "https"
    name = f"[{host}]" if ":" in host else host
    default = 443 if scheme == "https" else 80
    return f"{scheme}://{name}" if port in (None, default) else f"{scheme}://{name}:{port}"


def redirect_uri(request: Request, path: str) -> str:
    return f"{origin_of(request)}{path}"


def is_own_address(settings: Settings, address: str) -> bool:
    """Whether an address is one of this server's hosts: in PUBLIC_HOSTS, the host it listens on, or loopback."""
    host = urlsplit(address).hostname
    own = {*(name.lower() for name in settings.public_hosts), settings.camarad_host}
    return cookies.is_loopback(host) or host in own
