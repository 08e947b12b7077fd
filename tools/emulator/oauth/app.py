"""The routes, and what every answer carries."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.emulator.control import Control, NoSuchCall
from tools.emulator.oauth import endpoints, page
from tools.emulator.oauth.authorize import PATH, authorize
from tools.emulator.oauth.state import Google

_MOST_BYTES = 64 << 10


def build(google: Google, control: Control) -> ASGIApp:
    app = Starlette(
        routes=[
            Route(PATH, authorize, methods=["GET", "POST"]),
            Route("/token", endpoints.token, methods=["POST"]),
            Route("/revoke", endpoints.revoke, methods=["POST"]),
            Route("/userinfo", endpoints.userinfo, methods=["GET", "POST"]),
            Route("/certs", endpoints.certs),
            Route("/.well-known/openid-configuration", endpoints.discovery),
            Route("/control/{name}", _control, methods=["POST"]),
        ]
    )
    app.state.google, app.state.control = google, control
    return _Headers(app)


async def _control(request: Request) -> Response:
    """The control channel for scripts. Only JSON is taken: a page of another site cannot send that."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return JSONResponse({"error": "send application/json"}, 415)
    control: Control = request.app.state.control
    try:
        return JSONResponse(control.answer(request.path_params["name"], await request.json()))
    except (NoSuchCall, ValueError) as error:
        return JSONResponse({"error": str(error)}, 400)


class _Headers:
    """Nothing is cached; pages run no script, load nothing and stand in no frame; large bodies are refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-store"
                headers["pragma"] = "no-cache"
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
                headers["content-security-policy"] = page.CSP
            await send(message)

        if scope["type"] == "http" and _length(scope) > _MOST_BYTES:
            await JSONResponse({"error": "invalid_request"}, 413)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _length(scope: Scope) -> int:
    """Bytes of the body as announced; a body of unknown length counts as too large."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return _MOST_BYTES + 1
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else _MOST_BYTES + 1
