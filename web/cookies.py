"""The cookies: their names, who may send them back, and the one safe way to follow a `next` address."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "camarad_session"
CLIENT = "camarad_client"
LANGUAGE = "camarad_language"
FORM = "camarad_form"
YEAR = 365 * 86_400
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str | None) -> bool:
    return host in LOOPBACK or (host or "").endswith(".localhost")


def set_cookie(
    request: HTTPConnection,
    response: Response,
    name: str,
    value: str,
    max_age: int,
    *,
    samesite: Literal["lax", "strict"] = "lax",
) -> None:
    """HttpOnly always, Secure everywhere but on loopback, where browsers are served over plain HTTP."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite=samesite,
        secure=not is_loopback(request.url.hostname),
    )


def drop_cookie(request: HTTPConnection, response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=not is_loopback(request.url.hostname))


def safe_next(address: str | None, default: str = "/app") -> str:
    """A path of this server, quoted for a query string; anything that could lead to another host becomes `default`."""
    return quote(local_path(address, default), safe="/?=&-._~")


def local_path(address: str | None, default: str = "/app") -> str:
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    if any(ord(c) < 33 or c == "\\" for c in address) or urlsplit(address).netloc:
        return default
    return address
