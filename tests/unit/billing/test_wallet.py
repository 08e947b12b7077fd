import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from billing.audit import audit
from billing.call import Reservation
from billing.usage import turn_totals, usage
from billing.wallet import give_again, grant, open_wallet, refund, snapshot, take_back
from camarad.errors import BadInput, Conflict, NotFound
from camarad.models import CtWallet
from tests.support.metering import WORKSPACE, settlement

HOUR = timedelta(hours=1)


async def test_a_wallet_is_opened_once(database, settings, clock):
    opened = await asyncio.gather(*(open_wallet(database, WORKSPACE, 50, clock) for _ in range(4)))
    assert sorted(opened) == [False, False, False, True]
    assert await snapshot(database, WORKSPACE, settings, clock) == {
        "balance_ct": 50,
        "held_ct": 0,
        "spent_today_ct": 0,
        "daily_cap_ct": settings.max_daily_ct_per_workspace,
        "plan": {"code": "free", "status": "not_configured"},
    }


async def test_a_workspace_without_a_wallet_shows_an_empty_one(database, settings, clock):
    assert (await snapshot(database, WORKSPACE, settings, clock))["balance_ct"] == 0


async def test_a_grant_is_booked_once_for_its_request(database, clock):
    await open_wallet(database, WORKSPACE, 0, clock)
    booked = await asyncio.gather(*(grant(database, WORKSPACE, 9, "invoice", clock=clock) for _ in range(4)))
    assert sorted(booked) == [False, False, False, True]
    with pytest.raises(Conflict) as refused:
        await grant(database, WORKSPACE, 10, "invoice", clock=clock)
    assert refused.value.code == "idempotency_mismatch"
    async with database.read() as session:
        assert (await session.scalar(select(CtWallet))).plan_balance == 9


@pytest.mark.parametrize("amount", [0, -1, 1.5, True])
async def test_a_grant_is_a_whole_number_above_zero(sqlite_database, amount):
    with pytest.raises(BadInput):
        await grant(sqlite_database, WORKSPACE, amount, "invoice")


async def test_a_wallet_must_be_open_to_be_granted(sqlite_database):
    with pytest.raises(NotFound):
        await grant(sqlite_database, WORKSPACE, 1, "invoice")


async def test_a_refund_gives_a_debit_back_once(meter, database, settings, clock):
    await meter.reserve(Reservation(WORKSPACE, "r1", 10))
    await meter.settle(settlement())
    given = await asyncio.gather(*(refund(database, WORKSPACE, "r1", clock) for _ in range(3)))
    assert sorted(given) == [0, 0, 5]
    assert (await snapshot(database, WORKSPACE, settings, clock))["balance_ct"] == 1000
    with pytest.raises(NotFound):
        await refund(database, WORKSPACE, "never", clock)


async def test_topped_up_ct_are_taken_back_once_and_given_again_once(database, clock):
    await open_wallet(database, WORKSPACE, 5, clock)
    await grant(database, WORKSPACE, 30, "pack", kind="topup", clock=clock)

    async def reverse(step, *amount):
        async with database.write() as session:
            return await step(session, WORKSPACE, "reversal:re", *amount, clock=clock)

    taken = await asyncio.gather(*(reverse(take_back, 40) for _ in range(3)))
    assert sorted(taken, key=str) == [30, None, None]
    given = await asyncio.gather(*(reverse(give_again) for _ in range(3)))
    assert sorted(given) == [0, 0, 30]
    assert await reverse(take_back, 40) is None
    async with database.read() as session:
        assert (await session.scalar(select(CtWallet))).topup_balance == 30


async def test_usage_lists_the_latest_first_with_totals_of_the_window(meter, database, clock):
    for n in range(3):
        await meter.reserve(Reservation(WORKSPACE, f"r{n}", 10))
        await meter.settle(settlement(f"r{n}", turn_id=f"t{n % 2}"))
        clock.advance(HOUR)
    found = await usage(database, WORKSPACE, 24, clock)
    assert [row["request_id"] for row in found["rows"]] == ["r2", "r1", "r0"]
    assert found["rows"][0]["at"].endswith("+00:00")
    assert found["totals"]["requests"] == 3
    assert (found["totals"]["tokens_in"], found["totals"]["ct_actual"]) == (3000, 15)
    clock.advance(22 * HOUR)
    assert [row["request_id"] for row in (await usage(database, WORKSPACE, 24, clock))["rows"]] == ["r2"]
    assert (await usage(database, "workspace-two", 168, clock))["rows"] == []
    with pytest.raises(BadInput):
        await usage(database, WORKSPACE, 5, clock)
    of_turn = await turn_totals(database, WORKSPACE, "t0")
    assert (of_turn["requests"], of_turn["ct_actual"], of_turn["model"]) == (2, 10, "camarad/embedded")


async def test_the_audit_names_what_is_wrong(meter, database, clock):
    await meter.reserve(Reservation(WORKSPACE, "r1", 10))
    async with database.write() as session:
        (await session.get(CtWallet, WORKSPACE)).held = 3
    assert [f.split(":")[0] for f in await audit(database)] == ["held is not the sum of open holds"]
    async with database.write() as session:
        (await session.get(CtWallet, WORKSPACE)).held = 10
