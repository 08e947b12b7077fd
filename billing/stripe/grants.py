"""The CT that were paid for, booked exactly once each: the ledger's own request ids say what was booked.

A period's CT take the place of what was left of the one before. The first paid period adds to what a workspace had, and
a period that is paid after a later one adds too: nobody loses CT by paying. When no subscription gives a plan any more,
what is left of the last paid period ends with it. Topped-up CT stay through all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update

from billing import renewal, wallet
from billing.plans import FREE, PACKS, plan
from billing.stripe.reversals import Reversals
from billing.stripe.state import CustomerState, PaidCt
from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.models import BillingAccount, CheckoutSession, CtLedgerEntry, CtWallet, Membership

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Grants:
    database: Database
    clock: Clock

    async def book(self, workspace_id: str, state: CustomerState) -> list[str]:
        """The request ids booked now. What Stripe says of a customer it does not know changes nothing."""
        if state.missing or not await self._has_wallet(workspace_id):
            return []
        done = await self._periods(workspace_id, state.paid, state.unpaid)
        done += await self._lapse(workspace_id, state)
        done += await self._packs(workspace_id, state)
        done += await Reversals(self.database, self.clock).book(workspace_id)
        return done

    async def _has_wallet(self, workspace_id: str) -> bool:
        """A workspace whose data were erased has no members and gets no wallet again."""
        async with self.database.read() as session:
            if await session.get(CtWallet, workspace_id) is not None:
                return True
            members = await session.scalar(select(exists().where(Membership.workspace_id == workspace_id)))
        if members:
            await wallet.open_wallet(self.database, workspace_id, clock=self.clock)
        return bool(members)

    async def _periods(self, workspace_id: str, paid: tuple[PaidCt, ...], unpaid: tuple[PaidCt, ...]) -> list[str]:
        known = (*paid, *unpaid)
        booked = await self._booked(workspace_id, [_request(each) for each in known])
        newest = max((each.start for each in known if each.whole and _request(each) in booked), default=None)
        done = []
        for each in paid:
            if _request(each) in booked:
                continue
            if each.whole and newest is not None and each.start >= newest:
                kept = max((one.start for one in paid if one.whole and _request(one) in booked), default=None)
                await self._renew(workspace_id, each, _returned(unpaid, booked, kept))
            else:
                await self._add(workspace_id, each)
            if each.whole:
                newest = each.start if newest is None else max(newest, each.start)
            done.append(_request(each))
            booked.add(_request(each))
            log.info("paid_ct_booked", workspace_id=workspace_id, period=each.id, plan=each.plan_code, ct=each.ct)
        return done

    async def _renew(self, workspace_id: str, paid: PaidCt, returned: int | None) -> None:
        """In the place of the period before; of one that was given back its own CT alone go."""
        await renewal.renew(
            self.database,
            workspace_id,
            period_id=paid.id,
            ct=paid.ct,
            daily_cap=plan(paid.plan_code).daily_ct_cap,
            clock=self.clock,
            at_most=returned,
        )

    async def _add(self, workspace_id: str, paid: PaidCt) -> None:
        await wallet.grant(self.database, workspace_id, paid.ct, _request(paid), clock=self.clock)

    async def _booked(self, workspace_id: str, requests: list[str]) -> set[str]:
        async with self.database.read() as session:
            found = await session.scalars(
                select(CtLedgerEntry.request_id).where(
                    CtLedgerEntry.workspace_id == workspace_id,
                    CtLedgerEntry.request_id.in_(requests),
                    CtLedgerEntry.kind == "grant",
                )
            )
            return set(found)

    async def _lapse(self, workspace_id: str, state: CustomerState) -> list[str]:
        whole = [each for each in state.paid if each.whole]
        if state.counting is not None or not whole:
            return []
        last = max(whole, key=lambda each: each.start)
        async with self.database.read() as session:
            account = await session.get_one(BillingAccount, workspace_id)
        if account.lapsed_period == last.id:
            return []
        await renewal.lapse(
            self.database,
            workspace_id,
            period_id=f"{last.id}:ended",
            daily_cap=FREE.daily_ct_cap,
            clock=self.clock,
        )
        async with self.database.write() as session:
            await session.execute(
                update(BillingAccount).where(BillingAccount.workspace_id == workspace_id).values(lapsed_period=last.id)
            )
        return [f"lapse:{last.id}"]

    async def _packs(self, workspace_id: str, state: CustomerState) -> list[str]:
        done = []
        for each in state.checkouts:
            if each.paid and await self._pack(workspace_id, each.id):
                done.append(f"topup:{each.id}")
        return done

    async def _pack(self, workspace_id: str, checkout_id: str) -> bool:
        """Of a Checkout opened from here for this workspace; booked before it counts as done."""
        async with self.database.read() as session:
            row = await session.get(CheckoutSession, checkout_id)
        pack = next((each for each in PACKS if row is not None and each.code == row.code), None)
        if row is None or pack is None or row.workspace_id != workspace_id or row.purpose != "topup":
            return False
        if row.state == "complete":
            return False
        request = f"topup:{checkout_id}"
        new = await wallet.grant(self.database, workspace_id, pack.ct, request, kind="topup", clock=self.clock)
        async with self.database.write() as session:
            await session.execute(
                update(CheckoutSession)
                .where(CheckoutSession.id == checkout_id)
                .values(state="complete", completed_at=self.clock.now())
            )
        return new


def _returned(unpaid: tuple[PaidCt, ...], booked: set[str], kept: datetime | None) -> int | None:
    """The CT of the period that was booked last, when it was given back since; None when it was not."""
    gone = [one for one in unpaid if one.whole and _request(one) in booked]
    last = max(gone, key=lambda one: one.start, default=None)
    return last.ct if last is not None and (kept is None or last.start > kept) else None


def _request(paid: PaidCt) -> str:
    """As `wallet.renew` names it."""
    return f"period:{paid.id}"
