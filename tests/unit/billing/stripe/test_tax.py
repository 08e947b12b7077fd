"""STRIPE_AUTOMATIC_TAX: what is asked of Stripe with it and without it, as it reached the emulator."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from billing.audit import audit
from camarad.clock import SystemClock
from tests.support.paying import PAYER, URLS, open_shop

WORKSPACE = PAYER.workspace_id
ASKED = {
    "automatic_tax[enabled]": "true",
    "billing_address_collection": "required",
    "tax_id_collection[enabled]": "true",
    "customer_update[address]": "auto",
    "customer_update[name]": "auto",
}


@pytest.fixture
async def taxed(settings, sqlite_database, stripe_account):
    async with open_shop(settings, sqlite_database, stripe_account, stripe_automatic_tax=True) as opened:
        yield opened
    assert await audit(sqlite_database) == []


async def asked(shop) -> dict[str, str]:
    """The fields about tax in the newest request for a Checkout."""
    calls = (await shop.control("calls"))["calls"]
    form = next(call["form"] for call in reversed(calls) if call["path"] == "/v1/checkout/sessions" and call["form"])
    prefixes = ("automatic_tax", "billing_address", "tax_id", "customer_update")
    return {name: value for name, (value,) in parse_qs(form).items() if name.startswith(prefixes)}


def opening(shop, code):
    return (shop.payments.checkout_pack if code.startswith("ct-") else shop.payments.checkout_plan)(PAYER, code, URLS)


@pytest.mark.parametrize("code", ["starter", "ct-5000"])
async def test_with_the_setting_a_checkout_asks_for_all_that_stripe_tax_needs(taxed, code):
    await opening(taxed, code)
    assert await asked(taxed) == ASKED


@pytest.mark.parametrize("code", ["starter", "ct-5000"])
async def test_without_the_setting_nothing_is_said_of_tax(shop, code):
    await opening(shop, code)
    assert await asked(shop) == {}


async def test_a_plan_and_a_pack_are_bought_changed_and_renewed_with_tax(taxed):
    await taxed.buy("starter")
    await taxed.buy("ct-5000")
    await taxed.payments.change_plan(PAYER, "pro")
    await taxed.advance(days=31)
    assert (await taxed.payments.refresh(WORKSPACE)).plan.code == "pro"
    assert await taxed.wallet() == (20_000, 5_000, 8_000)
    invoices = await taxed.listed(lambda v1: v1.invoices.list_async())
    assert len(invoices) == 3 and all(each["automatic_tax"]["enabled"] for each in invoices)


@pytest.mark.parametrize("was", [False, True])
async def test_a_checkout_from_before_the_setting_changed_is_closed_and_not_used_again(
    settings, sqlite_database, stripe_account, was
):
    async with open_shop(settings, sqlite_database, stripe_account, stripe_automatic_tax=was) as before:
        first = await opening(before, "pro")
    clock = SystemClock()
    async with open_shop(settings, sqlite_database, stripe_account, clock, stripe_automatic_tax=not was) as after:
        second = await opening(after, "pro")
        assert second != first and await opening(after, "pro") == second
        (left,) = await after.listed(lambda v1: v1.checkout.sessions.list_async({"status": "open"}))
    assert (left["url"], left["automatic_tax"]["enabled"]) == (second, not was)
