"""`python -m camarad emulator`: serve until told to stop, or until the parent is gone."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from datetime import date
from pathlib import Path
from socket import socket

from camarad.errors import BadInput, Misconfigured
from camarad.log import get_logger
from tools.emulator.faults import ANY, CODES, FaultBook, Share
from tools.emulator.fixtures import Fixtures, load_fixtures
from tools.emulator.oauth.serving import listen, serve
from tools.emulator.oauth.state import Google
from tools.emulator.process import OAUTH, READY
from tools.emulator.server import start_server
from tools.emulator.world import World

_PARENT_CHECK_S = 0.5
_GRACE_S = 1.0
_log = get_logger(__name__)


def emulator(argv: list[str]) -> int:
    """Run the Google emulator on loopback; prints `EMULATOR READY 127.0.0.1:PORT oauth=URL` once it answers."""
    parser = argparse.ArgumentParser(prog="python -m camarad emulator", description="A Google emulator for demo data.")
    parser.add_argument("--data", type=Path, required=True, help="folder for its generated data")
    parser.add_argument("--fixtures", type=Path, help="JSON file of extra clients given by totals")
    parser.add_argument("--today", type=date.fromisoformat, help="business date instead of the calendar's")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--oauth-port", type=int, default=0, help="port of the sign-in; 0 takes a free one")
    parser.add_argument(
        "--oauth-redirect-hosts",
        default="",
        help="host names besides loopback that people may be sent back to, by commas",
    )
    parser.add_argument("--fail-share", type=float, default=0, metavar="PERCENT", help="share of API calls that fail")
    parser.add_argument("--fail-code", choices=CODES, default="unavailable", help="how they fail")
    parser.add_argument("--fail-seed", type=int, default=1, help="another seed lets others fail")
    parser.add_argument("--parent", type=int, help="process id to end with")
    arguments = parser.parse_args(argv)
    fixtures = load_fixtures(arguments.fixtures) if arguments.fixtures else None
    faults = FaultBook(_standing(arguments))
    world = World(arguments.data, fixtures, _date(arguments.today, fixtures), faults)
    google = Google(arguments.data, world.users, world.faults, arguments.oauth_redirect_hosts.split(","))
    asyncio.run(_serve(world, google, arguments))
    return 0


def _standing(arguments: argparse.Namespace) -> tuple[Share, ...]:
    if not 0 <= arguments.fail_share <= 100:
        raise BadInput(f"--fail-share {arguments.fail_share:g} is no share.", hint="Give a percentage from 0 to 100.")
    if not arguments.fail_share:
        return ()
    return (Share(ANY, arguments.fail_code, arguments.fail_share, arguments.fail_seed),)


def _date(today: date | None, fixtures: Fixtures | None) -> date | None:
    if fixtures and today and today != fixtures.today:
        raise BadInput(
            f"The date is {today} in --today and {fixtures.today} in the fixture file.", hint="Leave --today out."
        )
    return fixtures.today if fixtures else today


async def _serve(world: World, google: Google, arguments: argparse.Namespace) -> None:
    try:
        server, router, bound = await start_server(world, google, arguments.port)
    except RuntimeError as error:
        raise Misconfigured(
            f"Port {arguments.port} of 127.0.0.1 cannot be used.", hint="Choose another --port."
        ) from error
    web = _listen(google, arguments.oauth_port)
    print(f"{READY}127.0.0.1:{bound} {OAUTH}{google.issuer}", flush=True)
    behind = [asyncio.create_task(work) for work in (serve(google, router.control, web), router.load())]
    for task in behind:
        task.add_done_callback(_say_failure)
    await _until_told(arguments.parent)
    for task in behind:
        task.cancel()
    await asyncio.gather(*behind, return_exceptions=True)
    await server.stop(_GRACE_S)
    world.close()


def _say_failure(task: asyncio.Task[None]) -> None:
    """Without it, what failed behind the open ports would only show as calls that never end."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("emulator_failed", task=task.get_name(), exc_info=error)


def _listen(google: Google, port: int) -> socket:
    try:
        bound = listen(port)
    except OSError as error:
        raise Misconfigured(f"Port {port} of 127.0.0.1 cannot be used.", hint="Choose another --oauth-port.") from error
    google.issuer = f"http://127.0.0.1:{bound.getsockname()[1]}"
    return bound


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
