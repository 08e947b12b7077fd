"""A process that meters calls until it is killed: `python -m tests.support.ledger_worker URL JOURNAL CALLS`.

What is to be done follows from the call's number alone, so that a restarted worker repeats it with the same request id.
Every acknowledged outcome is written to the journal before anything else happens. Says READY once it meters.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

from billing.call import Reservation
from billing.meter import Meter
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.errors import LimitReached
from camarad.settings import load_settings
from tests.support.metering import WORKSPACE, costing

CALLERS = 24


def debit_of(call: int) -> int:
    return random.Random(call).randrange(0, 12)


async def one(meter: Meter, call: int, journal: int) -> None:
    request, amount = f"call-{call}", debit_of(call)
    fate = random.Random(-call).random()
    try:
        await meter.reserve(Reservation(WORKSPACE, request, 10))
    except LimitReached:
        os.write(journal, f"{call} refused\n".encode())
        return
    if fate < 0.1:
        return  # the caller vanished: its hold is the sweeper's
    copies = 3 if fate < 0.4 else 1
    charges = await asyncio.gather(*(meter.settle(costing(amount, request)) for _ in range(copies)))
    os.write(journal, f"{call} settled {charges[0].ct_actual}\n".encode())


async def main(url: str, journal: str, calls: int) -> None:
    done = {int(line.split()[0]) for line in Path(journal).read_text().splitlines()}
    todo = iter([call for call in range(calls) if call not in done])
    file = os.open(journal, os.O_APPEND | os.O_WRONLY)
    database = Database(url)
    meter = Meter(database, load_settings(_env_file=None, max_daily_ct_per_workspace=10**9), SystemClock())
    await meter.start()
    print("READY", flush=True)

    async def caller() -> None:
        for call in todo:
            await one(meter, call, file)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    await meter.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
