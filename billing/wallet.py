"""A workspace's CT: opening its wallet, putting CT in, giving a charge back, and what it shows.

A wallet has two buckets: the plan's CT, which lapse and are spent first, and topped-up CT, which stay. Every change
locks the wallet's row before it looks, as the meter's batches do, and writes its ledger row in the same transaction.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing.entry import entry
from billing.terms import day_number
from camarad.clock import Clock, SystemClock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, NotFound
from camarad.models import CtLedgerEntry, CtWallet, Workspace
from camarad.settings import Settings

Kind = Literal["grant", "topup"]
WELCOME = "welcome"
SYSTEM = SystemClock()


async def open_wallet(database: Database, workspace_id: str, grant: int = 0, clock: Clock = SYSTEM) -> bool:
    """Give a workspace its wallet with a first grant; False when it has one, which stays as it is."""
    async with database.write() as session:
        return await open_within(session, workspace_id, grant, clock)


async def open_within(
    session: AsyncSession, workspace_id: str, grant: int, clock: Clock, daily_cap: int | None = None
) -> bool:
    """The same as a part of the caller's transaction, as when the workspace itself is made: no workspace without a
    wallet. `daily_cap` is in CT, None for the server's alone."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    wallet = insert(CtWallet).values(workspace_id=workspace_id, daily_cap=daily_cap)
    if await session.scalar(wallet.on_conflict_do_nothing().returning(CtWallet.workspace_id)) is None:
        return False
    if grant:
        await _put(session, workspace_id, "grant", WELCOME, grant, clock)
    return True


async def grant(
    database: Database,
    workspace_id: str,
    amount: int,
    request_id: str,
    *,
    kind: Kind = "grant",
    clock: Clock = SYSTEM,
) -> bool:
    """Put CT into a wallet once for a request id: `grant` into the plan's bucket, `topup` into the lasting one.

    False when this request was booked before. Raises Conflict when it was booked with another amount.
    """
    if type(amount) is not int or amount <= 0:
        raise BadInput(f"A grant is a whole number of CT above 0, not {amount!r}.", code="bad_amount")
    async with database.write() as session:
        await _locked(session, workspace_id)
        before = await _entry(session, workspace_id, request_id, kind)
        if before is None:
            await _put(session, workspace_id, kind, request_id, amount, clock)
            return True
        if before.amount != amount:
            raise Conflict(f"{request_id} was booked with {before.amount} CT before.", code="idempotency_mismatch")
    return False


async def set_balance(
    database: Database, workspace_id: str, balance: int, request_id: str, clock: Clock = SYSTEM
) -> int:
    """Bring a wallet to a balance by one `adjust` entry of the plan's bucket; the CT put in or taken out.

    For demo workspaces whose balance a person chose. What is held or topped up stays covered.
    """
    async with database.write() as session:
        wallet = await _locked(session, workspace_id)
        delta = max(balance - wallet.topup_balance, wallet.held - wallet.topup_balance, 0) - wallet.plan_balance
        if delta:
            wallet.plan_balance += delta
            session.add(entry(workspace_id, request_id, "adjust", clock, plan=delta))
    return delta


async def refund(database: Database, workspace_id: str, request_id: str, clock: Clock = SYSTEM) -> int:
    """Give a call's debit back to the buckets it came from, once; the CT given back, 0 when it was done before.

    The use stays counted against the day's cap: the call did happen.
    """
    async with database.write() as session:
        wallet = await _locked(session, workspace_id)
        debit = await _entry(session, workspace_id, request_id, "debit")
        if debit is None:
            raise NotFound(f"No debit of {request_id} was booked.", code="unknown_request")
        if await _entry(session, workspace_id, request_id, "refund") is not None:
            return 0
        _book(session, debit, wallet, clock)
        return -debit.amount


