"""Processes killed with SIGKILL while metering: what was acknowledged is there, and nothing is there twice."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from billing.audit import audit
from billing.meter import Meter
from billing.wallet import open_wallet
from camarad.clock import ManualClock
from camarad.models import CtHold, CtLedgerEntry, CtWallet
from tests.support.ledger_worker import debit_of
from tests.support.metering import WORKSPACE

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
GRANT = 4_000  # below what the calls would like, so that overspending would show
CALLS = 1_500
KILLS = 4


class Worker:
    def __init__(self, url: str, journal: Path) -> None:
        command = [sys.executable, "-m", "tests.support.ledger_worker", url, str(journal), str(CALLS)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline().strip() == "READY"

    def kill(self) -> bool:
        """True when it was still at work."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        return self.process.returncode == -9

    def finish(self) -> int:
        self.process.communicate(timeout=200)
        return self.process.returncode


def acknowledged(journal: Path) -> dict[int, int]:
    """The CT each call was told it paid; every repeat must have been told the same."""
    paid: dict[int, int] = {}
    for line in journal.read_text().splitlines():
        call, outcome, *ct = line.split()
        if outcome == "settled":
            assert paid.setdefault(int(call), int(ct[0])) == int(ct[0])
    return paid


async def check(database, settings, journal):
    assert await audit(database) == []
    paid = acknowledged(journal)
    assert paid
    async with database.read() as session:
        debits = select(CtLedgerEntry).where(CtLedgerEntry.kind == "debit")
        booked = {int(e.request_id.removeprefix("call-")): -e.amount for e in await session.scalars(debits)}
        wallet = await session.get(CtWallet, WORKSPACE)
    assert {call: booked.get(call) for call in paid} == paid
    assert wallet.plan_balance == GRANT - sum(booked.values()) >= 0
    assert all(ct <= debit_of(call) for call, ct in booked.items())
    later = Meter(database, settings, ManualClock(datetime.now(UTC) + timedelta(days=1)))
    await later.start()
    await later.sweep()
    await later.close()
    async with database.read() as session:
        assert (await session.get(CtWallet, WORKSPACE, populate_existing=True)).held == 0
        assert (await session.scalars(select(CtHold).where(CtHold.state == "held"))).first() is None
    assert await audit(database) == []


async def test_a_killed_process_loses_and_doubles_nothing(database, database_url, settings, tmp_path):
    await open_wallet(database, WORKSPACE, GRANT)
    journal = tmp_path / "journal"
    journal.touch()
    chance, killed = random.Random(5), 0
    for _ in range(KILLS):
        worker = Worker(database_url, journal)
        assert worker.ready
        time.sleep(chance.uniform(0.02, 0.2))
        killed += worker.kill()
        assert await audit(database) == []
    assert killed
    assert Worker(database_url, journal).finish() == 0
    await check(database, settings, journal)


async def test_two_processes_with_the_same_calls_and_one_killed(database, database_url, settings, tmp_path):
    await open_wallet(database, WORKSPACE, GRANT)
    journal = tmp_path / "journal"
    journal.touch()
    first, second = Worker(database_url, journal), Worker(database_url, journal)
    time.sleep(0.2)
    first.kill()
    assert second.finish() == 0
    await check(database, settings, journal)
