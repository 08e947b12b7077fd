"""The books checked against themselves. A sound ledger gives no findings, at any moment, even right after a crash."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute as Attribute

from camarad.database import Database
from camarad.models import CtHold, CtLedgerEntry, CtWallet, PaymentReversal, UsageRow


def _checks() -> dict[str, Select[str]]:
    """Each query names the workspaces, or requests, that break one rule. Sums are made in one pass over a table: an
    index by workspace would serve nothing else."""
    booked = _by_workspace(CtLedgerEntry.workspace_id, CtLedgerEntry.plan_delta, CtLedgerEntry.topup_delta)
    holding = _by_workspace(CtHold.workspace_id, CtHold.amount, only=CtHold.state == "held")
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
        .group_by(CtHold.request_id, CtHold.workspace_id, CtHold.state)
        .having(or_(entries != expected, rows != expected))
    )
    return {
        "the plan bucket is not the sum of its ledger entries": _differing(CtWallet.plan_balance, booked, "plan_delta"),
        "the top-up bucket is not the sum of its ledger entries": _differing(
            CtWallet.topup_balance, booked, "topup_delta"
        ),
        "held is not the sum of open holds": _differing(CtWallet.held, holding, "amount"),
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
        "a refund or dispute and its ledger entries disagree": select(PaymentReversal.id)
        .outerjoin(CtLedgerEntry, CtLedgerEntry.request_id == literal("reversal:") + PaymentReversal.id)
        .group_by(PaymentReversal.id, PaymentReversal.ct_taken)
        .having(func.coalesce(PaymentReversal.ct_taken, 0) != -func.coalesce(func.sum(CtLedgerEntry.topup_delta), 0)),
        "a usage row and its ledger entry disagree": select(UsageRow.request_id)
        .outerjoin(
            CtLedgerEntry,
            and_(
                CtLedgerEntry.workspace_id == UsageRow.workspace_id,
                CtLedgerEntry.request_id == UsageRow.request_id,
                CtLedgerEntry.kind == "debit",
            ),
        )
        .where(
            or_(
                func.coalesce(CtLedgerEntry.amount, 1) != -UsageRow.ct_actual_debit,
                CtLedgerEntry.at != UsageRow.at,
            )
        ),
    }


def _by_workspace(
    workspace: Attribute[str], *summed: Attribute[int], only: ColumnElement[bool] | None = None
) -> Subquery:
    sums = (func.sum(column).label(column.key) for column in summed)
    found = select(workspace, *sums).group_by(workspace)
    return (found if only is None else found.where(only)).subquery()


def _differing(bucket: Attribute[int], sums: Subquery, name: str) -> Select[str]:
    return (
        select(CtWallet.workspace_id)
        .outerjoin(sums, sums.c.workspace_id == CtWallet.workspace_id)
        .where(bucket != func.coalesce(sums.c[name], 0))
    )


async def audit(database: Database) -> list[str]:
    """Every broken rule with the first of its offenders."""
    findings = []
    async with database.read() as session:
        for rule, query in _checks().items():
            offenders = (await session.scalars(query.limit(5))).all()
            if offenders:
                findings.append(f"{rule}: {', '.join(offenders)}")
    return findings
