"""Looking again at who may stay, after every change: one look at a time, however many changes come at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Busy routes that end no sign-in, no membership and no client. What is not named here is looked at: a route that is
# forgotten costs a query, not somebody's stay.
ENDS_NOTHING = re.compile(r"/v1/.+|/api/conversations.*|/api/stripe/webhook")


class Rechecks:
    def __init__(self, look: Callable[[], Awaitable[int]]) -> None:
        self._look = look
        self._one_at_a_time = asyncio.Lock()
        self._coming: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Gives back when everybody was looked at by a look that began after this call."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._when_free(), name="recheck")
        await asyncio.shield(self._coming)

    async def _when_free(self) -> None:
        async with self._one_at_a_time:
            self._coming = None
            await self._look()

    async def after(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and look again when it changed what a visit may rest on."""
        done = False

        async def noting(message: Message) -> None:
            nonlocal done
            if message["type"] == "http.response.start":
                done = message["status"] < 400
            await send(message)

        if scope["type"] != "http" or scope["method"] in SAFE or ENDS_NOTHING.fullmatch(scope["path"]):
            await app(scope, receive, send)
            return
        try:
            await app(scope, receive, noting)
        finally:  # the change stands also when its answer reached nobody
            if done:
                await self.look()
