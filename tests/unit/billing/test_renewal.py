"""A plan's CT from period to period: each booked once, and never below what is held."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from billing.audit import audit
from billing.call import Reservation
from billing.renewal import lapse, renew
from billing.wallet import grant, open_wallet
from camarad.models import CtLedgerEntry, CtWallet
from tests.support.metering import WORKSPACE


async def state(database):
    async with database.read() as session:
        wallet = await session.get_one(CtWallet, WORKSPACE)
        entries = await session.scalars(select(CtLedgerEntry).order_by(CtLedgerEntry.id))
        booked = [(e.kind, e.request_id, e.amount) for e in entries if e.request_id != "welcome"]
    assert await audit(database) == []
    return wallet.plan_balance, wallet.topup_balance, wallet.daily_cap, booked


async def test_a_period_is_booked_once_however_often_it_is_told(database, clock):
    await open_wallet(database, WORKSPACE, 30, clock)
    await grant(database, WORKSPACE, 5, "pack", kind="topup", clock=clock)
    told = [renew(database, WORKSPACE, period_id="one", ct=100, daily_cap=40, clock=clock) for _ in range(4)]
    assert sorted(await asyncio.gather(*told)) == [False, False, False, True]
    assert await state(database) == (
        *(100, 5, 40),
        [("topup", "pack", 5), ("expire", "period:one", -30), ("grant", "period:one", 100)],
    )


async def test_what_is_held_does_not_expire(meter, database, clock):
    await meter.reserve(Reservation(WORKSPACE, "under way", 150))
    await lapse(database, WORKSPACE, period_id="one", daily_cap=10, clock=clock)
    assert (await state(database))[0] == 150
    await renew(database, WORKSPACE, period_id="two", ct=100, daily_cap=40, clock=clock)
    assert (await state(database))[0] == 150
    await meter.release(WORKSPACE, "under way")


async def test_a_plan_that_ended_with_nothing_left_takes_nothing_later(database, clock):
    await open_wallet(database, WORKSPACE, 0, clock)
    assert await lapse(database, WORKSPACE, period_id="one", daily_cap=10, clock=clock)
    await grant(database, WORKSPACE, 70, "a gift", clock=clock)
    assert not await lapse(database, WORKSPACE, period_id="one", daily_cap=10, clock=clock)
    assert (await state(database))[:3] == (70, 0, 10)


async def test_a_period_that_lapsed_may_still_be_paid(database, clock):
    await open_wallet(database, WORKSPACE, 20, clock)
    assert await lapse(database, WORKSPACE, period_id="one", daily_cap=10, clock=clock)
    await grant(database, WORKSPACE, 7, "a gift", clock=clock)
    assert await renew(database, WORKSPACE, period_id="one", ct=100, daily_cap=40, clock=clock)
    assert (await state(database))[:3] == (100, 0, 40)
