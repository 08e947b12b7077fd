"""What the gate answers itself: the page and its files, our words, avatars, signing out, and the way in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from camarad.errors import BadInput, CamaradError, NotFound, NotSignedIn
from web import audit, cookies
from web.access import active_client, remember_client
from web.chat import identity, ratings
from web.chat.assets import IMMUTABLE, REVALIDATED, Shelf
from web.chat.boot import CONFIGURATION
from web.chat.page import boot_facts, page
from web.chat.rechecks import Rechecks
from web.chat.routes import SOCKET, is_page
from web.chat.visit import Language, Visit
from web.failures import error_body
from web.services import Services
from web.sessions import SignedIn, revoke_session

PUBLIC = Path(__file__).parent / "public"
AVATARS = Path(__file__).parents[1] / "static" / "avatars"
ASSETS_AT = "/chat/assets/"
PUBLIC_AT = "/chat/public/"
FALLBACK_AVATAR = "camarad.svg"
SIGN_IN: dict[str, Any] = {  # as Chainlit's page reads it: our sign-in alone, and the reader's own light or dark
    "requireLogin": True,
    "passwordAuth": False,
    "headerAuth": False,
    "oauthProviders": [],
    "default_theme": "system",
    "ui": {},
}


class OwnAnswers:
    def __init__(self, services: Services, build_dir: str, rechecks: Rechecks) -> None:
        kept = services.settings.camarad_data_dir / "chainlit" / "assets"
        self._services = services
        self._rechecks = rechecks
        self._build = Path(build_dir)
        self._bundle = Shelf(self._build / "assets", IMMUTABLE, kept)
        self._public = Shelf(PUBLIC, REVALIDATED)
        self._avatars = Shelf(AVATARS, REVALIDATED)

    # outside of a client's prefix

    async def outside(self, request: Request) -> Response | None:
        path = request.url.path
        if request.method not in ("GET", "HEAD"):
            return None
        if path.startswith(ASSETS_AT):
            return _file(self._bundle, path.removeprefix(ASSETS_AT), request)
        if path.startswith(PUBLIC_AT):
            return _file(self._public, path.removeprefix(PUBLIC_AT), request)
        return await self._way_in(request) if path == "/chat" else None

    async def _way_in(self, request: Request) -> Response:
        """`/chat`: to the active client's chat. A visitor signs in first, or sees the demo."""
        who = await identity.signed_in(self._services, request)
        if who is None:
            demo = request.query_params.get("demo") == "1"
            return RedirectResponse("/chat-demo" if demo else "/login?next=/chat", 303)
        clients = [client.id for client in await identity.clients_of(self._services, who)]
        if not clients:
            return RedirectResponse("/app", 303)
        chosen = active_client(request, who)
        return RedirectResponse(f"/c/{quote(chosen if chosen in clients else clients[0])}/chat/", 303)

    # below a client's prefix

    async def inside(
        self, connection: HTTPConnection, who: SignedIn, visit: Visit, method: str, rest: str
    ) -> Response | None:
        if method == SOCKET:
            return None
        if (method, rest) == ("POST", "/set-session-cookie"):
            return JSONResponse(
                {"message": "Session cookie set"}
            )  # Chainlit would set one; there is nothing to remember
        if (method, rest) == ("POST", "/logout"):
            return await self._sign_out(connection, who)
        if rest == "/feedback" and isinstance(connection, Request):
            return await self._feedback(connection, visit)
        return await self._read(connection, who, visit, rest) if method in ("GET", "HEAD") else None

    async def _read(self, connection: HTTPConnection, who: SignedIn, visit: Visit, rest: str) -> Response | None:
        if rest in ("", "/login"):
            return RedirectResponse(visit.prefix + "/", 307)
        if is_page(rest):
            return await self._page(connection, who, visit)
        if rest == "/auth/config":
            return JSONResponse(SIGN_IN)
        if rest == "/project/translations":
            return JSONResponse({"translation": translation(visit.language)})
        if rest in ("/logo", "/favicon"):
            return _file(self._avatars, FALLBACK_AVATAR, connection)
        if rest.startswith("/public/"):
            return _file(self._public, rest.removeprefix("/public/"), connection)
        if rest.startswith("/avatars/"):
            name = f"{rest.removeprefix('/avatars/')}.svg"
            return _file(self._avatars, name if name in self._avatars else FALLBACK_AVATAR, connection)
        return None

    async def _feedback(self, request: Request, visit: Visit) -> Response:
        """Given and taken back here: Chainlit's own route asks nobody whose answer it is, and refuses with a 500."""
        sent = await _json(request)
        if request.method == "DELETE":
            await ratings.remove(visit.services.database, visit.scope, str(sent.get("feedbackId")))
            return JSONResponse({"success": True})
        given = sent.get("feedback")
        if request.method != "PUT" or not isinstance(given, dict):
            raise NotFound("There is nothing at this address.")
        kept = await ratings.keep(visit.services.database, visit.scope, visit.services.clock, given)
        return JSONResponse({"success": True, "feedbackId": kept})

    async def _page(self, connection: HTTPConnection, who: SignedIn, visit: Visit) -> Response:
        clients = await identity.clients_of(self._services, who)
        answer = page(self._build, visit, boot_facts(visit, clients), self._public.version)
        remember_client(Request(connection.scope), answer, who.user_id, visit.scope.client_id)
        return answer

    async def _sign_out(self, connection: HTTPConnection, who: SignedIn) -> Response:
        await revoke_session(self._services.database, self._services.clock, who.user_id, who.session_id)
        connection.state.signed_in = who
        await audit.record_route(Request(connection.scope), self._services, "signed_out")
        await self._rechecks.look()
        answer = JSONResponse({"success": True})
        cookies.drop_cookie(connection, answer, cookies.SESSION)
        return answer


async def _json(request: Request) -> dict[str, Any]:
    try:
        sent = await request.json()
    except (ValueError, RecursionError):  # nested deeper than Python reads
        sent = None
    if not isinstance(sent, dict):
        raise BadInput("The body is not a JSON object.")
    return sent


def _file(shelf: Shelf, name: str, connection: HTTPConnection) -> Response:
    asset = shelf.get(name)
    if asset is None:
        raise NotFound("There is nothing at this address.")
    return asset.response(connection.headers.get("accept-encoding", ""), connection.headers.get("if-none-match"))


@cache
def translation(language: Language) -> dict[str, Any]:
    """The words of Chainlit's own interface."""
    name = "ro.json" if language == "ro" else "en-US.json"
    words: dict[str, Any] = json.loads((CONFIGURATION / "translations" / name).read_text("utf-8"))
    return words


def refuse(connection: HTTPConnection, method: str, error: CamaradError) -> ASGIApp:
    """A socket is closed; a page leads to signing in; everything else gets the error as the API gives it."""
    if method == SOCKET:
        return _close_socket
    navigates = method in ("GET", "HEAD") and "text/html" in connection.headers.get("accept", "")
    if navigates and isinstance(error, NotSignedIn):
        return RedirectResponse("/login?next=" + cookies.safe_next(connection.url.path), 303)
    request_id = getattr(connection.state, "request_id", "")
    return JSONResponse(error_body(error, request_id), error.status, headers={"cache-control": "no-store"})


async def _close_socket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4403})
