"""One uvicorn worker in this process: started on a bound socket, watched until it answers, stopped in order."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from camarad.errors import Misconfigured
from camarad.settings import Settings
from web.wire import Wire

GRACE_SECONDS = 4
READY_SECONDS = 30.0
MOST_FRAME_BYTES = 1_000_000  # as Engine.IO takes; uvicorn alone would collect sixteen times as much first


class Server(uvicorn.Server):
    """Uvicorn's server without its signal handling: it would raise the signal again and skip what has to end after."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_for(app: ASGIApp, settings: Settings) -> Server:
    return Server(
        uvicorn.Config(
            app,
            http=Wire,
            lifespan="off",  # the caller runs it, so that a failing start ends in a sentence
            log_config=None,
            access_log=False,
            server_header=False,
            ws_per_message_deflate=False,
            ws_max_size=MOST_FRAME_BYTES,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def serve_on(server: Server, bound: socket.socket, on_ready: Callable[[], Awaitable[None] | None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is called once /readyz has answered well."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        if server.started and not server.should_exit:
            await _until_ready(bound)
            on_ready()
    except BaseException:
        server.should_exit = True
        await serving
        raise
    await serving


async def _until_ready(bound: socket.socket) -> None:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    checks: dict[str, Any] = {}
    while asyncio.get_running_loop().time() < deadline:
        status, checks = await _ask_ready(bound)
        if status == 200:
            return
        await asyncio.sleep(0.2)
    broken = ", ".join(name for name, check in checks.get("checks", {}).items() if not check.get("ok"))
    raise Misconfigured(f"The server started but is not ready: {broken or 'it does not answer'}.", hint="See the log.")


def reached_at(bound: socket.socket) -> tuple[str, int]:
    """Where this machine reaches the socket; a wildcard is asked on loopback."""
    host, port = bound.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104


def webhook_address(bound: socket.socket) -> str:
    """Where an emulator on this machine sends its events."""
    host, port = reached_at(bound)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/api/stripe/webhook"


async def _ask_ready(bound: socket.socket) -> tuple[int, dict[str, Any]]:
    reader, writer = await asyncio.open_connection(*reached_at(bound))
    writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split(b" ", 2)[1]), json.loads(body)
