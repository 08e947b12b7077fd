"""Serving the sign-in on loopback in the emulator's event loop. The port opens at once, the rest loads behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tools.emulator.control import Control
from tools.emulator.oauth.state import Google

if TYPE_CHECKING:
    import uvicorn

_GRACE_S = 1
_BACKLOG = 256


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes any free one. Calls wait in its queue until `serve` runs."""
    # asyncio turns Nagle off only where the protocol is named; with it each kept connection waits 40 ms an answer
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


async def serve(google: Google, control: Control, bound: socket.socket) -> None:
    """Serve until cancelled."""
    server = await asyncio.to_thread(_server, google, control)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def _server(google: Google, control: Control) -> uvicorn.Server:
    import uvicorn

    from tools.emulator.oauth.app import build

    class Server(uvicorn.Server):
        """Signals are the emulator's own to handle."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    settings: dict[str, Any] = {"http": "h11", "ws": "none", "lifespan": "off", "log_config": None}
    return Server(
        uvicorn.Config(
            build(google, control),
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
            **settings,
        )
    )
