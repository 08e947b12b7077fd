"""`python -m camarad stripe-emulator`: serve until told to stop, or until the parent is gone."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
from socket import socket

from camarad.errors import Misconfigured
from camarad.log import configure_logs
from tools.emulator.oauth.serving import listen
from tools.emulator.stripe.process import READY
from tools.emulator.stripe.serving import serve
from tools.emulator.stripe.world import World


def stripe_emulator(argv: list[str]) -> int:
    """Run the Stripe emulator on loopback; prints `STRIPE READY http://127.0.0.1:PORT` once it answers."""
    parser = argparse.ArgumentParser(
        prog="python -m camarad stripe-emulator", description="A Stripe emulator. No money moves."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder for what it knows")
    parser.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1; 0 takes the one of the last time, or a free one"
    )
    parser.add_argument("--parent", type=int, help="process id to end with")
    arguments = parser.parse_args(argv)
    configure_logs("info")  # to standard error: nobody reads the other one after the READY line
    world = World(arguments.data)
    with _bound(arguments.port, world.port) as bound:
        world.port = bound.getsockname()[1]
        world.save()
        asyncio.run(serve(world, bound, f"{READY}{world.base_url}", arguments.parent))
    return 0


def _bound(wanted: int, before: int) -> socket:
    """The wanted port; with none wanted the one of the time before, where it is still free."""
    if before and not wanted:
        with suppress(OSError):
            return listen(before)
    try:
        return listen(wanted)
    except OSError as error:
        raise Misconfigured(f"Port {wanted} of 127.0.0.1 cannot be used.", hint="Choose another --port.") from error
