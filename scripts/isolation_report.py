"""Starts the product on a data folder of its own, attacks every route of it, and says what came of it.

    python scripts/isolation_report.py [--out report.md] [--only /api/conversations] [--postgres]

It prints the number of pairs (route, method, situation) it tried and ends with 1 when anything leaked.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from camarad.ids import new_secret
from tests.isolation import chat, matrix
from tests.isolation.books import on_postgres
from tests.isolation.canaries import fixtures
from tests.isolation.matrix import Report
from tests.isolation.report import markdown
from tests.isolation.world import UNLIMITED, World
from tests.support.product import running_product


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=Path("build/isolation-report.md"), help="where the report is written"
    )
    parser.add_argument("--only", default="", help="only routes with this in their path")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="camarad-isolation-") as folder:
        report, written = attacked(Path(folder), given.only, postgres=given.postgres)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(written)
    print(written.split("## Routes")[0].strip())
    print(f"\n{report.pairs} pairs tried, {len(report.findings)} findings; the whole report is in {given.out}")
    return 1 if report.findings else 0


def attacked(folder: Path, only: str, *, postgres: bool) -> tuple[Report, str]:
    (folder / "clients.json").write_text(json.dumps(fixtures()))
    report, token = Report(), new_secret()
    settings = {**UNLIMITED, "CAMARAD_FIXTURES": str(folder / "clients.json"), "INTERNAL_TOKEN": token}
    with (
        on_postgres() if postgres else nullcontext(({}, None)) as (more, books),
        running_product(folder / "data", **settings, **more) as product,
    ):
        world = World(product.url, product.data, token, books)
        world.build()
        began = time.monotonic()
        matrix.run(world, report, lambda entry: only in entry.path)
        chat.run(world, report, matrix.ended(world))
        matrix.timings(world, report)
        matrix.stored(world, report)
        return report, markdown(world, report, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
