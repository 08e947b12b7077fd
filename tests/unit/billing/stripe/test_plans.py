"""A subscription's life, from Checkout to its end, over the emulator."""

from __future__ import annotations


async def test_a_bought_plan_is_there_with_its_ct_cap_features_and_invoice(shop_both):
    await shop_both.buy("starter")
    status = await shop_both.status()
    assert (status.plan.code, status.status) == ("starter", "active")
    assert await shop_both.wallet() == (6_000, 0, 3_000)
    assert status.features == ("camarad_plan_starter",)
    assert [(each.status, each.total_cents, each.currency) for each in status.invoices] == [("paid", 600, "eur")]
    assert status.next_invoice is not None and status.next_invoice.total_cents == 600
    assert status.next_invoice.at == status.subscription.period_end
    assert status.problem is None
