"""A plan's CT from one paid period to the next: what was left expires, the new ones come, in one transaction.

What is held for calls under way stays covered (`plan + topup >= held`): that much of the plan's CT does not expire.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.entry import entry
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import NotFound
from camarad.models import CtLedgerEntry, CtWallet


async def renew(
    database: Database,
    workspace_id: str,
    *,
    period_id: str,
    ct: int,
    daily_cap: int,
    clock: Clock,
    at_most: int | None = None,
) -> bool:
    """Expire what is left of the plan's CT, or `at_most` so many of them, and grant `ct`, once for a period; False when
    it was booked before."""
    request_id = f"period:{period_id}"
    async with database.write() as session:
        wallet = await _locked(session, workspace_id)
        if await _booked(session, workspace_id, request_id, "grant"):
            return False
        if wallet.plan_balance:
            _expire(session, wallet, request_id, clock, coming=ct, at_most=at_most)
        wallet.plan_balance += ct
        wallet.daily_cap = daily_cap
        session.add(entry(workspace_id, request_id, "grant", clock, plan=ct))
    return True


async def lapse(database: Database, workspace_id: str, *, period_id: str, daily_cap: int, clock: Clock) -> bool:
    """The plan ended: what is left of its CT expires and nothing comes; False when it was booked before.

    An entry is written even when nothing is left, so that a repeat cannot take CT that came later.
    """
    request_id = f"lapse:{period_id}"
    async with database.write() as session:
        wallet = await _locked(session, workspace_id)
        if await _booked(session, workspace_id, request_id, "expire"):
            return False
        _expire(session, wallet, request_id, clock, coming=0)
        wallet.daily_cap = daily_cap
    return True


async def set_daily_cap(session: AsyncSession, workspace_id: str, cap: int) -> None:
    wallet = await session.get(CtWallet, workspace_id, with_for_update={"key_share": True})
    if wallet is not None:
        wallet.daily_cap = cap


def _expire(
    session: AsyncSession,
    wallet: CtWallet,
    request_id: str,
    clock: Clock,
    *,
    coming: int,
    at_most: int | None = None,
) -> None:
    kept = max(wallet.held - wallet.topup_balance - coming, 0)
    amount = max(wallet.plan_balance - kept, 0)
    if at_most is not None:
        amount = min(amount, at_most)
    wallet.plan_balance -= amount
    session.add(entry(wallet.workspace_id, request_id, "expire", clock, plan=-amount))


async def _locked(session: AsyncSession, workspace_id: str) -> CtWallet:
    wallet = await session.scalar(
        select(CtWallet).where(CtWallet.workspace_id == workspace_id).with_for_update(key_share=True)
    )
    if wallet is None:
        raise NotFound(f"The workspace {workspace_id} has no wallet.", code="wallet_missing")
    return wallet


async def _booked(session: AsyncSession, workspace_id: str, request_id: str, kind: str) -> bool:
    found = await session.scalar(
        select(CtLedgerEntry.id).where(
            CtLedgerEntry.workspace_id == workspace_id,
            CtLedgerEntry.request_id == request_id,
            CtLedgerEntry.kind == kind,
        )
    )
    return found is not None
