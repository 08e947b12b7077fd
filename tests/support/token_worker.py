"""A second process that needs the same access token: ten callers at once, told to start on standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import load_settings
from tools.connectors.hub import Connectors

CALLERS = 10


async def main(given: dict[str, object], triple: list[str]) -> None:
    given["camarad_data_dir"] = Path(str(given["camarad_data_dir"]))
    settings, scope = load_settings(_env_file=None, camarad_demo=True, **given), Scope(*triple)
    database = Database(settings.resolved_database_url)
    hub = Connectors(settings, database, SystemClock(), settings.emulator_address)
    try:
        tokens = hub._broker.tokens(scope, (await hub.states(scope))["ga4"])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps(await asyncio.gather(*(tokens.get() for _ in range(CALLERS)))), flush=True)
    finally:
        await hub.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), json.loads(sys.argv[2])))
