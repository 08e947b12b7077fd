"""Everything stored compared with Stripe and mended: what repairs events that never came.

One process at a time does it. A workspace that cannot be asked about is counted and left for the next time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from billing.stripe.accounts import Accounts
from billing.stripe.events import Events
from billing.stripe.lease import Lease
from billing.stripe.refresh import Refresher
from camarad.errors import CamaradError
from camarad.log import get_logger

AT_ONCE: Final = 4  # customers asked about together
NAME: Final = "stripe-reconcile"

log = get_logger(__name__)


@dataclass(slots=True)
class ReconcileReport:
    """`repaired` maps workspaces to what was not as Stripe had it; `problems` to what nothing can be made of; `failed`
    to why they could not be asked about. `busy`: another process was at it, nothing was done."""

    accounts: int = 0
    events: int = 0
    repaired: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Reconciler:
    accounts: Accounts
    events: Events
    refresher: Refresher
    lease: Lease

    async def run(self, unless_done_within: timedelta = timedelta(0)) -> ReconcileReport:
        report = ReconcileReport()
        if not await self.lease.take(unless_done_within):
            report.busy = True
            return report
        finished = False
        try:
            await self._all(report)
            finished = True
        finally:
            await asyncio.shield(self.lease.give_back(finished=finished))
        log.info(
            "stripe_reconciled",
            accounts=report.accounts,
            events=report.events,
            repaired=len(report.repaired),
            problems=len(report.problems),
            failed=len(report.failed),
        )
        return report

    async def _all(self, report: ReconcileReport) -> None:
        workspaces = await self.accounts.all_alive()
        report.accounts = len(workspaces)
        for start in range(0, len(workspaces), AT_ONCE):
            await asyncio.gather(*(self._one(each, report) for each in workspaces[start : start + AT_ONCE]))
            if not await self.lease.keep():
                return
        for event_id in await self.events.waiting():
            await self.events.handle(event_id)
            report.events += 1
            await self.lease.keep()

    async def _one(self, workspace_id: str, report: ReconcileReport) -> None:
        try:
            found = await self.refresher.refresh(workspace_id)
        except CamaradError as error:
            report.failed[workspace_id] = error.message
            return
        if found.changes:
            log.warning("stripe_repaired", workspace_id=workspace_id, changes=list(found.changes))
            report.repaired[workspace_id] = found.changes
        if found.problems:
            report.problems[workspace_id] = found.problems
