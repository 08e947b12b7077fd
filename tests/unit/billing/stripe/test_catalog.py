"""The catalogue at Stripe: every difference is seen, and mended without changing a price."""

from __future__ import annotations

import dataclasses

import pytest

from billing import plans
from billing.stripe import catalog
from billing.stripe.catalog import Found, differences, items
from billing.stripe.prices import MARK

ITEM = next(each for each in items() if each.code == "pro")
PRODUCT = {"id": ITEM.product_id, "active": True, "name": ITEM.product_name}
PRICE = {
    "id": "price_1",
    "active": True,
    "product": ITEM.product_id,
    "unit_amount": 1_800,
    "currency": "eur",
    "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    "tax_behavior": "exclusive",
    "metadata": {MARK: ITEM.lookup_key},
    "lookup_key": ITEM.lookup_key,
}
FEATURE = {"id": "feat_1", "active": True, "lookup_key": ITEM.feature}
FITTING = Found(PRODUCT, PRICE, frozenset({ITEM.feature}), FEATURE)


def found(**changes):
    product = {**PRODUCT, **changes.pop("product", {})}
    price = {**PRICE, **changes.pop("price", {})}
    return dataclasses.replace(FITTING, product=product, price=price, **changes)


def test_what_fits_has_no_difference():
    assert differences(ITEM, FITTING) == []


@pytest.mark.parametrize(
    ("has", "said"),
    [
        (found(product={"active": False}), "pro: product is archived, should be active"),
        (found(product={"name": "Pro"}), "pro: product name is Pro, should be Camarad Pro"),
        (found(price={"active": False}), "pro: price is archived, should be active"),
        (found(price={"unit_amount": 1_900}), "pro: amount is 1900, should be 1800"),
        (found(price={"unit_amount": None}), "pro: amount is None, should be 1800"),
        (found(price={"currency": "usd"}), "pro: currency is usd, should be eur"),
        (found(price={"recurring": None}), "pro: interval is once, should be month"),
        (found(price={"recurring": {"interval": "year"}}), "pro: interval is year, should be month"),
        (
            found(price={"recurring": {"interval": "month", "interval_count": 3}}),
            "pro: interval is 3 months, should be month",
        ),
        (found(price={"product": "other"}), "pro: product of the price is other, should be camarad_plan_pro"),
        (found(price={"tax_behavior": "inclusive"}), "pro: tax behavior is inclusive, should be exclusive"),
        (found(price={"metadata": {}}), f"pro: mark is None, should be {ITEM.lookup_key}"),
        (found(features=frozenset()), "pro: feature of the product is missing, should be camarad_plan_pro"),
        (
            found(features=frozenset({ITEM.feature, "vip"})),
            "pro: feature of the product is vip, should be none",
        ),
        (found(feature=None), "pro: feature is missing, should be camarad_plan_pro"),
        (found(feature={**FEATURE, "active": False}), "pro: feature is archived, should be active"),
    ],
)
def test_each_difference_is_said(has, said):
    assert [str(each) for each in differences(ITEM, has)] == [said]


def test_what_is_missing_altogether_is_said():
    fields = [each.field for each in differences(ITEM, Found())]
    assert fields == ["product", "lookup key", "feature", "feature of the product"]


async def test_a_dry_run_says_everything_and_changes_nothing(settings, sqlite_database, stripe_account):
    from billing.stripe.service import Payments
    from camarad.clock import SystemClock
    from tests.support.paying import paying

    payments = Payments(paying(settings, stripe_account), sqlite_database, SystemClock())
    try:
        first = await payments.sync_catalog(apply=False)
        assert len(first.differences) == 3 * 4 + 2 * 2 + 1 and first.left == first.differences
        assert await payments.sync_catalog(apply=False) == first
        assert not await payments._api.listed(lambda v1: v1.products.list_async())
        mended = await payments.sync_catalog(apply=True)
        assert mended.differences == first.differences and mended.left == []
        again = await payments.sync_catalog(apply=True)
        assert again.differences == [] and again.notes == []
    finally:
        await payments.close()


async def test_another_price_takes_the_key_over_and_those_who_have_the_old_one_keep_their_plan(shop, monkeypatch):
    await shop.buy("pro")
    old = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": [ITEM.lookup_key]})))[0]
    dearer = [dataclasses.replace(p, price_eur_cents=1_900) if p.code == "pro" else p for p in plans.PLANS]
    monkeypatch.setattr(catalog, "PLANS", tuple(dearer))
    report = await shop.payments.sync_catalog(apply=True)
    assert [str(each) for each in report.differences] == ["pro: amount is 1800, should be 1900"] and not report.left
    new = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": [ITEM.lookup_key]})))[0]
    assert new["unit_amount"] == 1_900 and new["id"] != old["id"] and new["active"]
    kept = await shop.ask(lambda v1: v1.prices.retrieve_async(old["id"]))
    assert (kept["active"], kept["lookup_key"], kept["unit_amount"]) == (False, None, 1_800)
    status = await shop.payments.refresh("workspace-one")
    assert (status.plan.code, status.problem) == ("pro", None)
    await shop.advance(days=32)
    status = await shop.payments.refresh("workspace-one")
    assert status.plan.code == "pro" and await shop.wallet() == (20_000, 0, 8_000)


async def test_a_price_of_somebody_elses_on_our_product_is_told_and_left_alone(shop):
    stray = {"product": ITEM.product_id, "currency": "eur", "unit_amount": 1, "recurring": {"interval": "month"}}
    made = await shop.ask(lambda v1: v1.prices.create_async(stray))
    report = await shop.payments.sync_catalog(apply=True)
    assert report.differences == [] and report.notes == [
        f"pro: the price {made['id']} on its product is not in the catalogue and is left alone"
    ]


async def test_archived_things_and_strange_features_are_mended(shop):
    await shop.ask(lambda v1: v1.products.update_async(ITEM.product_id, {"active": False, "name": "Else"}))
    price = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": [ITEM.lookup_key]})))[0]
    await shop.ask(lambda v1: v1.prices.update_async(price["id"], {"metadata": {MARK: ""}}))
    vip = await shop.ask(lambda v1: v1.entitlements.features.create_async({"name": "VIP", "lookup_key": "vip"}))
    hang = {"entitlement_feature": vip["id"]}
    await shop.ask(lambda v1: v1.products.features.create_async(ITEM.product_id, hang))
    report = await shop.payments.sync_catalog(apply=True)
    assert {each.field for each in report.differences} == {"product", "product name", "mark", "feature of the product"}
    assert report.left == []
    after = (await shop.listed(lambda v1: v1.prices.list_async({"lookup_keys": [ITEM.lookup_key]})))[0]
    assert after["id"] == price["id"]  # a mark needs no new price
