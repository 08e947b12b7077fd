"""The gate in front of Chainlit: pure ASGI, so that sockets pass through it like requests.

A client's chat lives under `/c/<client id>/chat/`. Every request there is looked up anew: the sign-in by its
cookie, the client by the sign-in's workspace. Chainlit gets neither our cookies nor a token of the browser's making
but an identity minted for this one request. Only the routes the page needs exist; everything else is answered 404.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from camarad.errors import CamaradError, Forbidden, NotFound, NotSignedIn
from camarad.log import bind_scope
from web.chat import identity, sockets
from web.chat.boot import load_chainlit
from web.chat.handover import hand_over
from web.chat.openings import OpenSockets
from web.chat.own import OwnAnswers, refuse
from web.chat.rechecks import Rechecks
from web.chat.routes import SOCKET, allowed
from web.chat.visit import Visit
from web.services import Services
from web.sessions import SignedIn

UNDER = re.compile(r"/c/(?P<client>[^/]{1,128})/chat(?P<rest>/.*)?")
SAFE = frozenset({"GET", "HEAD"})
RECHECK_EVERY = 20.0  # seconds; what ends a visit in this process is noticed at once


def mount_chat(app: FastAPI, services: Services) -> ASGIApp:
    """The application with the chat in front of it."""
    return ChatGate(app, services)


class ChatGate:
    def __init__(self, app: FastAPI, services: Services) -> None:
        self._app = app
        self._services = services
        self._chainlit = load_chainlit(services.settings.camarad_data_dir)
        self._rechecks = Rechecks(sockets.recheck)
        self._own = OwnAnswers(services, self._chainlit.build_dir, self._rechecks)
        self._sockets = OpenSockets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif under := UNDER.fullmatch(scope["path"]):
            await self._enter(scope, receive, send, under["client"], under["rest"] or "")
        elif scope["type"] == "http" and (answer := await self._outside(scope)):
            await answer(scope, receive, send)
        else:
            await self._rechecks.after(self._app, scope, receive, send)

    async def _outside(self, scope: Scope) -> ASGIApp | None:
        request = Request({**scope, "app": self._app})
        try:
            return await self._own.outside(request)
        except CamaradError as error:
            return refuse(request, request.method, error)

    async def _enter(self, scope: Scope, receive: Receive, send: Send, client_id: str, rest: str) -> None:
        inside = {**scope, "app": self._app}
        socket = scope["type"] == "websocket"
        connection = HTTPConnection(inside) if socket else Request(inside, receive)
        method = SOCKET if socket else scope["method"]
        try:
            _check_origin(connection, method)
            self._services.throttle.address(connection.client.host if connection.client else "")
            who, visit = await self._identify(connection, client_id)
            self._services.throttle.person(who)
            answer = await self._own.inside(connection, who, visit, method, rest)
            if answer is not None:
                await answer(scope, receive, send)
            elif socket and allowed(method, rest):
                with self._sockets.one_more(who.user_id):
                    await hand_over(self._chainlit.app, scope, receive, send, visit, rest)
            elif allowed(method, rest):
                await hand_over(self._chainlit.app, scope, receive, send, visit, rest)
            else:
                raise NotFound("There is nothing at this address.")
        except CamaradError as error:
            await refuse(connection, method, error)(scope, receive, send)

    async def _identify(self, connection: HTTPConnection, client_id: str) -> tuple[SignedIn, Visit]:
        who = await identity.signed_in(self._services, connection)
        if who is None:
            raise NotSignedIn("You are not signed in.")
        visit = await identity.visit_of(self._services, connection, who, client_id)
        if visit is None:
            raise NotFound("There is no such client in your workspace.")
        bind_scope(visit.scope)
        return who, visit


@asynccontextmanager
async def chat_lifespan() -> AsyncIterator[None]:
    """Chainlit's own lifespan never runs (it ends the process); what it would start and close is here."""
    rechecking = asyncio.create_task(_recheck_again_and_again(), name="chat visits")
    try:
        yield
    finally:
        rechecking.cancel()
        await asyncio.gather(rechecking, return_exceptions=True)
        await sockets.close_all()


def _check_origin(connection: HTTPConnection, method: str) -> None:
    """Browsers name the page's origin with every socket and every change; one of another site is refused, and so is
    none.
    """
    if method in SAFE:
        return
    origin = connection.headers.get("origin", "")
    if origin.split("://", 1)[-1].lower() != connection.headers.get("host", "").lower() or not origin:
        raise Forbidden(
            "The request did not come from this site's own page.", code="cross_origin", hint="Use our pages."
        )


async def _recheck_again_and_again() -> None:
    """Sign-outs and archived clients in other processes reach this one's sockets here."""
    while True:
        await asyncio.sleep(RECHECK_EVERY)
        await sockets.recheck()
