"""`python -m camarad billing calibrate`: the proposal in words, its application, its promotion."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from billing.calibration import Ask, apply, check, promote, propose
from billing.calibration.report import proposal_text, rate_text
from camarad.clock import SystemClock
from camarad.errors import BadInput
from camarad.migrate import opened
from camarad.settings import Settings, load_settings


def calibrate(argv: list[str]) -> int:
    """Show a proposal, or apply or promote one; exit code 1 when the evidence does not allow one."""
    given = _parser().parse_args(argv)
    settings = load_settings(**({"camarad_data_dir": given.data} if given.data else {}))
    said = asyncio.run(_run(settings, given))
    print(json.dumps(said, indent=2) if given.json else _text(said))
    return 0 if said.get("applicable", True) and said.get("ready", True) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m camarad billing calibrate")
    parser.add_argument("--window-hours", type=int, default=48, help="hours of traffic to look at, 24 to 720")
    parser.add_argument("--invoiced-eur-micro", type=int, help="what providers charged for these hours, if known")
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--apply", metavar="ID", help="make this proposal the shadow rate")
    step.add_argument("--check", metavar="ID", help="how an applied proposal has done in the shadow")
    step.add_argument("--promote", metavar="ID", help="make an applied proposal the debit rate")
    parser.add_argument("--data", type=Path, help="data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


async def _run(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    clock = SystemClock()
    async with opened(settings) as database:
        for step, chosen in ((apply, given.apply), (check, given.check), (promote, given.promote)):
            if chosen is not None:
                if not chosen:
                    raise BadInput("Name the proposal by its id.", code="proposal_required")
                return await step(settings, database, clock, chosen)
        ask = Ask(given.window_hours, invoiced=given.invoiced_eur_micro)
        return await propose(settings, database, clock, ask)


def _text(said: dict[str, Any]) -> str:
    if "guards" in said:
        return proposal_text(said)
    if "version" in said:
        return rate_text(said)
    return "\n".join(f"{name}: {value}" for name, value in said.items())
