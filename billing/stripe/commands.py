"""`python -m camarad billing sync-catalog` and `billing reconcile`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from billing.stripe.catalog_sync import CatalogReport
from billing.stripe.reconcile import ReconcileReport
from billing.stripe.service import NotConfigured, Payments
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.settings import Settings, load_settings

T = TypeVar("T")


def sync_catalog(argv: list[str]) -> int:
    """0 when Stripe has what the plans and packs say, 1 when something differs."""
    parser = argparse.ArgumentParser(
        prog="python -m camarad billing sync-catalog",
        description="Compare the plans and packs with Stripe's products, prices and features.",
    )
    parser.add_argument(
        "--apply", action="store_true", help="make and mend what differs; without it nothing is changed"
    )
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="folder for everything that is written")
    given = parser.parse_args(argv)
    overrides = {} if given.camarad_data_dir is None else {"camarad_data_dir": given.camarad_data_dir}
    report = asyncio.run(
        _with_payments(load_settings(**overrides), lambda payments: payments.sync_catalog(apply=given.apply))
    )
    print("\n".join(_catalog_lines(report)))
    return 1 if report.left else 0


def _catalog_lines(report: CatalogReport) -> list[str]:
    lines = [str(each) for each in report.differences] + report.notes
    if not report.differences:
        return [*lines, "Stripe has what the plans and packs say."]
    if not report.applied:
        return [*lines, f"{len(report.differences)} differences; nothing was changed. --apply mends them."]
    if report.left:
        return [*lines, "Still different:", *(str(each) for each in report.left)]
    return [*lines, f"{len(report.differences)} differences were mended."]


def reconcile(argv: list[str]) -> int:
    """0 when everything could be compared, 1 when something could not, or another process is at it."""
    parser = argparse.ArgumentParser(
        prog="python -m camarad billing reconcile", description="Compare everything stored with Stripe, and mend it."
    )
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="folder for everything that is written")
    given = {name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None}
    report = asyncio.run(_with_payments(load_settings(**given), lambda payments: payments.reconcile()))
    print("\n".join(_reconcile_lines(report)))
    return 1 if report.busy or report.failed else 0


def _reconcile_lines(report: ReconcileReport) -> list[str]:
    if report.busy:
        return ["Another process is reconciling right now; nothing was done."]
    return [
        f"{report.accounts} workspaces compared with Stripe, {len(report.repaired)} mended, "
        f"{report.events} waiting events handled.",
        *(f"  mended  {workspace}: {', '.join(changes)}" for workspace, changes in report.repaired.items()),
        *(f"  problem {workspace}: {' '.join(problems)}" for workspace, problems in report.problems.items()),
        *(f"  failed  {workspace}: {reason}" for workspace, reason in report.failed.items()),
    ]


async def _with_payments(settings: Settings, work: Callable[[Payments], Awaitable[T]]) -> T:
    if settings.stripe_secret_key is None:
        raise NotConfigured("Stripe is not configured.")
    database: Any = Database.of(settings)
    payments = Payments(settings, database, SystemClock(settings.camarad_today))
    try:
        return await work(payments)
    finally:
        await payments.close()
        await database.close()
