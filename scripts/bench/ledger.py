"""How fast reserve + settle is, beside a floor without our code, in one run: `python scripts/bench/ledger.py`.

A cycle is one reservation and one settlement, each acknowledged after its commit. Both sides write the same: the hold,
the wallet twice, the ledger row and the usage row, on the product's own tables, with ids that grow with time. Floors: a
pgbench script that does it in two transactions with prepared statements, and a raw sqlite3 loop that does it in two
transactions. PostgreSQL runs with fsync and synchronous_commit on. Sides take turns, so that a busy machine hurts them
alike; medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import uvloop  # noqa: E402
from sqlalchemy import create_engine, insert  # noqa: E402

from billing.audit import audit  # noqa: E402
from billing.meter import Meter, Reservation, Settlement  # noqa: E402
from camarad.clock import SystemClock  # noqa: E402
from camarad.database import SQLITE_PRAGMAS, Database  # noqa: E402
from camarad.ids import new_id  # noqa: E402
from camarad.migrate import upgrade  # noqa: E402
from camarad.models import CtLedgerEntry, CtWallet, Workspace  # noqa: E402
from camarad.settings import load_settings  # noqa: E402
from tests.support.postgres import PostgresServer, binaries, running_postgres  # noqa: E402

BALANCE = 4 * 10**15
WORKSPACES = 1_000
DURABLE = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}

PGBENCH = r"""
\set n random(0, :workspaces - 1)
\set a random(1, 100)
\set i :i + 1
\set r :i * 1000 + :client_id
BEGIN;
INSERT INTO ct_holds (workspace_id, request_id, amount, state, created_at, expires_at)
  VALUES ('w' || :n, lpad(:r::text, 12, '0'), :a, 'held', now(), now() + interval '10 minutes') ON CONFLICT DO NOTHING;
UPDATE ct_wallets SET held = held + :a, day = 20261120, day_used = CASE WHEN day = 20261120 THEN day_used ELSE 0 END
  WHERE workspace_id = 'w' || :n AND plan_balance + topup_balance - held >= :a
    AND (CASE WHEN day = 20261120 THEN day_used ELSE 0 END) + held + :a <= 4000000000000000;
COMMIT;
BEGIN;
UPDATE ct_holds SET state = 'settled', actual = :a
  WHERE workspace_id = 'w' || :n AND request_id = lpad(:r::text, 12, '0') AND state = 'held';
UPDATE ct_wallets SET plan_balance = plan_balance - :a, held = held - :a, day_used = day_used + :a
  WHERE workspace_id = 'w' || :n;
INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at)
  VALUES ('w' || :n, lpad(:r::text, 12, '0'), 'debit', -:a::bigint, -:a::bigint, 0, now());
INSERT INTO usage (id, workspace_id, client_id, user_id, conversation_id, turn_id, request_id, agent, model, status,
    tokens_in, tokens_cached, tokens_out, estimated, cost_micro_eur, ct_actual_debit, ct_shadow_debit, attempts,
    duration_ms, at)
  VALUES (to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS') || :client_id, 'w' || :n, 'client', 'user', 'conversation',
    to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS') || :client_id, lpad(:r::text, 12, '0'), 'ppc-specialist',
    'camarad/embedded', 'settled', 900, 0, 300, false, 15, :a, 1, '[]', 800, now());
