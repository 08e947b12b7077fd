"""Rehearse Phase 3 and its rollback, with kills, and prove that not one CT is off: see docs/phase3.md.

    scripts/phase3_drill.sh [--data DIR] [--out report.md]      the whole drill, in a data folder of its own
    scripts/phase3_drill.sh --recount DIR                       only recount the books of a stopped server's data folder

Ends with 1 when anything does not add up.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from drill import recount  # noqa: E402
from drill.server import DrillFailed, DrillServer  # noqa: E402
from drill.steps import Drill  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder that is empty or not there; it is kept")
    parser.add_argument("--out", type=Path, help="file for the report, Markdown")
    parser.add_argument("--recount", type=Path, metavar="DIR", help="only recount what is in this data folder")
    given = parser.parse_args()
    if given.recount:
        return _recount(given.recount)
    if given.data and given.data.exists() and any(given.data.iterdir()):
        parser.error(f"{given.data} is not empty; the drill needs books of its own.")
    data = given.data or Path(tempfile.mkdtemp(prefix="camarad-drill-"))
    try:
        return _drill(data, given.out)
    finally:
        if given.data is None:
            shutil.rmtree(data, ignore_errors=True)


def _recount(data: Path) -> int:
    if not (data / "camarad.db").exists():
        print(f"There is no camarad.db in {data}.", file=sys.stderr)
        return 2
    found = recount.findings(recount.read(data))
    _say_findings(found)
    return 1 if found else 0


def _drill(data: Path, out: Path | None) -> int:
    began = time.monotonic()
    drill = Drill(data, DrillServer(data))
    try:
        drill.run()
        drill.reconcile()
    except DrillFailed as error:
        print(f"DRILL FAILED: {error}", file=sys.stderr)
        return 1
    report = _report(drill, int(time.monotonic() - began))
    if out:
        out.write_text(report)
    print("\n" + report)
    _say_findings(drill.findings)
    return 1 if drill.findings else 0


def _say_findings(findings: list[str]) -> None:
    for each in findings:
        print(f"OFF: {each}", file=sys.stderr)
    verdict = f"DRILL FAILED: {len(findings)} findings" if findings else "Not one CT is off."
    print(verdict, file=sys.stderr if findings else sys.stdout)


def _report(drill: Drill, seconds: int) -> str:
    books = recount.read(drill.data)
    lines = [
        "# Phase 3 drill",
        "",
        f"**{'FAILED' if drill.findings else 'Passed'}** in {seconds} seconds: {len(books.usage)} calls, "
        f"{len(drill.findings)} findings.",
        "",
        "| step | what happened |",
        "| --- | --- |",
        *(f"| {step} | {words} |" for step, words in drill.notes),
        "",
        "| phase | calls | CT debited | CT by cost | cost, micro-EUR |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(_phase_row(books, phase) for phase in (2, 3)),
        "",
        "| workspace | granted | debited | balance | held | refused |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        *(_workspace_row(books, person.name, person.workspace_id) for person in drill.people),
    ]
    if drill.findings:
        lines += ["", "## What is off", "", *(f"- {each}" for each in drill.findings)]
    return "\n".join(lines) + "\n"


def _phase_row(books: recount.Books, phase: int) -> str:
    rows = [row for row in books.usage.values() if row["phase"] == phase]
    sums = (sum(row[name] or 0 for row in rows) for name in ("ct_actual_debit", "ct_shadow_debit", "cost_micro_eur"))
    return f"| {phase} | {len(rows)} | " + " | ".join(f"{each:,}" for each in sums) + " |"


def _workspace_row(books: recount.Books, name: str, workspace: str) -> str:
    entries = [entry for entry in books.ledger if entry["workspace_id"] == workspace]
    debited = -sum(entry["amount"] for entry in entries if entry["kind"] == "debit")
    wallet = books.wallets[workspace]
    refused = Counter(row["code"] for row in books.refusals if row["workspace_id"] == workspace)
    words = ", ".join(f"{code}: {count}" for code, count in refused.items()) or "–"
    balance = wallet["plan_balance"] + wallet["topup_balance"]
    granted = sum(entry["amount"] for entry in entries) + debited
    return f"| {name} | {granted:,} | {debited:,} | {balance:,} | {wallet['held']} | {words} |"


if __name__ == "__main__":
    sys.exit(main())
