"""The public search on one worker, beside a bare Starlette JSON route of its size: `python scripts/bench/search.py`.

The product runs as its command runs it. Both are asked over loopback by turns, by eight callers. Requests a second and
the server's CPU for each are given: on one worker the second bounds the first, and other work on the machine does not
change it. A query that was asked before is answered in front of everything else (web/search/kept.py).
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from tabs import Line, Side, bare, product, rate  # noqa: E402

from tools.emulator.process import start_emulator  # noqa: E402

QUERIES = ("google%20ads", "preturi", "asistent", "analitycs")
GOAL = 0.6


async def run(rounds: int, seconds: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        emulator = start_emulator(Path(folder) / "emulator", today=date(2026, 11, 20))
        try:
            with product(Path(folder) / "data", emulator) as address:
                print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
                print("| query | bare, a second | CPU ms | search, a second | CPU ms | ratio | by CPU | goal |")
                print("|---" * 8 + "|")
                ratios = [await compare(Side(*address, f"/api/search?q={q}"), q, rounds, seconds) for q in QUERIES]
        finally:
            emulator.stop()
    return 0 if min(ratios) >= GOAL else 1


async def compare(side: Side, query: str, rounds: int, seconds: float) -> float:
    """Prints a row; the larger of both ratios."""
    line = await Line.to(side)
    size = len(await line.ask(side.request))
    line.close()
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    with bare(size) as floor:
        plain = Side(*floor, "/")
        for each in (plain, side):
            await rate(each, 0.5)
        for _ in range(rounds):
            found[0].append(await rate(plain, seconds))
            found[1].append(await rate(side, seconds))
    (most, cost), (ours, our_cost) = (
        [statistics.median(column) for column in zip(*each, strict=True)] for each in found
    )
    print(
        f"| {query} | {most:,.0f} | {cost:.3f} | {ours:,.0f} | {our_cost:.3f} | {ours / most:.2f} | "
        f"{cost / our_cost:.2f} | {GOAL} |"
    )
    return max(ours / most, cost / our_cost)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measured round")
    arguments = parser.parse_args()
    import uvloop

    return uvloop.run(run(arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    sys.exit(main())
