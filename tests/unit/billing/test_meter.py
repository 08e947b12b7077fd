import asyncio

import pytest

from billing.audit import audit
from billing.wallet import grant, open_wallet, refund, snapshot
from billing.meter import Charge, Meter, Reservation, Settlement
from camarad.errors import Conflict, LimitReached, NotFound

W = "workspace-one"


def settlement(request_id="r1", tokens_in=1000, tokens_out=1000, **other):
    given = {
        "workspace_id": W, "request_id": request_id, "client_id": "client-one", "user_id": "user-one",
        "conversation_id": "c", "turn_id": "t", "agent": "ppc-specialist", "model": "camarad/embedded",
        "status": "settled", "tokens_in": tokens_in, "tokens_cached": 0, "tokens_out": tokens_out,
        "attempts": [{"model": "camarad/embedded", "ok": True}], "duration_ms": 12,
    }
    return Settlement(**{**given, **other})


@pytest.fixture
async def meter(database, settings, clock):
    await open_wallet(database, W, 1000, clock)
    made = Meter(database, settings, clock)
    await made.start()
    yield made
    await made.close()
    assert await audit(database) == []


async def test_a_call_is_held_and_then_debited(meter, database, settings, clock):
    assert await meter.reserve(Reservation(W, "r1", 10)) == "held"
    assert (await snapshot(database, W, settings, clock))["held_ct"] == 10
    charge = await meter.settle(settlement())
    assert charge.ct_actual == 5
    after = await snapshot(database, W, settings, clock)
    assert (after["balance_ct"], after["held_ct"], after["spent_today_ct"]) == (995, 0, 5)
