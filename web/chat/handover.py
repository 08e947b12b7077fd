"""Passing one request or socket to Chainlit, with the identity of the visit and nothing else of the browser's."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.chat.frames import only_ours
from web.chat.visit import CURRENT, Visit

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
DROPPED = frozenset({b"set-cookie", b"access-control-allow-origin", b"access-control-allow-credentials", *HEADERS})
WAY_OUT = "camarad.send"  # where a socket's handlers find the way to its page
OURS = frozenset({b"cookie", b"authorization"})


async def hand_over(app: ASGIApp, scope: Scope, receive: Receive, send: Send, visit: Visit, path: str) -> None:
    """`path` is below the client's prefix; Chainlit believes it stands at the root."""
    passed = dict(scope, path=path, raw_path=path.encode(), root_path="", headers=_headers(scope, visit))
    for key in ("app", "router", "endpoint", "path_params", "route"):
        passed.pop(key, None)
    passed[WAY_OUT] = send
    token = CURRENT.set(visit)
    try:
        if scope["type"] == "websocket":
            await app(passed, only_ours(receive, send), send)
        else:
            await app(passed, receive, _guarded(send))
    finally:
        CURRENT.reset(token)


def _headers(scope: Scope, visit: Visit) -> list[tuple[bytes, bytes]]:
    from chainlit.auth import create_jwt
    from chainlit.user import User

    minted = create_jwt(User(identifier=visit.identifier, display_name=visit.email, metadata={}))
    kept = [(name, value) for name, value in scope["headers"] if name not in OURS]
    return [*kept, (b"cookie", f"access_token={minted}".encode())]


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in DROPPED]
            message = {**message, "headers": [*kept, *HEADERS.items()]}
        await send(message)

    return guarded
