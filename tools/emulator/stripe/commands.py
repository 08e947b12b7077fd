"""`python -m camarad stripe-emulator`: serve until told to stop, or until the parent is gone."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from camarad.errors import Misconfigured
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
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--parent", type=int, help="process id to end with")
    arguments = parser.parse_args(argv)
    try:
        bound = listen(arguments.port)
    except OSError as error:
        raise Misconfigured(
            f"Port {arguments.port} of 127.0.0.1 cannot be used.", hint="Choose another --port."
        ) from error
    with bound:
        world = World(arguments.data)
        world.base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        asyncio.run(serve(world, bound, f"{READY}{world.base_url}", arguments.parent))
    return 0
