"""Telemetry from rollups beside the plain recount, over many calls: `python scripts/bench/telemetry.py [--rows N]`.

Fills a fresh SQLite file (or `--url` of an empty, migrated PostgreSQL database) with N calls over `--hours`, rolls them
up, then asks both ways in turn and compares the answers. Prints the machine and the medians in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import insert

from billing.rollup.roller import Roller
from billing.telemetry import telemetry
from camarad.clock import ManualClock, SystemClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.migrate import upgrade
from camarad.models import UsageRow, Workspace

AGENTS = ("personal-assistant", "ppc-specialist", "seo-strategist", "flow-composer")
MODELS = (
    "camarad/embedded",
    "openai/gpt-5-mini",
    "openai/gpt-5",
    "anthropic/claude-sonnet",
    "gemini/flash",
    "xai/grok",
)
AT_ONCE = 5_000


def rows(count: int, hours: int, workspaces: list[str], clock: ManualClock) -> Iterator[list[dict[str, Any]]]:
    """One after the other in time, as calls come; scattered over the file they would be read at a page each."""
    draw, step = random.Random(1), hours * 3_600_000_000 // count
    for first in range(0, count, AT_ONCE):
        yield [_row(draw, workspaces, clock, step, count - n) for n in range(first, min(first + AT_ONCE, count))]


def _row(draw: random.Random, workspaces: list[str], clock: ManualClock, step: int, ago: int) -> dict[str, Any]:
    name, tokens, out = new_id(), draw.randrange(200, 9_000), draw.randrange(20, 1_500)
    cost = tokens * draw.choice((1, 2, 3)) + out * 4
    return {
        "id": name,
        "workspace_id": workspaces[min(int(draw.expovariate(8) * len(workspaces)), len(workspaces) - 1)],
        "request_id": name,
        "agent": draw.choice(AGENTS),
        "model": draw.choice(MODELS),
        "status": "settled",
        "tokens_in": tokens,
        "tokens_cached": tokens // 4,
        "tokens_out": out,
        "estimated": False,
        "cost_micro_eur": cost,
        "billable_micro_eur": cost * 11 // 6,
        "ct_actual_debit": -(-(tokens + 4 * out) // 1000),
        "ct_shadow_debit": -(-cost * 11 // 6_000),
        "coverage": 19,
        "attempts": [],
        "duration_ms": 900,
        "at": clock.now() - timedelta(microseconds=step * ago - draw.randrange(step)),
    }


async def ask(database: Database, clock: ManualClock, window: int, times: int) -> None:
    """The recount once, after the first answer from rollups, which has nothing of this window at hand yet."""
    taken, used, plain = [], [], 0.0
    for turn in range(times):
        start, before = time.perf_counter(), time.process_time()
        rolled = await telemetry(database, clock, window)
        taken.append((time.perf_counter() - start) * 1000)
        used.append((time.process_time() - before) * 1000)
        if turn == 0:
            start = time.perf_counter()
            recounted = await telemetry(database, clock, window, by_rows=True)
            plain = (time.perf_counter() - start) * 1000
    middle = statistics.median(taken)
    print(
        f"window {window:3} h, {recounted['window']['rows']:,} calls: rollups {middle:.0f} ms (first {taken[0]:.0f}, "
        f"worst {max(taken):.0f}; CPU {statistics.median(used):.0f}), recount {plain:.0f} ms, {plain / middle:.0f}x, "
        f"answers {'equal' if rolled == recounted else 'DIFFERENT'}",
        flush=True,
    )


async def main(url: str, count: int, hours: int, spaces: int, times: int) -> None:
    database, clock = Database(url), ManualClock(SystemClock().now())
    workspaces = [new_id() for _ in range(spaces)]
    began = time.perf_counter()
    async with database.write() as session:
        made = [{"id": each, "name": each, "created_at": clock.now()} for each in workspaces]
        await session.execute(insert(Workspace.__table__), made)
    for some in rows(count, hours, workspaces, clock):
        async with database.write() as session:
            await session.execute(insert(UsageRow.__table__), some)
    filled = time.perf_counter()
    stretches = await Roller(database, clock).roll()
    print(f"filled in {filled - began:.0f} s, {stretches} stretches rolled up in {time.perf_counter() - filled:.1f} s")
    gc.collect()
    gc.freeze()  # as the server does when it has started
    for window in (24, 48, 168):
        await ask(database, clock, window, times)
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--workspaces", type=int, default=300)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--url")
    given = parser.parse_args()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite+aiosqlite:///{folder}/bench.db"
        if not given.url:
            upgrade(url)
        asyncio.run(main(url, given.rows, given.hours, given.workspaces, given.times))
    print(f"load at the end {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
