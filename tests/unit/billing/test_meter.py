"""The meter's promises, each on SQLite and on PostgreSQL; the `meter` fixture audits the books after every test."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billing.call import Charge, Reservation
from billing.meter import Meter
from billing.wallet import grant, open_wallet, snapshot
from camarad.errors import BadInput, Conflict, LimitReached, NotFound
from camarad.models import CtHold, CtLedgerEntry, CtWallet, UsageRow
from tests.support.metering import WORKSPACE, costing, settlement


def hold(amount, request_id="r1"):
    return Reservation(WORKSPACE, request_id, amount)


@pytest.fixture
def shown(database, settings, clock):
    async def look():
        return await snapshot(database, WORKSPACE, settings, clock)

    return look


async def one(database, query):
    async with database.read() as session:
        return await session.scalar(query)


async def test_a_call_is_held_and_then_debited(meter, shown):
    assert await meter.reserve(hold(10)) == "held"
    assert (await shown())["held_ct"] == 10
    assert (await meter.settle(settlement())).ct_actual == 5
    after = await shown()
    assert (after["balance_ct"], after["held_ct"], after["spent_today_ct"]) == (995, 0, 5)


async def test_a_usage_row_says_who_called_what_and_what_it_cost(meter, database, clock):
    await meter.reserve(hold(10))
    charge = await meter.settle(settlement(tokens_cached=400, estimated=True))
    row = await one(database, select(UsageRow))
    assert (row.workspace_id, row.client_id, row.user_id) == (WORKSPACE, "client-one", "user-one")
    assert (row.conversation_id, row.turn_id, row.request_id) == ("conversation", "turn", "r1")
    assert (row.agent, row.model, row.status) == ("ppc-specialist", "camarad/embedded", "settled")
    assert (row.tokens_in, row.tokens_cached, row.tokens_out, row.estimated) == (1000, 400, 1000, True)
    assert row.attempts == [{"model": "camarad/embedded", "ok": True}]
    assert (row.duration_ms, row.at) == (12, clock.now())
    assert charge == Charge(row.ct_actual_debit, row.ct_shadow_debit, row.cost_micro_eur)
    # 600 · 10,000 + 400 · 1,000 + 1,000 · 20,000 = 26.4e6 per million tokens; at 0.92 EUR a dollar 24.3, rounded up
    assert row.cost_micro_eur == 25
    # 25 µEUR · 1.1 / (0.6 · 1,000 µEUR a CT), rounded up
    assert row.ct_shadow_debit == 1


async def test_a_model_without_a_price_is_debited_without_a_shadow(meter):
    await meter.reserve(hold(10))
    assert await meter.settle(settlement(model="nobody/knows")) == Charge(5, None, None)


async def test_the_same_request_is_never_debited_twice(meter, database, shown):
    await meter.reserve(hold(10))
    charges = await asyncio.gather(*(meter.settle(settlement()) for _ in range(20)))
    assert set(charges) == {charges[0]}
    assert await meter.settle(settlement()) == charges[0]
    assert await meter.reserve(hold(10)) == "replay:settled"
    assert (await shown())["balance_ct"] == 995
    assert await one(database, select(func.count()).select_from(UsageRow)) == 1


async def test_a_repeated_reservation_holds_once(meter, shown):
    assert sorted(await asyncio.gather(*(meter.reserve(hold(10)) for _ in range(5)))) == ["held", *["replay:held"] * 4]
    assert (await shown())["held_ct"] == 10


async def test_a_repeat_with_another_amount_is_refused(meter):
    await meter.reserve(hold(10))
    with pytest.raises(Conflict) as refused:
        await meter.reserve(hold(11))
    assert refused.value.code == "idempotency_mismatch"
    await meter.settle(settlement())
    with pytest.raises(Conflict) as refused:
        await meter.settle(settlement(tokens_out=9000))
    assert refused.value.code == "idempotency_mismatch"


async def test_the_same_request_id_in_two_workspaces_is_two_requests(meter, database, clock):
    await open_wallet(database, "workspace-two", 10, clock)
    assert await meter.reserve(hold(10)) == "held"
    assert await meter.reserve(Reservation("workspace-two", "r1", 10)) == "held"


async def test_a_call_that_was_never_reserved_cannot_be_settled(meter):
    with pytest.raises(NotFound) as refused:
        await meter.settle(settlement())
    assert refused.value.code == "unknown_request"


async def test_a_workspace_without_a_wallet_has_no_ct(meter):
    with pytest.raises(LimitReached) as refused:
        await meter.reserve(Reservation("workspace-two", "r1", 1))
    assert refused.value.code == "insufficient_ct"


async def test_a_released_hold_costs_nothing_and_may_be_taken_again(meter, shown):
    await meter.reserve(hold(10))
    assert await meter.release(WORKSPACE, "r1")
    assert not await meter.release(WORKSPACE, "r1")
    assert (await shown())["held_ct"] == 0
    with pytest.raises(Conflict) as refused:
        await meter.settle(settlement())
    assert refused.value.code == "hold_released"
    assert await meter.reserve(hold(20)) == "held"
    assert (await meter.settle(settlement())).ct_actual == 5


@pytest.mark.parametrize("status", ["cancelled", "failed"])
async def test_a_call_that_ended_badly_pays_for_what_it_used(meter, database, status):
    await meter.reserve(hold(10))
    assert (await meter.settle(settlement(tokens_in=1000, tokens_out=250, status=status))).ct_actual == 2
    assert (await one(database, select(UsageRow))).status == status


async def test_a_failed_call_without_tokens_is_free_and_recorded(meter, database, shown):
    await meter.reserve(hold(10))
    charge = await meter.settle(settlement(tokens_in=0, tokens_out=0, status="failed"))
    assert charge == Charge(0, 0, 0)
    assert (await shown())["balance_ct"] == 1000
    assert (await one(database, select(UsageRow))).ct_actual_debit == 0


async def test_a_hold_above_the_cap_of_a_request_is_refused_before_anything_is_written(meter, settings, database):
    with pytest.raises(LimitReached) as refused:
        await meter.reserve(hold(settings.max_ct_per_request + 1))
    assert refused.value.code == "max_ct_per_request"
    assert await one(database, select(func.count()).select_from(CtHold)) == 0


async def test_a_balance_admits_exactly_the_calls_it_covers(meter, shown):
    results = await asyncio.gather(*(meter.reserve(hold(100, f"r{n}")) for n in range(50)), return_exceptions=True)
    assert sum(r == "held" for r in results) == 10
    refused = [r for r in results if isinstance(r, LimitReached)]
    assert len(refused) == 40
    assert {r.code for r in refused} == {"insufficient_ct"}
    assert all(r.retry_after and r.hint for r in refused)  # the holds under way may end and make room
    assert (await shown())["held_ct"] == 1000


async def test_an_empty_balance_is_refused_without_a_promise(meter):
    for n in range(10):
        await meter.reserve(hold(100, f"r{n}"))
        await meter.settle(costing(100, f"r{n}"))
    with pytest.raises(LimitReached) as refused:
        await meter.reserve(hold(1, "last"))
    assert (refused.value.code, refused.value.retry_after) == ("insufficient_ct", None)


async def test_the_daily_cap_counts_use_and_holds_and_ends_at_midnight_utc(database, settings, clock):
    capped = settings.model_copy(update={"max_daily_ct_per_workspace": 100})
    await open_wallet(database, WORKSPACE, 1000, clock)
    meter = Meter(database, capped, clock)
    await meter.start()
    await meter.reserve(hold(60))
    await meter.settle(costing(50, "r1"))
    assert await meter.reserve(hold(50, "r2")) == "held"
    with pytest.raises(LimitReached) as refused:
        await meter.reserve(hold(1, "r3"))
    assert refused.value.code == "max_daily_ct_per_workspace"
    assert 0 < refused.value.retry_after - 12 * 3600 <= 1
    clock.advance(timedelta(hours=12))
    assert await meter.reserve(hold(50, "r3")) == "held"
    assert (await snapshot(database, WORKSPACE, capped, clock))["spent_today_ct"] == 0
    await meter.close()


async def test_a_clock_that_is_behind_does_not_turn_the_day_back(meter, database, clock):
    await meter.reserve(hold(100))
    await meter.settle(costing(100, "r1"))
    clock.advance(timedelta(days=-1))
    await meter.reserve(hold(10, "r2"))
    await meter.settle(costing(10, "r2"))
    wallet = await one(database, select(CtWallet))
    assert (wallet.day, wallet.day_used) == (20261120, 110)


async def test_an_overdue_hold_is_freed_by_the_sweeper(meter, settings, clock, shown):
    await meter.reserve(hold(10))
    assert await meter.sweep() == 0
    clock.advance(timedelta(seconds=settings.ct_hold_seconds))
    assert await meter.sweep() == 1
    assert await meter.sweep() == 0
    assert (await shown())["held_ct"] == 0


async def test_a_settle_after_expiry_still_debits(meter, settings, clock, shown):
    await meter.reserve(hold(10))
    clock.advance(timedelta(seconds=settings.ct_hold_seconds))
    await meter.sweep()
    assert (await meter.settle(settlement())).ct_actual == 5
    assert (await shown())["balance_ct"] == 995


async def test_an_expired_hold_may_be_taken_again_and_then_settles_once(meter, settings, clock, shown):
    await meter.reserve(hold(10))
    clock.advance(timedelta(seconds=settings.ct_hold_seconds))
    await meter.sweep()
    assert await meter.reserve(hold(12)) == "held"
    await meter.settle(settlement())
    await meter.settle(settlement())
    assert (await shown())["balance_ct"] == 995


async def test_what_the_balance_cannot_pay_is_recorded_as_a_shortfall(meter, database):
    for n in range(5):
        await meter.reserve(hold(200, f"r{n}"))
    assert (await meter.settle(costing(900, "r0"))).ct_actual == 200  # the other 800 are held by others
    assert (await meter.settle(costing(100, "r1"))).ct_actual == 100
    wallet = await one(database, select(CtWallet))
    assert (wallet.plan_balance, wallet.held, wallet.shortfall) == (700, 600, 700)


async def test_a_call_one_ct_above_what_is_free_takes_what_is_there(meter):
    for n in range(5):
        await meter.reserve(hold(200, f"r{n}"))
    assert (await meter.settle(costing(201, "r0"))).ct_actual == 200


async def test_settlements_of_one_batch_share_what_is_left(meter, database):
    for n in range(5):
        await meter.reserve(hold(200, f"r{n}"))
    charges = await asyncio.gather(*(meter.settle(costing(250, f"r{n}")) for n in range(5)))
    assert sorted(c.ct_actual for c in charges) == [200] * 5
    wallet = await one(database, select(CtWallet))
    assert (wallet.plan_balance, wallet.held, wallet.shortfall) == (0, 0, 250)


async def test_plan_ct_are_spent_before_topped_up_ones(meter, database, clock):
    await grant(database, WORKSPACE, 500, "invoice", kind="topup", clock=clock)
    for n in range(7):
        await meter.reserve(hold(200, f"r{n}"))
    await asyncio.gather(*(meter.settle(costing(160, f"r{n}")) for n in range(7)))
    wallet = await one(database, select(CtWallet))
    assert (wallet.plan_balance, wallet.topup_balance) == (0, 380)
    split = select(func.sum(CtLedgerEntry.plan_delta)).where(CtLedgerEntry.kind == "debit")
    assert await one(database, split) == -1000


async def test_a_cancelled_reservation_leaves_no_hold(meter, shown):
    task = asyncio.create_task(meter.reserve(hold(10)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await meter.release(WORKSPACE, "r1")  # waits behind the meter's own release
    assert (await shown())["held_ct"] == 0


async def test_a_cancelled_settle_is_written_all_the_same(meter, shown):
    await meter.reserve(hold(10))
    task = asyncio.create_task(meter.settle(settlement()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await meter.settle(settlement())).ct_actual == 5
    assert (await shown())["balance_ct"] == 995


async def test_closing_writes_what_was_asked_for(database, settings, clock):
    await open_wallet(database, WORKSPACE, 1000, clock)
    meter = Meter(database, settings, clock)
    await meter.start()
    await meter.reserve(hold(10))
    task = asyncio.create_task(meter.settle(settlement()))
    await asyncio.sleep(0)
    await meter.close()
    assert (await task).ct_actual == 5


async def test_a_bad_operation_fails_alone(meter, shown):
    """A nul character cannot be stored by PostgreSQL; JSON that cannot be made stops SQLite's writer."""
    await asyncio.gather(*(meter.reserve(hold(10, f"r{n}")) for n in range(3)))
    bad = settlement("r1", attempts=[{"x": object()}])
    results = await asyncio.gather(
        meter.settle(settlement("r0")), meter.settle(bad), meter.settle(settlement("r2")), return_exceptions=True
    )
    assert [getattr(r, "ct_actual", None) for r in results] == [5, None, 5]
    assert isinstance(results[1], TypeError)
    assert (await meter.settle(settlement("r1"))).ct_actual == 5
    assert (await shown())["balance_ct"] == 985