COMMIT;
"""


def seed(url: str, workspaces: int) -> None:
    engine = create_engine(url)
    now = SystemClock().now()
    names = [f"w{n}" for n in range(workspaces)]
    grant = {"kind": "grant", "amount": BALANCE, "plan_delta": BALANCE, "topup_delta": 0, "at": now}
    with engine.begin() as connection:
        connection.execute(insert(Workspace), [{"id": n, "name": n, "created_at": now} for n in names])
        connection.execute(insert(CtWallet), [{"workspace_id": n, "plan_balance": BALANCE} for n in names])
        connection.execute(insert(CtLedgerEntry), [{"workspace_id": n, "request_id": "g", **grant} for n in names])
    engine.dispose()


def settlement(workspace: str, request: str) -> Settlement:
    return Settlement(
        *(workspace, request, "client", "user", "conversation", new_id(), "ppc-specialist", "camarad/embedded"),
        *("settled", 900, 0, 300),
        duration_ms=800,
    )


async def drive(url: str, workspaces: int, callers: int, seconds: int) -> float:
    """Cycles a second of the meter, from many tasks of one process."""
    database = Database(url)
    settings = load_settings(_env_file=None, max_daily_ct_per_workspace=BALANCE)
    meter = Meter(database, settings, SystemClock())
    await meter.start()
    chance, cycles, end = random.Random(1), 0, time.perf_counter() + seconds

    async def caller(number: int) -> None:
        nonlocal cycles
        turn = 0
        while time.perf_counter() < end:
            workspace, request = f"w{chance.randrange(workspaces)}", f"{turn * 1000 + number:012d}"
            await meter.reserve(Reservation(workspace, request, chance.randrange(3, 100)))
            await meter.settle(settlement(workspace, request))
            turn += 1
            cycles += 1

    start = time.perf_counter()
    await asyncio.gather(*(caller(n) for n in range(callers)))
    took = time.perf_counter() - start
    await meter.close()
    findings = await audit(database)
    await database.close()
    if findings:
        raise SystemExit(f"the audit found: {findings}")
    return cycles / took


def pgbench(server: PostgresServer, name: str, workspaces: int, callers: int, seconds: int) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH)
        script.flush()
        command = [
            *(str(binaries() / "pgbench"), "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-n"),
            *(
                "-M",
                "prepared",
                "-c",
                str(callers),
                "-j",
                "2",
                "-T",
                str(seconds),
                "-D",
                f"workspaces={workspaces}",
                "-D",
                "i=0",
            ),
            *("-f", script.name, name),
        ]
        ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"pgbench failed: {ran.stderr[:500]}")
    return next(float(line.split()[2]) for line in ran.stdout.splitlines() if line.startswith("tps"))


def on_postgres(server: PostgresServer, workspaces: int, run: Callable[[str, str], float]) -> float:
    """Each figure starts from a fresh copy of the same database."""
    with server.database("bench", f"seeded_{workspaces}") as url:
        return run("bench", url)


def raw_sqlite(path: Path, workspaces: int, seconds: int, synchronous: str) -> float:
    """The floor on SQLite: the same rows with plain statements, one caller, no thread and no event loop."""
    chance, cycles = random.Random(1), 0
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in (*SQLITE_PRAGMAS, f"synchronous={synchronous}"):
            db.execute(f"PRAGMA {pragma}")
        start = time.perf_counter()
        while time.perf_counter() < start + seconds:
            _raw_cycle(db, f"w{chance.randrange(workspaces)}", f"{cycles:012d}", cycles % 97 + 3)
            cycles += 1
        return cycles / (time.perf_counter() - start)


def _raw_cycle(db: sqlite3.Connection, workspace: str, request: str, amount: int) -> None:
    at = "2026-11-20 12:00:00.000000"
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO ct_holds (workspace_id, request_id, amount, state, created_at, expires_at)"
        " VALUES (?, ?, ?, 'held', ?, ?) ON CONFLICT DO NOTHING",
        (workspace, request, amount, at, at),
    )
    db.execute(
        "UPDATE ct_wallets SET held = held + ?1, day_used = CASE WHEN day = ?2 THEN day_used ELSE 0 END, day = ?2"
        " WHERE workspace_id = ?3 AND plan_balance + topup_balance - held >= ?1"
        " AND (CASE WHEN day = ?2 THEN day_used ELSE 0 END) + held + ?1 <= 4000000000000000",
        (amount, 20261120, workspace),
    )
    db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "UPDATE ct_holds SET state = 'settled', actual = ?"
        " WHERE workspace_id = ? AND request_id = ? AND state = 'held'",
        (amount, workspace, request),
    )
    db.execute(
        "UPDATE ct_wallets SET plan_balance = plan_balance - ?1, held = held - ?1, day_used = day_used + ?1"
        " WHERE workspace_id = ?2",
        (amount, workspace),
    )
    db.execute(
        "INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at)"
        " VALUES (?, ?, 'debit', ?, ?, 0, ?)",
        (workspace, request, -amount, -amount, at),
    )
    db.execute(
        "INSERT INTO usage (id, workspace_id, client_id, user_id, conversation_id, turn_id, request_id, agent, model,"
        " status, tokens_in, tokens_cached, tokens_out, estimated, cost_micro_eur, ct_actual_debit, ct_shadow_debit,"
        " attempts, duration_ms, at) VALUES (?, ?, 'client', 'user', 'conversation', ?, ?, 'ppc-specialist',"
        " 'camarad/embedded', 'settled', 900, 0, 300, 0, 15, ?, 1, '[]', 800, ?)",
        (new_id(), workspace, new_id(), request, amount, at),
    )
    db.execute("COMMIT")


def row(where: str, workspaces: int, floor_name: str, floor: list[float], ours: list[float], goal: str) -> str:
    ratio = statistics.median(o / f for o, f in zip(ours, floor, strict=True))
    figures = f"{statistics.median(floor):,.0f} | {statistics.median(ours):,.0f}"
    return f"| {where} | {workspaces:,} | {floor_name} | {figures} | {ratio:.1f}x | {goal} |"


def postgres_rows(callers: int, seconds: int, rounds: int) -> list[str]:
    rows = []
    with running_postgres(DURABLE) as server:
        for workspaces in (1, WORKSPACES):
            name = f"seeded_{workspaces}"
            server.execute(f"CREATE DATABASE {name}")
            upgrade(server.url(name))
            seed(server.url(name).replace("asyncpg", "psycopg"), workspaces)
            floor, ours = [], []
            for _ in range(rounds):
                floor.append(
                    on_postgres(
                        server, workspaces, lambda db, _, n=workspaces: pgbench(server, db, n, callers, seconds)
                    )
                )
                ours.append(
                    on_postgres(
                        server, workspaces, lambda _, url, n=workspaces: uvloop.run(drive(url, n, callers, seconds))
                    )
                )
            goal = "5x" if workspaces == 1 else "2x"
            rows.append(row("PostgreSQL", workspaces, "pgbench", floor, ours, goal))
    return rows


def sqlite_rows(callers: int, seconds: int, rounds: int, folder: Path) -> list[str]:
    rows = []
    for workspaces in (1, WORKSPACES):
        template = folder / f"seeded-{workspaces}.db"
        upgrade(f"sqlite+aiosqlite:///{template}")
        seed(f"sqlite:///{template}", workspaces)
        figures: dict[str, list[float]] = {"NORMAL": [], "FULL": [], "ours": []}
        for _ in range(rounds):
            for side, found in figures.items():
                path = Path(shutil.copy(template, folder / f"{side}-{len(found)}-{workspaces}.db"))
                if side == "ours":
                    found.append(uvloop.run(drive(f"sqlite+aiosqlite:///{path}", workspaces, callers, seconds)))
                else:
                    found.append(raw_sqlite(path, workspaces, seconds, side))
        for side, goal in (("NORMAL", "1x"), ("FULL", "5x")):
            rows.append(row("SQLite", workspaces, f"sqlite3, {side}", figures[side], figures["ours"], goal))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each side")
    parser.add_argument("--callers", type=int, default=128)
    parser.add_argument("--only", choices=["postgres", "sqlite"])
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python", end=" ")
    print(f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}; load at start {os.getloadavg()[0]:.1f}")
    print(f"{given.callers} callers, {given.rounds} rounds of {given.seconds} s, cycles a second, medians\n")
    print("| database | workspaces | floor | floor's | Camarad's | ratio | goal |\n|---|---|---|---|---|---|---|")
    if given.only != "sqlite":
        print("\n".join(postgres_rows(given.callers, given.seconds, given.rounds)), flush=True)
    if given.only != "postgres":
        with tempfile.TemporaryDirectory(prefix="camarad-bench-") as folder:
            print("\n".join(sqlite_rows(given.callers, given.seconds, given.rounds, Path(folder))))


if __name__ == "__main__":
    main()
