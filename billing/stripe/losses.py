"""Every refund and dispute, over all workspaces, for operators: what went back, and which CT were used by then."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, func, select

from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import PaymentReversal

LIMIT: Final = 100
MOST: Final = 500
LOST: Final = PaymentReversal.ct_missing > 0


async def losses(database: Database, limit: int = LIMIT, *, only_lost: bool = False) -> dict[str, Any]:
    """The newest ones, of all or of those that took less CT than their share; the totals are of all. `more` says that
    there are others. Raises BadInput for a limit that is none."""
    if not 1 <= limit <= MOST:
        raise BadInput(f"limit is a whole number from 1 to {MOST}.", code="bad_limit")
    newest = select(PaymentReversal).order_by(PaymentReversal.created_at.desc(), PaymentReversal.id)
    wanted = newest.where(LOST) if only_lost else newest
    async with database.snapshot() as session:
        reversals, taken, missing, lost = (await session.execute(_totals())).one()
        rows = [*await session.scalars(wanted.limit(limit + 1))]
    return {
        "totals": {
            "reversals": reversals,
            "with_missing": lost,
            "ct_taken": int(taken or 0),
            "ct_missing": int(missing or 0),
        },
        "reversals": [_view(row) for row in rows[:limit]],
        "more": len(rows) > limit,
    }


def _totals() -> Select[int, int | None, int | None, int]:
    taken, missing = PaymentReversal.ct_taken, PaymentReversal.ct_missing
    return select(
        func.count(),
        func.sum(taken),
        func.sum(missing),
        func.count().filter(LOST),
    ).select_from(PaymentReversal)


def _view(row: PaymentReversal) -> dict[str, Any]:
    return {
        "id": row.id,
        "workspace_id": row.workspace_id,
        "kind": row.kind,
        "status": row.status,
        "reason": row.reason,
        "payment_id": row.payment_id,
        "amount_cents": row.amount_cents,
        "currency": row.currency,
        "ct_taken": row.ct_taken,
        "ct_missing": row.ct_missing,
        "created_at": row.created_at.isoformat(),
    }