@pytest.mark.parametrize("amount", [-1, 1.5, True, "3", 2**60])
def test_an_amount_is_a_whole_number(amount):
    with pytest.raises(BadInput):
        hold(amount)


async def test_two_meters_on_one_database_never_overspend(meter, database, settings, clock, shown):
    second = Meter(database, settings, clock)
    await second.start()
    both = (meter, second)
    held = await asyncio.gather(*(both[n % 2].reserve(hold(100, f"r{n}")) for n in range(40)), return_exceptions=True)
    assert sum(r == "held" for r in held) == 10
    taken = [f"r{n}" for n, r in enumerate(held) if r == "held"]
    await asyncio.gather(*(m.settle(costing(90, r)) for r in taken for m in both))
    await second.close()
    assert (await shown())["balance_ct"] == 100


async def test_the_products_own_writers_and_the_meter_share_the_database(meter, database, clock, shown):
    await asyncio.gather(
        *(meter.reserve(hold(10, f"r{n}")) for n in range(20)),
        *(grant(database, WORKSPACE, 7, f"g{n}", clock=clock) for n in range(20)),
        *(meter.release(WORKSPACE, f"r{n}") for n in range(20)),
    )
    assert (await shown())["balance_ct"] == 1000 + 20 * 7


async def test_times_and_json_read_back_alike_on_both_databases(meter, database, clock, settings):
    await meter.reserve(hold(10))
    row = await one(database, select(CtHold))
    assert row.created_at == clock.now()
    assert row.expires_at == clock.now() + timedelta(seconds=settings.ct_hold_seconds)
    await meter.settle(settlement(attempts=[{"text": 'ș " \\ 😀'}]))
    assert (
        json.dumps((await one(database, select(UsageRow))).attempts, ensure_ascii=False)
        == '[{"text": "ș \\" \\\\ 😀"}]'
    )
