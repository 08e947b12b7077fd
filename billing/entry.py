"""One line of the ledger, as everything but the meter's batches writes it."""

from __future__ import annotations

from camarad.clock import Clock
from camarad.models import CtLedgerEntry


def entry(
    workspace_id: str, request_id: str, kind: str, clock: Clock, *, plan: int = 0, topup: int = 0
) -> CtLedgerEntry:
    """`plan` and `topup` are signed CT of the two buckets; their sum is the amount."""
    return CtLedgerEntry(
        workspace_id=workspace_id,
        request_id=request_id,
        kind=kind,
        amount=plan + topup,
        plan_delta=plan,
        topup_delta=topup,
        at=clock.now(),
    )
