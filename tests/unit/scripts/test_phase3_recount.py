"""The drill's recount finds every CT that is off: a sound ledger is falsified in each way there is."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from billing import phase3
from billing.call import Reservation
from billing.meter import Meter
from billing.wallet import open_wallet
from tests.support.metering import WORKSPACE, settlement

ROOT = Path(__file__).resolve().parents[3]
FALSIFIED = {
    "a CT more on a usage row": "UPDATE usage SET ct_actual_debit = ct_actual_debit + 1 WHERE request_id = 'dear-1'",
    "a CT less in the shadow": "UPDATE usage SET ct_shadow_debit = ct_shadow_debit - 1 WHERE request_id = 'flat-0'",
    "a micro-EUR of cost": "UPDATE usage SET cost_micro_eur = cost_micro_eur + 1 WHERE request_id = 'flat-1'",
    "a token": "UPDATE usage SET tokens_in = tokens_in + 1000 WHERE request_id = 'flat-1'",
    "the phase of a charge": "UPDATE usage SET phase = 2 WHERE request_id = 'dear-0'",
    "the phase of a call": "UPDATE ct_holds SET phase = 3 WHERE request_id = 'flat-0'",
    "the time of a call": "UPDATE ct_holds SET created_at = '2026-11-20 23:00:00.000000' WHERE request_id = 'dear-0'",
    "the balance": "UPDATE ct_wallets SET plan_balance = plan_balance - 1",
    "topped-up CT": "UPDATE ct_wallets SET topup_balance = topup_balance + 1",
    "what is held": "UPDATE ct_wallets SET held = held + 1",
    "the shortfall": "UPDATE ct_wallets SET shortfall = 1",
    "a debit": "UPDATE ct_ledger SET amount = amount - 1, plan_delta = plan_delta - 1 WHERE request_id = 'dear-0'",
    "a debit and its balance": "UPDATE ct_ledger SET amount = amount - 1, plan_delta = plan_delta - 1 "
    "WHERE request_id = 'dear-0'; UPDATE ct_wallets SET plan_balance = plan_balance - 1",
    "a whole charge, all rows alike": "UPDATE ct_ledger SET amount = amount - 1, plan_delta = plan_delta - 1 "
    "WHERE request_id = 'dear-0'; UPDATE ct_wallets SET plan_balance = plan_balance - 1; UPDATE usage "
    "SET ct_actual_debit = ct_actual_debit + 1 WHERE request_id = 'dear-0'; "
    "UPDATE ct_holds SET actual = actual + 1 WHERE request_id = 'dear-0'",
    "a lost usage row": "DELETE FROM usage WHERE request_id = 'dear-0'",
    "a lost hold": "DELETE FROM ct_holds WHERE request_id = 'dear-0'",
    "a lost grant": "DELETE FROM ct_ledger WHERE kind = 'grant'",
    "a second debit": "INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at) "
    "SELECT workspace_id, request_id || '-again', kind, amount, plan_delta, topup_delta, at FROM ct_ledger "
    "WHERE request_id = 'dear-0'; UPDATE ct_wallets SET plan_balance = plan_balance - 17",
    "a rate": "UPDATE price_stamps SET numbers = replace(numbers, '\"margin_bp\":4000', '\"margin_bp\":4001')",
    "a window": "UPDATE phase3_windows SET closed_at = opens_at",
}


@pytest.fixture(scope="module")
def recount():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("drill.recount")
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture
async def books(sqlite_database, settings, clock):
    """A data folder after two calls by the flat tariff, two by cost and one that is under way."""
    prices = {"test/dear": {"input": 10_000_000, "output": 0}}
    on = settings.model_copy(update={"billing_phase3_enabled": True, "camarad_model_prices": prices})
    await open_wallet(sqlite_database, WORKSPACE, 100, clock)
    meter = Meter(sqlite_database, on, clock)
    await meter.start()
    for name in ("flat", "dear"):
        for n in range(2):
            await meter.reserve(Reservation(WORKSPACE, f"{name}-{n}", 1, 17))
            await meter.settle(settlement(f"{name}-{n}", 1000, 0, model="test/dear"))
        clock.advance(timedelta(hours=1))
        if name == "flat":
            await phase3.open_window(sqlite_database, clock, on, 2)
    await meter.reserve(Reservation(WORKSPACE, "under way", 1, 17))
    await meter.close()
    return on.camarad_data_dir


async def test_sound_books_have_no_findings(recount, books):
    found = recount.read(books)
    assert recount.findings(found) == []
    assert (len(found.usage), len(found.holds)) == (4, 5)


async def test_whatever_is_falsified_is_found(recount, books, tmp_path):
    unseen = []
    for what, statements in FALSIFIED.items():
        copy = tmp_path / "copy"
        shutil.copytree(books, copy)
        with closing(sqlite3.connect(copy / "camarad.db")) as database:
            before = database.total_changes
            database.executescript(f"PRAGMA ignore_check_constraints = ON; {statements}")
            assert database.total_changes > before, what
        if not recount.findings(recount.read(copy)):
            unseen.append(what)
        shutil.rmtree(copy)
    assert unseen == []


async def test_the_command_fails_loudly_over_one_falsified_row(books):
    def command():
        ran = [sys.executable, "scripts/phase3_drill.py", "--recount", str(books)]
        return subprocess.run(ran, cwd=ROOT, capture_output=True, text=True)

    assert command().returncode == 0
    with closing(sqlite3.connect(books / "camarad.db", isolation_level=None)) as database:
        database.execute(FALSIFIED["a CT more on a usage row"])
    failed = command()
    assert failed.returncode == 1
    assert "DRILL FAILED" in failed.stderr
    assert "dear-1 took 17 CT, its usage row says 18" in failed.stderr
