"""Answers of the open search that were given before, in front of everything else: it is asked with each key pressed,
and the same address at the same host gives the same bytes to everybody.

What is kept is a whole answer as it went out, so it can differ in nothing but its request id, which is made anew. Only
plain reads without a body are answered here; everything else, and whoever asks too often, goes the long way.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from camarad.errors import LimitReached
from camarad.ids import new_id
from web.metrics import Metrics
from web.throttle import Throttle

PATH: Final = "/api/search"
MOST: Final = 2048
LONGEST: Final = 1200  # bytes of query and host, so that the kept answers stay within a few megabytes
REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
OWN_ID: Final = b"x-request-id"
GOES_ON: Final = frozenset({b"content-length", b"transfer-encoding", b"idempotency-key", b"authorization"})
Key = tuple[bytes, bytes]


@dataclass(slots=True)
class Answer:
    """A 200 as it is being sent, and then as it is kept. `headers` are without the request id."""

    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    status: int = 0


class KeptSearch:
    def __init__(self, app: ASGIApp, metrics: Metrics, throttle: Throttle) -> None:
        self._app = app
        self._throttle = throttle
        self._answered = metrics.answering("GET", PATH, 200)
        self._kept: dict[Key, Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        asked = _asked(scope)
        if asked is None:
            await self._app(scope, receive, send)
            return
        key, request_id = asked
        answer = self._kept.get(key)
        if answer is None or not self._may(scope):
            await self._app(scope, receive, self._watching(key, send))
            return
        headers = [*answer.headers, (OWN_ID, request_id or new_id().encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        self._answered(time.perf_counter() - began)

    def _may(self, scope: Scope) -> bool:
        """Counted like every request. Who is over the limit is told so by the route."""
        client = scope.get("client")
        try:
            self._throttle.address(client[0] if client else "")
        except LimitReached:
            return False
        return True

    def _watching(self, key: Key, send: Send) -> Send:
        answer = Answer()

        async def watched(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = [(k, v) for k, v in message["headers"] if k.lower() != OWN_ID]
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")
                if answer.status == 200 and not message.get("more_body", False):
                    self._keep(key, answer)

        return watched

    def _keep(self, key: Key, answer: Answer) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = answer


def _asked(scope: Scope) -> tuple[Key, bytes] | None:
    """Which answer is asked for, under which request id of the caller's, if any; None for what goes the long way."""
    host = request_id = b""
    headers: list[tuple[bytes, Any]] = scope["headers"]
    for name, value in headers:
        if name == b"host":
            host = value
        elif name == OWN_ID:
            request_id = value
        elif name in GOES_ON:
            return None
    if request_id and not REQUEST_ID.fullmatch(request_id):
        return None
    if len(scope["query_string"]) + len(host) > LONGEST:
        return None
    return (scope["query_string"], host), request_id
