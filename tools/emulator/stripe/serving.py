"""Serving on loopback until told to stop: the pages and the API, the courier of webhooks, the clock's tick."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from camarad.log import get_logger
from tools.emulator.stripe.api import Api
from tools.emulator.stripe.engine import due
from tools.emulator.stripe.webhooks import Courier
from tools.emulator.stripe.world import World

if TYPE_CHECKING:
    import uvicorn

_TICK_S = 0.5
_log = get_logger(__name__)


async def serve(world: World, bound: socket.socket, ready: str, parent: int | None) -> None:
    """Says `ready` once it answers; returns on a signal and when the parent is gone."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    courier = Courier(world)
    server = _server(Api(world, courier))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    carrying = asyncio.create_task(courier.run())
    print(ready, flush=True)  # noqa: T201 - the line that whoever started it waits for
    while not told.is_set() and parent in (None, os.getppid()) and not serving.done():
        _tick(world, courier)
        try:
            await asyncio.wait_for(told.wait(), _TICK_S)
        except TimeoutError:
            continue
    server.should_exit = True
    carrying.cancel()
    await asyncio.gather(serving, carrying, return_exceptions=True)
    world.close()


def _tick(world: World, courier: Courier) -> None:
    """What time has made due."""
    try:
        happened = due.run(world)
    except Exception:
        world.undo()
        _log.exception("stripe_emulator_tick_failed")
        return
    if happened:
        world.save()
        courier.wake()
    else:
        world.only_read()


def _server(api: Api) -> uvicorn.Server:
    import uvicorn

    from tools.emulator.stripe.app import build

    class Server(uvicorn.Server):
        """Signals are the emulator's own to handle."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    settings: dict[str, Any] = {"http": "h11", "ws": "none", "lifespan": "off", "log_config": None}
    return Server(
        uvicorn.Config(
            build(api),
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            **settings,
        )
    )
