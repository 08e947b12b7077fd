"""A pack whose money went back loses its CT in the same share, once, whatever comes in which order."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import update

from billing.call import Reservation
from billing.meter import Meter
from billing.stripe.reversals import Reversals
from camarad.clock import SystemClock
from camarad.models import CheckoutSession, PaymentReversal
from tests.support.metering import settlement
from tests.support.paying import PAYER, URLS, open_shop

WORKSPACE = PAYER.workspace_id
DISPUTED = "4000000000000259"


async def refund(shop, charge: str, cents: int | None = None) -> None:
    asked = {"charge": charge} | ({} if cents is None else {"amount": cents})
    await shop.ask(lambda v1: v1.refunds.create_async(asked))


async def charged(shop) -> str:
    return (await shop.listed(lambda v1: v1.charges.list_async()))[0]["id"]


async def bought(shop, code: str = "ct-5000", card: str = "4242424242424242") -> str:
    """Its charge."""
    await shop.buy(code, card=card)
    return await charged(shop)


async def reversals(shop) -> list[tuple[str, int | None, int | None]]:
    status = await shop.payments.refresh(WORKSPACE)
    return [(each.status, each.ct_taken, each.ct_missing) for each in status.reversals]


async def test_a_refunded_pack_takes_its_ct_back_once(shop_both):
    await refund(shop_both, await bought(shop_both))
    assert await reversals(shop_both) == [("succeeded", 5_000, 0)]
    assert (await shop_both.payments._refresher.refresh(WORKSPACE)).changes == ()
    assert await shop_both.wallet() == (0, 0, None)
    assert await shop_both.ledger() == [("topup", 5_000), ("adjust", -5_000)]


async def test_a_refund_that_comes_before_the_grant_ends_the_same(shop_both):
    await shop_both.pay(await shop_both.payments.checkout_pack(PAYER, "ct-5000", URLS))
    await refund(shop_both, await charged(shop_both))
    assert await reversals(shop_both) == [("succeeded", 5_000, 0)]
    assert await shop_both.ledger() == [("topup", 5_000), ("adjust", -5_000)]


@pytest.mark.parametrize("parts", [[333, 333, 333], [167, 166, 167], [1, 498, 1], [7] * 5])
async def test_parts_take_together_what_their_sum_takes_and_the_whole_takes_all(shop, parts):
    charge = await bought(shop, "ct-22000" if sum(parts) > 500 else "ct-5000")
    paid, ct = (2_000, 22_000) if sum(parts) > 500 else (500, 5_000)
    for cents in parts:
        await refund(shop, charge, cents)
        if random.Random(cents).random() < 0.5:  # some are seen together
            await shop.payments.refresh(WORKSPACE)
    await shop.payments.refresh(WORKSPACE)
    assert await shop.wallet() == (0, ct - ct * sum(parts) // paid, None)


async def test_shares_that_are_no_whole_ct_are_rounded_once_for_all_parts(shop):
    charge = await bought(shop)
    async with shop.database.write() as session:
        await session.execute(update(CheckoutSession).values(paid_cents=700))  # as with a tax
    for _ in range(3):
        await refund(shop, charge, 3)
        await shop.payments.refresh(WORKSPACE)
    assert await shop.wallet() == (0, 5_000 - 5_000 * 9 // 700, None)


async def test_what_was_used_or_is_held_is_not_taken_and_stays_on_record(shop_both, settings):
    charge = await bought(shop_both)
    meter = Meter(shop_both.database, settings, SystemClock())
    await meter.start()
    await meter.reserve(Reservation(WORKSPACE, "used", 10))
    await meter.settle(settlement("used"))
    await meter.reserve(Reservation(WORKSPACE, "held", 100))
    await refund(shop_both, charge)
    assert await reversals(shop_both) == [("succeeded", 4_895, 105)]
    await meter.release(WORKSPACE, "held")
    await meter.close()
    await shop_both.buy("ct-22000")
    assert await reversals(shop_both) == [("succeeded", 4_895, 105)]
    assert await shop_both.wallet() == (0, 22_100, None)


@pytest.mark.parametrize(("ended", "left"), [("won", 5_000), ("lost", 0)])
async def test_a_disputed_pack_takes_its_ct_back_and_a_won_one_gives_them_again(shop_both, ended, left):
    await bought(shop_both, card=DISPUTED)
    assert await reversals(shop_both) == [("needs_response", 5_000, 0)]
    dispute = (await shop_both.listed(lambda v1: v1.disputes.list_async()))[0]["id"]
    await shop_both.control("dispute", dispute=dispute, status=ended)
    for _ in range(2):
        assert await reversals(shop_both) == [(ended, None, None) if ended == "won" else ("lost", 5_000, 0)]
    assert await shop_both.wallet() == (0, left, None)


async def test_a_refund_that_fails_gives_its_ct_again_once(shop_both):
    await refund(shop_both, await bought(shop_both))
    await shop_both.payments.refresh(WORKSPACE)
    for status in ("failed", "failed", "succeeded"):
        async with shop_both.database.write() as session:
            await session.execute(update(PaymentReversal).values(status=status))
        await Reversals(shop_both.database, SystemClock()).book(WORKSPACE)
    assert await shop_both.ledger() == [("topup", 5_000), ("adjust", -5_000), ("refund", 5_000)]


async def test_a_pack_that_was_bought_before_its_payment_was_kept_is_linked_when_it_is_looked_at(shop_both):
    charge = await bought(shop_both)
    async with shop_both.database.write() as session:
        await session.execute(update(CheckoutSession).values(payment_id=None, paid_cents=None))
    await refund(shop_both, charge)
    assert await reversals(shop_both) == [("succeeded", 5_000, 0)]
    assert await shop_both.ledger() == [("topup", 5_000), ("adjust", -5_000)]


@pytest.mark.parametrize(("which", "left"), [(0, 22_000), (1, 5_000)])
async def test_the_refund_of_one_pack_leaves_another_alone(shop, which, left):
    charges = [await bought(shop), await bought(shop, "ct-22000")]
    await refund(shop, charges[which])
    await shop.payments.refresh(WORKSPACE)
    assert await shop.wallet() == (0, left, None)


async def test_two_servers_that_look_at_once_take_it_back_once(settings, database, stripe_account):
    async with (
        open_shop(settings, database, stripe_account) as shop,
        open_shop(settings, database, stripe_account) as other,
    ):
        await refund(shop, await bought(shop))
        await asyncio.gather(*(each.payments.refresh(WORKSPACE) for each in (shop, other, shop, other)))
        assert await shop.ledger() == [("topup", 5_000), ("adjust", -5_000)]
        assert await shop.wallet() == (0, 0, None)
