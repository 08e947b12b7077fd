"""The gateway: another way to Google's data, for connections that say so. It speaks the same gRPC, byte for byte.

It is paid no patience: it has half of a call's time, and after two failures in a row it is left alone for a while, so
that the next call goes the client's own way at once. What failed is one of these kinds, each an error and a reason:

gateway_off             switched off on this server
gateway_not_configured  switched on without an address
gateway_unreachable     nobody there
gateway_timeout         no answer in time
gateway_failed          it answers that it cannot: UNAVAILABLE, INTERNAL, 502, 503, 504
gateway_bad_answer      something else than Google's API answers, or bytes that are none of its messages
gateway_refused         it does not accept this server's token

Quota, permission and a wrong request are Google's own answers and stay what they are.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from camarad.errors import Misconfigured
from camarad.settings import Settings
from tools.connectors import classify
from tools.connectors.breaker import Breaker
from tools.connectors.calls import Calls
from tools.connectors.channels import Endpoint
from tools.connectors.errors import MEND, NAMES, ConnectorError
from tools.connectors.routes import Route
from tools.record import Provider

FAILURES = 2
SHARE = 0.5  # of a call's time, so that the other way still has as much

SAID = {
    "gateway_off": "is switched off",
    "gateway_not_configured": "has no address on this server",
    "gateway_unreachable": "cannot be reached",
    "gateway_timeout": "did not answer in time",
    "gateway_failed": "answers that it cannot serve now",
    "gateway_bad_answer": "answers what cannot be read",
    "gateway_refused": "does not accept this server",
}
PASSING = ("gateway_unreachable", "gateway_failed")  # worth one more try at once
_PROXY_SAID = "Received http2 header with status"  # gRPC's words when a proxy answers in the server's place


def failure(provider: Provider, kind: str) -> ConnectorError:
    off = kind in ("gateway_off", "gateway_not_configured")
    return ConnectorError(
        provider,
        kind,
        f"{NAMES[provider]} is read through the gateway for this client, and the gateway {SAID[kind]}.",
        f"Nothing was put in its place; the client's own Google account can be connected at {MEND}.",
        repeat=kind in PASSING,
        retry_after=None if off else 30.0,
        down=not off,
    )


def warning(reason: str) -> str:
    """One sentence for an answer that was read the other way."""
    return f"The gateway {SAID[reason]}; these figures were read with this client's own Google connection."


class Gateway:
    """One for a process. Raises Misconfigured for an address that cannot be used."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._endpoint = _endpoint(settings.gateway_url) if settings.gateway_url else None
        self._breaker = Breaker(failures=FAILURES, clock=clock)
        self._last = "gateway_unreachable"
        self._calls: dict[Provider, Calls] = {}

    @property
    def reason(self) -> str | None:
        """Why it cannot be used now; None when it can, or when it is time to try it again."""
        if not self._settings.gateway_enabled:
            return "gateway_off"
        if self._endpoint is None:
            return "gateway_not_configured"
        return self._last if self._breaker.paused else None

    def route(self, client_id: str) -> Route:
        """The client travels with each call, so that the gateway knows whose access to use."""
        assert self._endpoint is not None
        token = self._settings.gateway_token
        tokens = GatewayToken(token.get_secret_value() if token else "")
        metadata = (("x-camarad-client", client_id),)
        return Route("gateway", self._endpoint, tokens, self._endpoint, metadata=metadata)

    def calls(self, provider: Provider) -> Calls:
        if provider not in self._calls:
            seconds = self._settings.connector_timeout * SHARE
            retries = min(1, self._settings.connector_retries)
            self._calls[provider] = Calls(
                provider, seconds, retries, self._breaker, classify=self._classify, paused=self._paused
            )
        return self._calls[provider]

    def _classify(self, provider: Provider, error: BaseException) -> ConnectorError:
        kind = _kind(provider, error)
        if kind is None:
            return classify.classify(provider, error)
        self._last = kind
        return failure(provider, kind)

    def _paused(self, provider: Provider, _: float) -> ConnectorError:
        found = failure(provider, self._last)
        found.repeat = found.down = False
        return found


@dataclass(frozen=True, slots=True, repr=False)
class GatewayToken:
    """Refused once, it is refused for good."""

    token: str

    async def get(self) -> str:
        return self.token

    async def renew(self, refused: str) -> str | None:
        return None


def _kind(provider: Provider, error: BaseException) -> str | None:
    """Which trouble of the gateway it is; None for an answer of Google's own."""
    from google.api_core import exceptions as raised

    if isinstance(error, ConnectorError):
        return "gateway_bad_answer" if error.kind == "bad_answer" else None
    if provider == "google-ads" and (ads := classify.ads_failure(error)) is not None:
        return "gateway_failed" if ads.code in classify.TRANSIENT else None
    message = str(getattr(error, "message", "") or error)
    if isinstance(error, asyncio.TimeoutError | raised.DeadlineExceeded):
        return "gateway_timeout"
    if isinstance(error, raised.Unauthenticated):
        return "gateway_refused"
    if isinstance(error, raised.ServiceUnavailable):
        return _unavailable(message)
    if isinstance(error, raised.InternalServerError):
        return "gateway_bad_answer" if "deserializ" in message else "gateway_failed"
    if isinstance(error, raised.BadGateway | raised.GatewayTimeout | raised.Aborted):
        return "gateway_failed"
    googles = (raised.PermissionDenied, raised.ResourceExhausted, raised.InvalidArgument, raised.FailedPrecondition)
    if isinstance(error, (*googles, raised.NotFound, raised.OutOfRange)) and _PROXY_SAID not in message:
        return None
    return "gateway_bad_answer"


def _unavailable(message: str) -> str:
    if _PROXY_SAID in message:
        return "gateway_failed"
    if "http1" in message or "HTTP/1" in message:
        return "gateway_bad_answer"
    words = ("connect", "refused", "resolution", "resolve", "socket closed", "unreachable")
    return "gateway_unreachable" if any(word in message.casefold() for word in words) else "gateway_failed"


def _endpoint(url: str) -> Endpoint:
    """`grpcs://host:port` or a bare `host:port` is encrypted; `grpc://` is plain and for loopback only."""
    parts = urlsplit(url if "://" in url else f"grpcs://{url}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("grpc", "grpcs") or not host or not port or parts.path not in ("", "/"):
        raise Misconfigured(
            "GATEWAY_URL cannot be used: it is not grpcs://host:port.", hint="For example grpcs://gateway.example:443."
        )
    if parts.scheme == "grpc" and not _is_loopback(host):
        raise Misconfigured(
            "GATEWAY_URL cannot be used: without encryption only on loopback.",
            hint="Use grpcs://, or grpc://127.0.0.1.",
        )
    return Endpoint(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", secure=parts.scheme == "grpcs")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
