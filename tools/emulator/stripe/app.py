"""The routes, and what every answer carries."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.emulator.stripe.api import Api
from tools.emulator.stripe.control import Control
from tools.emulator.stripe.pages.bank import BankPage
from tools.emulator.stripe.pages.checkout import CheckoutPage
from tools.emulator.stripe.pages.desk import Desk
from tools.emulator.stripe.pages.invoice import InvoicePage
from tools.emulator.stripe.pages.portal import PortalPage

_MOST_BYTES = 256 << 10
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def build(api: Api) -> ASGIApp:
    control = Control(api)
    desk = Desk(api.world, api.courier)
    routes = [
        *CheckoutPage(desk).routes,
        *BankPage(desk).routes,
        *InvoicePage(desk).routes,
        *PortalPage(desk).routes,
        Route("/_emulator/{name}", control.serve, methods=["POST"]),
        Route("/v1/{rest:path}", api.serve, methods=["GET", "POST", "DELETE"]),
    ]
    return _Edge(Starlette(routes=routes))


class _Edge:
    """Nothing is cached. A name that is not loopback's is refused: a page elsewhere could make one that leads here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-store"
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        refusal = _refusal(scope)
        await (refusal or self._app)(scope, receive, with_headers)


def _refusal(scope: Scope) -> ASGIApp | None:
    if scope["type"] != "http":
        return None
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    if host.rpartition(":")[0] not in _LOOPBACK and host not in _LOOPBACK:
        return PlainTextResponse("This emulator answers on loopback only.", 421)
    length = headers.get(b"content-length", b"0")
    if b"transfer-encoding" in headers or not length.isdigit() or int(length) > _MOST_BYTES:
        return PlainTextResponse("Too large.", 413)
    return None
