"""One turn in a process of its own, to be killed: `python -m tests.support.turn_worker` with a JSON job as argument.

It prints a line for each event; the first means that the message was acknowledged. A job without a conversation only
starts the engine, which takes up what a process before it left, and waits.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.settings import load_settings
from tests.support.seed import SCOPE
from tests.support.turns import MODEL, engine


def settings_of(job: dict[str, Any]) -> Any:
    return load_settings(
        _env_file=None,
        camarad_data_dir=Path(job["data"]),
        camarad_demo=False,
        database_url=job["url"],
        camarad_model=MODEL,
        camarad_model_bases={"openai": job["base"]},
        camarad_model_keys={"openai": SecretStr("sk-test")},
        camarad_model_retries=0,
    )


async def main(job: dict[str, Any]) -> None:
    settings = settings_of(job)
    database = Database(settings.resolved_database_url)
    async with engine(settings, database, SystemClock()) as camarad:
        if not job["conversation"]:
            await asyncio.Event().wait()
        turn = camarad.assistant.run_turn(SCOPE, job["conversation"], job["text"], request_id=job["request_id"])
        async for event in turn:
            print(event.type, flush=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
