"""Automatic tax on Checkout: what is refused and what is shown, as Stripe does; nothing is added."""

from __future__ import annotations

import pytest
import stripe

ON = {"enabled": True}


async def test_automatic_tax_needs_to_know_where_the_customer_is(shop):
    with pytest.raises(stripe.InvalidRequestError, match="requires a valid address") as refused:
        await shop.session(automatic_tax=ON)
    assert refused.value.code == "customer_tax_location_invalid"
    await shop.session(automatic_tax=ON, customer_update={"address": "auto"})
    await shop.v1.customers.update_async(shop.customer.id, {"address": {"country": "RO", "city": "Cluj"}})
    assert (await shop.session(automatic_tax=ON)).automatic_tax.status == "requires_location_inputs"


async def test_a_tax_id_needs_leave_to_keep_the_name_of_the_business(shop):
    with pytest.raises(stripe.InvalidRequestError, match=r"please set `customer_update\[name\]` to `auto`"):
        await shop.session(tax_id_collection=ON)
    made = await shop.session(tax_id_collection=ON, customer_update={"name": "auto"})
    assert (made.tax_id_collection.enabled, made.tax_id_collection.required) == (True, "never")


async def test_only_of_a_customer_that_is_there_can_anything_be_kept(shop):
    with pytest.raises(stripe.InvalidRequestError, match="can only be used with `customer`"):
        await shop.v1.checkout.sessions.create_async(
            {
                "mode": "payment",
                "line_items": [{"price": shop.prices["pack"].id, "quantity": 1}],
                "success_url": "http://127.0.0.1/ok",
                "customer_update": {"name": "auto"},
            }
        )


async def test_what_was_bought_with_automatic_tax_goes_on_with_it_and_costs_the_same(shop):
    bought = await shop.subscribed(automatic_tax=ON, customer_update={"address": "auto", "name": "auto"})
    assert bought.automatic_tax.enabled
    shop.control("advance", to=bought["items"].data[0].current_period_end)
    invoices = (await shop.v1.invoices.list_async()).data
    assert [(each.automatic_tax.status, each.total) for each in invoices] == [("complete", 600)] * 2
    assert (await shop.v1.customers.retrieve_async(shop.customer.id)).name == "Test Buyer"
    sessions = (await shop.v1.checkout.sessions.list_async()).data
    assert [each.automatic_tax.status for each in sessions] == ["complete"]


async def test_without_it_nothing_is_taxed_and_no_name_is_changed(shop):
    bought = await shop.subscribed()
    assert not bought.automatic_tax.enabled
    assert (await shop.v1.customers.retrieve_async(shop.customer.id)).name == shop.customer.name
