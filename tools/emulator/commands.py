"""`python -m camarad emulator`: serve until told to stop, or until the parent is gone."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from datetime import date
from pathlib import Path

from camarad.errors import BadInput, Misconfigured
from tools.emulator.fixtures import Fixtures, load_fixtures
from tools.emulator.process import READY
from tools.emulator.server import start_server
from tools.emulator.world import World

_PARENT_CHECK_S = 0.5
_GRACE_S = 1.0


def emulator(argv: list[str]) -> int:
    """Run the Google emulator on loopback; prints `EMULATOR READY 127.0.0.1:PORT` once it answers."""
    parser = argparse.ArgumentParser(prog="python -m camarad emulator", description="A Google emulator for demo data.")
    parser.add_argument("--data", type=Path, required=True, help="folder for its generated data")
    parser.add_argument("--fixtures", type=Path, help="JSON file of extra clients given by totals")
    parser.add_argument("--today", type=date.fromisoformat, help="business date instead of the calendar's")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--parent", type=int, help="process id to end with")
    arguments = parser.parse_args(argv)
    fixtures = load_fixtures(arguments.fixtures) if arguments.fixtures else None
    world = World(arguments.data, fixtures, _date(arguments.today, fixtures))
    asyncio.run(_serve(world, arguments.port, arguments.parent))
    return 0


def _date(today: date | None, fixtures: Fixtures | None) -> date | None:
    if fixtures and today and today != fixtures.today:
        raise BadInput(
            f"The date is {today} in --today and {fixtures.today} in the fixture file.", hint="Leave --today out."
        )
    return fixtures.today if fixtures else today


async def _serve(world: World, port: int, parent: int | None) -> None:
    try:
        server, router, bound = await start_server(world, port)
    except RuntimeError as error:
        raise Misconfigured(f"Port {port} of 127.0.0.1 cannot be used.", hint="Choose another --port.") from error
    print(f"{READY}127.0.0.1:{bound}", flush=True)
    loading = asyncio.create_task(router.load())
    await _until_told(parent)
    loading.cancel()
    await server.stop(_GRACE_S)
    world.close()


async def _until_told(parent: int | None) -> None:
    """Return on SIGTERM or SIGINT, and when the parent is no longer ours."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    while not told.is_set() and parent in (None, os.getppid()):
        try:
            await asyncio.wait_for(told.wait(), _PARENT_CHECK_S)
        except TimeoutError:
            continue
