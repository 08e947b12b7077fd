"""`python -m camarad billing phase3 open --hours N | close | status`."""

from __future__ import annotations

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path

from billing import phase3
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.migrate import opened
from camarad.models import Phase3Window
from camarad.settings import Settings, load_settings

SHOWN = timedelta(days=7)


def phase3_command(argv: list[str]) -> int:
    """0 when it was done; `close` without an open window is done too."""
    parser = argparse.ArgumentParser(
        prog="python -m camarad billing phase3", description="Debit calls by what they cost, for a time."
    )
    parser.add_argument("act", choices=("open", "close", "status"))
    parser.add_argument("--hours", type=int, default=24, help="how long the window stays open, 1 to 168")
    parser.add_argument("--note", default="", help="why, for whoever reads it later")
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="folder for everything that is written")
    given = parser.parse_args(argv)
    overrides = {} if given.camarad_data_dir is None else {"camarad_data_dir": given.camarad_data_dir}
    print("\n".join(asyncio.run(_run(load_settings(**overrides), given))))
    return 0


async def _run(settings: Settings, given: argparse.Namespace) -> list[str]:
    clock = SystemClock(settings.camarad_today)
    async with opened(settings) as database:
        if given.act == "open":
            window = await phase3.open_window(database, clock, settings, given.hours, given.note)
            return [f"Calls are debited by cost until {_until(window)}."]
        if given.act == "close":
            closed = await phase3.close_window(database, clock)
            return [f"Closed {len(closed)}. Calls are debited by the flat tariff."]
        return await _status(database, clock, settings)


async def _status(database: Database, clock: SystemClock, settings: Settings) -> list[str]:
    now = clock.now()
    async with database.read() as session:
        window = await phase3.active_window(session, now)
        report = await phase3.report(session, settings, now, now - SHOWN)
    lines = [
        f"BILLING_PHASE3_ENABLED is {'on' if report['enabled'] else 'off'}.",
        f"A window is open until {_until(window)}." if window else "No window is open.",
        f"In 7 days {report['applied']} calls were debited {report['debited_ct']} CT by cost.",
    ]
    lines += [f"Refused with {code}: {count}" for code, count in report["refused"].items()]
    if window and not report["enabled"]:
        lines.append("The window does nothing while the setting is off.")
    return lines


def _until(window: Phase3Window) -> str:
    return f"{window.closes_at:%Y-%m-%d %H:%M:%S} UTC"