async def take_back(
    session: AsyncSession, workspace_id: str, request_id: str, amount: int, clock: Clock = SYSTEM
) -> int | None:
    """Take topped-up CT out again, once for a request id; how many, None when that was done before.

    No more than there are, and none that cover calls under way: what is missing is the caller's to record. An entry is
    written for nothing too, so that a repeat cannot take CT that came later.
    """
    wallet = await _locked(session, workspace_id)
    if await _entry(session, workspace_id, request_id, "adjust") is not None:
        return None
    free = wallet.plan_balance + wallet.topup_balance - wallet.held
    taken = max(min(amount, wallet.topup_balance, free), 0)
    wallet.topup_balance -= taken
    session.add(entry(workspace_id, request_id, "adjust", clock, topup=-taken))
    return taken


async def give_again(session: AsyncSession, workspace_id: str, request_id: str, clock: Clock = SYSTEM) -> int:
    """What `take_back` took under this request id, put back once; 0 when it was before, or took nothing."""
    wallet = await _locked(session, workspace_id)
    taken = await _entry(session, workspace_id, request_id, "adjust")
    if taken is None or await _entry(session, workspace_id, request_id, "refund") is not None:
        return 0
    wallet.topup_balance -= taken.amount
    session.add(entry(workspace_id, request_id, "refund", clock, topup=-taken.amount))
    return -taken.amount


def _book(session: AsyncSession, debit: CtLedgerEntry, wallet: CtWallet, clock: Clock) -> None:
    wallet.plan_balance -= debit.plan_delta
    wallet.topup_balance -= debit.topup_delta
    back = {"plan": -debit.plan_delta, "topup": -debit.topup_delta}
    session.add(entry(debit.workspace_id, debit.request_id, "refund", clock, **back))


async def snapshot(database: Database, workspace_id: str, settings: Settings, clock: Clock) -> dict[str, Any]:
    """What `GET /api/user/snapshot` answers. A workspace without a wallet shows an empty one."""
    async with database.read() as session:
        wallet = await session.get(CtWallet, workspace_id)
        workspace = await session.get(Workspace, workspace_id)
    today = day_number(clock.now())
    return {
        "balance_ct": wallet.plan_balance + wallet.topup_balance if wallet else 0,
        "held_ct": wallet.held if wallet else 0,
        "spent_today_ct": wallet.day_used if wallet and wallet.day >= today else 0,
        "daily_cap_ct": _daily_cap(wallet, settings),
        "plan": {"code": workspace.plan_code if workspace else "free", "status": "not_configured"},
    }


def _daily_cap(wallet: CtWallet | None, settings: Settings) -> int:
    """The plan's cap, as far as the server's own allows it."""
    caps = [settings.max_daily_ct_per_workspace]
    if wallet is not None and wallet.daily_cap is not None:
        caps.append(wallet.daily_cap)
    return min(caps)


async def _locked(session: AsyncSession, workspace_id: str) -> CtWallet:
    """The wallet, its row locked against other writers but not against foreign keys."""
    wallet = await session.scalar(
        select(CtWallet).where(CtWallet.workspace_id == workspace_id).with_for_update(key_share=True)
    )
    if wallet is None:
        raise NotFound(f"The workspace {workspace_id} has no wallet.", code="wallet_missing")
    return wallet


async def _entry(session: AsyncSession, workspace_id: str, request_id: str, kind: str) -> CtLedgerEntry | None:
    found: CtLedgerEntry | None = await session.scalar(
        select(CtLedgerEntry).where(
            CtLedgerEntry.workspace_id == workspace_id,
            CtLedgerEntry.request_id == request_id,
            CtLedgerEntry.kind == kind,
        )
    )
    return found


async def _put(
    session: AsyncSession, workspace_id: str, kind: Kind, request_id: str, amount: int, clock: Clock
) -> None:
    wallet = await _locked(session, workspace_id)
    plan, topup = (amount, 0) if kind == "grant" else (0, amount)
    wallet.plan_balance += plan
    wallet.topup_balance += topup
    session.add(entry(workspace_id, request_id, kind, clock, plan=plan, topup=topup))
