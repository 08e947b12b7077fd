"""A process that opens and closes Phase 3 and renews a plan until it is killed: `python -m tests.support.phase_worker
URL JOURNAL ROUNDS`.

Each round opens a window, pays a call by cost, closes it, pays a call by the flat tariff, and renews. A new worker
repeats what is not in the journal yet under the same ids. Says READY once it meters.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from billing import phase3
from billing.call import Reservation
from billing.meter import Meter
from billing.renewal import renew
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.settings import load_settings
from tests.support.metering import WORKSPACE, settlement

MODEL = "test/dear"
PRICES = {MODEL: {"input": 10_000_000, "output": 0}}
BY_COST, FLAT = 17, 1  # CT of 1,000 tokens
GRANT = 500


async def call(meter: Meter, request: str) -> int:
    """A call that was held before a kill keeps the phase it was held in."""
    await meter.reserve(Reservation(WORKSPACE, request, FLAT, BY_COST))
    return (await meter.settle(settlement(request, 1000, 0, model=MODEL))).ct_actual


async def main(url: str, journal: str, rounds: int) -> None:
    done = {line.split()[0] for line in Path(journal).read_text().splitlines()}
    file = os.open(journal, os.O_APPEND | os.O_WRONLY)
    database, clock = Database(url), SystemClock()
    settings = load_settings(
        _env_file=None,
        billing_phase3_enabled=True,
        camarad_model_prices=PRICES,
        max_daily_ct_per_workspace=10**9,
    )
    meter = Meter(database, settings, clock)
    await meter.start()
    print("READY", flush=True)
    for number in range(rounds):
        if f"{number}" in done:
            continue
        await phase3.close_window(database, clock)  # one that a kill left open
        await phase3.open_window(database, clock, settings, 1)
        dear = await call(meter, f"dear-{number}")
        await phase3.close_window(database, clock)
        flat = await call(meter, f"flat-{number}")
        fresh = await renew(database, WORKSPACE, period_id=f"period-{number}", ct=GRANT, daily_cap=10**9, clock=clock)
        again = await renew(database, WORKSPACE, period_id=f"period-{number}", ct=GRANT, daily_cap=10**9, clock=clock)
        os.write(file, f"{number} {dear} {flat} {int(fresh)} {int(again)}\n".encode())
    await meter.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
