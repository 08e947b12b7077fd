"""The books checked against themselves. A sound ledger gives no findings, at any moment, even right after a crash."""

from __future__ import annotations

from sqlalchemy import Select, and_, case, func, or_, select

from camarad.database import Database
from camarad.models import CtHold, CtLedgerEntry, CtWallet, UsageRow


def _sum_of_entries(column: object) -> object:
    return (
        select(func.coalesce(func.sum(column), 0))
        .where(CtLedgerEntry.workspace_id == CtWallet.workspace_id)
        .scalar_subquery()
    )


def _checks() -> dict[str, Select[str]]:
    """Each query names the workspaces, or requests, that break one rule."""
    open_holds = (
        select(func.coalesce(func.sum(CtHold.amount), 0))
        .where(CtHold.workspace_id == CtWallet.workspace_id, CtHold.state == "held")
        .scalar_subquery()
    )
    same_debit = and_(
        CtLedgerEntry.workspace_id == CtHold.workspace_id,
        CtLedgerEntry.request_id == CtHold.request_id,
        CtLedgerEntry.kind == "debit",
    )
    same_usage = and_(UsageRow.workspace_id == CtHold.workspace_id, UsageRow.request_id == CtHold.request_id)
    entries = func.count(func.distinct(CtLedgerEntry.id))
    rows = func.count(func.distinct(UsageRow.id))
    expected = case((CtHold.state == "settled", 1), else_=0)
    mismatched = (
        select(CtHold.request_id)
        .outerjoin(CtLedgerEntry, same_debit)
        .outerjoin(UsageRow, same_usage)
        .group_by(CtHold.workspace_id, CtHold.request_id, CtHold.state)
        .having(or_(entries != expected, rows != expected))
    )
    return {
        "the plan bucket is not the sum of its ledger entries": select(CtWallet.workspace_id).where(
            CtWallet.plan_balance != _sum_of_entries(CtLedgerEntry.plan_delta)
        ),
        "the top-up bucket is not the sum of its ledger entries": select(CtWallet.workspace_id).where(
            CtWallet.topup_balance != _sum_of_entries(CtLedgerEntry.topup_delta)
        ),
        "held is not the sum of open holds": select(CtWallet.workspace_id).where(CtWallet.held != open_holds),
        "a bucket is below zero or does not cover the holds": select(CtWallet.workspace_id).where(
            or_(
                CtWallet.plan_balance < 0,
                CtWallet.topup_balance < 0,
                CtWallet.held < 0,
                CtWallet.plan_balance + CtWallet.topup_balance < CtWallet.held,
            )
        ),
        "a hold has not exactly one debit and one usage row when settled, and none otherwise": mismatched,
        "a debit has no hold": select(CtLedgerEntry.request_id)
        .outerjoin(CtHold, same_debit)
        .where(CtLedgerEntry.kind == "debit", CtHold.state.is_(None)),
        "a usage row and its ledger entry disagree": select(UsageRow.request_id)
        .outerjoin(
            CtLedgerEntry,
            and_(
                CtLedgerEntry.workspace_id == UsageRow.workspace_id,
                CtLedgerEntry.request_id == UsageRow.request_id,
                CtLedgerEntry.kind == "debit",
            ),
        )
        .where(func.coalesce(CtLedgerEntry.amount, 1) != -UsageRow.ct_actual_debit),
    }


async def audit(database: Database) -> list[str]:
    """Every broken rule with the first of its offenders."""
    findings = []
    async with database.read() as session:
        for rule, query in _checks().items():
            offenders = (await session.scalars(query.limit(5))).all()
            if offenders:
                findings.append(f"{rule}: {', '.join(offenders)}")
    return findings
