"""The outermost layer, plain ASGI: which hosts are answered, how much may be sent, the request id, the headers every
answer carries, and one log line a request. Nothing gets past it as a traceback."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from camarad.errors import BadInput, CamaradError, Forbidden, NotFound
from camarad.ids import new_id
from camarad.log import get_logger
from camarad.settings import Settings
from web.cookies import is_loopback
from web.failures import body_at, headers_at
from web.metrics import Metrics
from web.oauth.paths import is_oauth, never_kept

log = get_logger(__name__)

BODY_LIMIT = 1_000_000
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
ORIGIN = re.compile(r"https?://[^/?#@]+", re.IGNORECASE)
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = ("/healthz", "/readyz", "/metrics", "/static/")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class HostRefused(BadInput):
    code = "host_not_allowed"
    status = 421
    default_hint = "An operator names the host in PUBLIC_HOSTS; on this machine use http://127.0.0.1."


@dataclass
class Exchange:
    """What is known of one answer while it is being sent."""

    request_id: str
    started: float
    status: int = 0
    finished: bool = False
    secure: bool = False
    never_kept: bool = False  # an address of sign-in or consent


class Edge:
    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self.hosts = frozenset({*(h.lower() for h in settings.public_hosts), settings.camarad_host})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket" and self._refusal(scope, Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        exchange = Exchange(
            _request_id(headers),
            time.perf_counter(),
            secure=not is_loopback(_host_name(headers)),
            never_kept=is_oauth(scope["path"]),
        )
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        sender = _sender(send, exchange)
        try:
            if refusal := self._refusal(scope, headers):
                await _send_error(sender, scope, refusal, exchange)
            else:
                await self.app(scope, _limited(receive), sender)
        except Exception:
            log.exception("crashed", path=scope["path"])
            if exchange.status == 0:
                await _send_error(sender, scope, CamaradError("Something went wrong on our side."), exchange)
            elif not exchange.finished:
                raise  # the server drops the connection, so that nobody takes half an answer for a whole one
        finally:
            self._record(scope, exchange)

    def _refusal(self, scope: Scope, headers: Headers) -> CamaradError | None:
        host = _host_name(headers)
        if not is_loopback(host) and host not in self.hosts:
            return HostRefused("This server does not answer to that host name.")
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            return NotFound("There is nothing at this address.")
        method, origin = scope.get("method", "GET"), headers.get("origin")
        if (method not in SAFE or scope["type"] == "websocket") and origin is not None and not _same(origin, headers):
            return Forbidden(
                "The request came from a page of another site.", code="cross_origin", hint="Use our pages."
            )
        if int(headers.get("content-length", "0") or 0) > BODY_LIMIT:
            return _too_large()
        return None

    def _record(self, scope: Scope, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        route = getattr(scope.get("route"), "path", None) or "(other)"
        self.metrics.answered(scope["method"], route, exchange.status, seconds)
        write = log.debug if scope["path"].startswith(QUIET) else log.info
        write(
            "answered", method=scope["method"], path=scope["path"], status=exchange.status, ms=round(seconds * 1000, 1)
        )


def _too_large() -> CamaradError:
    from web.failures import BodyTooLarge

    return BodyTooLarge(f"The request is larger than {BODY_LIMIT:,} bytes.")


def _host_name(headers: Headers) -> str | None:
    """None for what is no host with or without a port. Addresses are built from it: `localhost/x?` would put a path in
    front of the one that was asked for."""
    found = HOST.fullmatch(headers.get("host", ""))
    return found[1].strip("[]").lower() if found and int(found[2] or 0) < 65_536 else None


def _same(origin: str, headers: Headers) -> bool:
    return bool(ORIGIN.fullmatch(origin)) and origin.split("://", 1)[1].lower() == headers.get("host", "").lower()


def _request_id(headers: Headers) -> str:
    """The caller's own id where it is usable, so that the meter and the logs can be asked for it."""
    for name in ("idempotency-key", "x-request-id"):
        if REQUEST_ID.fullmatch(headers.get(name, "")):
            return headers[name]
    return new_id()


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return limited


def _sender(send: Send, exchange: Exchange) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = exchange.request_id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if exchange.never_kept:
                never_kept(headers)
            if exchange.secure:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        await send(message)
        exchange.finished = message["type"] == "http.response.body" and not message.get("more_body", False)

    return with_headers


async def _send_error(send: Send, scope: Scope, error: CamaradError, exchange: Exchange) -> None:
    body = json.dumps(body_at(scope["path"], error, exchange.request_id)).encode()
    named = {"content-type": "application/json", "content-length": str(len(body)), **headers_at(scope["path"], error)}
    headers = [(name.lower().encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
