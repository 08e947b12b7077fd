"""SIGKILL while Phase 3 is switched and a plan is renewed, beside a process that meters the same workspace."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from billing import phase3
from billing.audit import audit
from billing.wallet import grant, open_wallet
from camarad.clock import SystemClock
from camarad.models import CtHold, CtLedgerEntry, UsageRow
from tests.support.metering import WORKSPACE
from tests.support.phase_worker import BY_COST, FLAT, GRANT

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 40
KILLS = 4


def worker(module: str, url: str, journal: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.support.{module}", url, str(journal), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "READY"
    return process


def kill(process: subprocess.Popen[str]) -> bool:
    """True when it was still at work."""
    process.kill()
    process.communicate()
    return process.returncode == -9


async def test_a_kill_between_two_phases_charges_each_call_once_and_by_its_own(database, database_url, tmp_path):
    await open_wallet(database, WORKSPACE, GRANT)
    await grant(database, WORKSPACE, 100_000, "pack", kind="topup")
    journal, others = tmp_path / "journal", tmp_path / "others"
    journal.touch()
    others.touch()
    beside = worker("ledger_worker", database_url, others, 1_000_000)  # its own setting is off: always flat
    chance, killed = random.Random(8), 0
    try:
        for _ in range(KILLS):
            switching = worker("phase_worker", database_url, journal, ROUNDS)
            time.sleep(chance.uniform(0.05, 0.4))
            killed += kill(switching)
            assert await audit(database) == []
        last = worker("phase_worker", database_url, journal, ROUNDS)
        last.communicate(timeout=200)
        assert last.returncode == 0
    finally:
        kill(beside)
    assert killed
    await check(database, journal)


async def check(database, journal):
    assert await audit(database) == []
    told = {int(row[0]): [int(n) for n in row[1:]] for row in map(str.split, journal.read_text().splitlines())}
    assert sorted(told) == list(range(ROUNDS))
    assert {again for *_, again in told.values()} == {0}
    async with database.read() as session:
        holds = {hold.request_id: hold for hold in await session.scalars(select(CtHold))}
        rows = {row.request_id: row for row in await session.scalars(select(UsageRow))}
        grants = select(CtLedgerEntry.request_id, func.count(), func.sum(CtLedgerEntry.amount))
        kept = await session.execute(
            grants.where(CtLedgerEntry.kind == "grant", CtLedgerEntry.request_id.like("period:%")).group_by(
                CtLedgerEntry.request_id
            )
        )
        booked = {name: (count, int(ct)) for name, count, ct in kept}
        assert await phase3.active_window(session, SystemClock().now()) is None
    assert booked == {f"period:period-{n}": (1, GRANT) for n in range(ROUNDS)}
    assert {row.phase for name, row in rows.items() if name.startswith("call-")} == {2}
    for number, (dear, flat, *_) in told.items():
        for name, charged in ((f"dear-{number}", dear), (f"flat-{number}", flat)):
            row, hold = rows[name], holds[name]
            assert row.phase == hold.phase
            assert row.ct_actual_debit == charged == (BY_COST if hold.phase == 3 else FLAT)
        assert (holds[f"dear-{number}"].phase, holds[f"flat-{number}"].phase) == (3, 2)
