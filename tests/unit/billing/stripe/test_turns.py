"""Several at a time: whose word is kept, who reconciles, and what is booked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from billing.stripe.fetch import Known
from billing.stripe.lease import LASTS, Lease
from billing.stripe.service import Payments
from billing.stripe.state import CustomerState
from billing.stripe.write import draw_ticket, write
from camarad.clock import SystemClock
from camarad.database import Database
from tests.support.paying import PAYER, paying

WORKSPACE = PAYER.workspace_id


async def test_of_two_fetches_the_later_ones_word_stays_whichever_comes_first(shop_both):
    await shop_both.buy("starter")
    customer = (await shop_both.payments._accounts.find(WORKSPACE)).customer_id
    state = await shop_both.payments._refresher._fetcher.customer(Known(customer))
    async with shop_both.database.write() as session:
        early, late = await draw_ticket(session, WORKSPACE), await draw_ticket(session, WORKSPACE)
    now = SystemClock().now()
    async with shop_both.database.write() as session:
        assert (await write(session, WORKSPACE, late, state, now)).kept
    async with shop_both.database.write() as session:
        assert not (await write(session, WORKSPACE, early, CustomerState(customer), now)).kept
    assert await shop_both.plan_code() == "starter"


async def test_another_customers_word_is_never_written(shop):
    await shop.buy("starter")
    async with shop.database.write() as session:
        ticket = await draw_ticket(session, WORKSPACE)
        assert not (await write(session, WORKSPACE, ticket, CustomerState("cus_other"), SystemClock().now())).kept
    assert await shop.plan_code() == "starter"


async def test_many_who_ask_at_once_cost_few_fetches(shop):
    await shop.buy("starter")
    before = len((await shop.control("calls"))["calls"])
    await asyncio.gather(*(shop.payments._refresher.refresh(WORKSPACE) for _ in range(30)))
    assert len((await shop.control("calls"))["calls"]) - before <= 2 * 8


async def test_two_processes_book_a_period_once(settings, postgres_url, stripe_account):
    from tests.support.paying import open_shop

    database, second = Database(postgres_url), Database(postgres_url)
    try:
        async with open_shop(settings, database, stripe_account) as shop:
            await shop.buy("starter")
            other = Payments(paying(settings, stripe_account), second, SystemClock())
            for _ in range(3):
                await shop.advance(days=31)
                await asyncio.gather(*(each.refresh(WORKSPACE) for each in (shop.payments, other) * 3))
            await other.close()
            assert await shop.wallet() == (6_000, 0, 3_000)
            assert [amount for kind, amount in await shop.ledger() if kind == "grant"] == [6_000] * 4
    finally:
        await database.close()
        await second.close()


async def test_one_process_at_a_time_reconciles(database, clock):
    first, second = Lease(database, clock, "work"), Lease(database, clock, "work")
    assert sorted(await asyncio.gather(first.take(), second.take())) == [False, True]
    holder = first if await first.keep() else second
    await holder.give_back(finished=True)
    assert not await second.take(unless_done_within=timedelta(minutes=5))
    assert await second.take()


async def test_a_clock_a_moment_behind_takes_nothing_away(sqlite_database, clock):
    first, second = Lease(sqlite_database, clock, "work"), Lease(sqlite_database, clock, "work")
    assert await first.take()
    clock.advance(timedelta(milliseconds=-5))
    assert not await second.take()
    clock.advance(timedelta(seconds=-30))
    assert not await second.take()


async def test_a_process_that_died_holds_nothing_up(sqlite_database, clock):
    dead, next_ = Lease(sqlite_database, clock, "work"), Lease(sqlite_database, clock, "work")
    assert await dead.take()
    clock.advance(LASTS - timedelta(seconds=1))
    assert not await next_.take()
    clock.advance(timedelta(seconds=2))
    assert await next_.take() and not await dead.keep()
    await dead.give_back(finished=True)  # too late to say so
    assert await next_.keep()


async def test_a_clock_that_was_ahead_holds_nothing_up(sqlite_database, clock):
    ahead, next_ = Lease(sqlite_database, clock, "work"), Lease(sqlite_database, clock, "work")
    clock.advance(timedelta(days=900))
    assert await ahead.take()
    clock.advance(timedelta(days=-900))
    assert await next_.take(unless_done_within=timedelta(minutes=5))


async def test_a_reconciliation_mends_what_no_event_told_of(shop_both):
    await shop_both.buy("pro")
    subscription = (await shop_both.status()).subscription.id
    await shop_both.ask(lambda v1: v1.subscriptions.cancel_async(subscription))
    report = await shop_both.payments.reconcile()
    assert set(report.repaired) == {WORKSPACE} and report.accounts == 1
    assert await shop_both.plan_code() == "free" and await shop_both.wallet() == (0, 0, 2_000)
    assert (await shop_both.payments.reconcile()).repaired == {}
