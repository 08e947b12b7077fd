"""`python -m camarad billing simulate`: rehearse a calibration in minutes."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from agents.simulation.rehearsal import START, Plan, rehearse
from agents.simulation.report import report, write
from billing.commands import moment
from camarad.errors import BadInput
from camarad.log import configure_logs
from camarad.settings import load_settings

MODELS = "openai/gpt-5-mini,anthropic/claude-haiku-4-5"


def simulate(argv: list[str]) -> int:
    """Run traffic and the whole procedure; exit code 1 when the books do not balance."""
    given = _parser().parse_args(argv)
    plan = Plan(given.hours, given.workspaces, given.seed, tuple(m for m in given.models.split(",") if m), given.start)
    if given.report and not given.report.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {given.report.parent} to write the report to.", code="bad_folder")
    folder = given.data or _fresh_folder()
    configure_logs("error")  # faults are part of the traffic
    print(f"data: {folder}", flush=True)
    found = asyncio.run(rehearse(plan, folder, lambda step: print(f"… {step}", flush=True)))
    text = report(found)
    if given.report:
        write(given.report, text)
    print(f"\n{text}\n{sum(found.ends.values()) + sum(found.shadow_ends.values()):,} calls in {found.seconds:.0f} s")
    return 1 if found.findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m camarad billing simulate")
    parser.add_argument("--hours", type=int, default=48, help="hours of simulated traffic before the proposal")
    parser.add_argument("--workspaces", type=int, default=40, help="how many workspaces talk")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same traffic")
    parser.add_argument("--models", default=MODELS, help="models whose list prices are used, with commas between")
    parser.add_argument("--start", type=moment, default=START, help="when it begins, ISO 8601; else a fixed Monday")
    parser.add_argument("--data", type=Path, help="new folder for the simulated product's data")
    parser.add_argument("--report", type=Path, help="also write the report here, between its marks if it has them")
    return parser


def _fresh_folder() -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return load_settings().camarad_data_dir / "simulations" / stamp
