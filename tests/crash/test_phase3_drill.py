"""The whole drill, as an operator runs it; then one row of its books is falsified, and it fails."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]


def drill(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/phase3_drill.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_drill_passes_and_one_falsified_row_fails_it(tmp_path: Path) -> None:
    data, report = tmp_path / "data", tmp_path / "report.md"
    passed = drill("--data", str(data), "--out", str(report))
    assert passed.returncode == 0, passed.stdout + passed.stderr
    said = report.read_text()
    assert "**Passed**" in said
    for step in ("shadow", "open", "dear", "caps", "kill -9", "rollback", "reconcile"):
        assert f"| {step} |" in said
    with closing(sqlite3.connect(data / "camarad.db", isolation_level=None)) as database:
        database.execute(
            "UPDATE ct_ledger SET amount = amount - 1, plan_delta = plan_delta - 1 WHERE id = "
            "(SELECT max(id) FROM ct_ledger WHERE kind = 'debit')"
        )
    failed = drill("--recount", str(data))
    assert failed.returncode == 1
    assert "DRILL FAILED" in failed.stderr
