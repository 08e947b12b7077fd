"""What an invoice's lines bring in CT, and which amounts nothing is given for."""

from __future__ import annotations

import pytest

from billing.plans import plan
from billing.stripe.paid import line_prices, paid_ct
from billing.stripe.prices import MARK, sold_plan
from billing.stripe.state import Unsound

PRICES = {
    f"price_{code}": {
        "id": f"price_{code}",
        "product": f"camarad_plan_{code}",
        "currency": "eur",
        "unit_amount": plan(code).price_eur_cents,
        "recurring": {"interval": "month", "interval_count": 1},
        "metadata": {MARK: plan(code).lookup_key},
    }
    for code in ("starter", "pro", "enterprise")
}


def line(code, amount, *, prorated=False, start=1_000_000, kind="subscription_item_details"):
    return {
        "amount": amount,
        "period": {"start": start, "end": start + 2_592_000},
        "parent": {"type": kind, kind: {"proration": prorated}},
        "pricing": {"price_details": {"price": f"price_{code}"}},
    }


def invoice(*lines, status="paid", currency="eur"):
    return {
        "id": "in_1",
        "status": status,
        "currency": currency,
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "lines": {"data": list(lines)},
    }


def ct(*lines, **more):
    return [(each.id, each.ct, each.whole) for each in paid_ct(invoice(*lines, **more), PRICES)]


def test_a_period_brings_the_plans_ct_under_its_beginning():
    assert ct(line("pro", 1_800)) == [("sub_1:1000000", 20_000, True)]


def test_a_trial_and_a_gift_are_periods_too():
    assert ct(line("pro", 0)) == [("sub_1:1000000", 20_000, True)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("starter", -600), ("pro", 1_800)], 14_000),  # at once after buying: all of the difference
        ([("starter", -300), ("pro", 900)], 7_000),
        ([("starter", -1), ("pro", 1)], 2),  # 11.1 less 10, in the customer's favour
        ([("pro", -900), ("starter", 300)], None),  # a cheaper plan brings nothing
        ([("starter", -300)], None),
        ([("pro", 1_800)], 20_000),
    ],
)
@pytest.mark.parametrize("kind", ["subscription_item_details", "invoice_item_details"])
def test_a_change_within_a_period_brings_the_share_that_was_paid(lines, expected, kind):
    given = [line(code, amount, prorated=True, kind=kind) for code, amount in lines]
    assert ct(*given) == ([] if expected is None else [("in_1", expected, False)])


def test_a_change_brings_no_more_than_the_plan_has():
    assert ct(line("pro", 99_999, prorated=True)) == [("in_1", 20_000, False)]


def test_what_is_not_paid_brings_nothing():
    for status in ("draft", "open", "void", "uncollectible"):
        assert ct(line("pro", 1_800), status=status) == []


@pytest.mark.parametrize(
    "given",
    [
        invoice(line("pro", -1_800)),
        invoice(line("pro", 10**15)),
        invoice(line("pro", -(10**15), prorated=True)),
        invoice(line("pro", 18.5)),
        invoice(line("pro", None)),
        invoice(line("pro", True)),
        invoice(line("pro", 1_800), currency="usd"),
        invoice(line("pro", 1_800), currency=None),
        invoice(line("gold", 1_800)),
        invoice(line("pro", 1_800, start=-1)),
        invoice(line("pro", 1_800, start=10**15)),
    ],
)
def test_amounts_currencies_and_prices_that_cannot_be_are_refused(given):
    with pytest.raises(Unsound):
        paid_ct(given, PRICES)


def test_the_prices_to_ask_for_are_those_of_the_lines():
    assert line_prices(invoice(line("pro", 1), line("starter", -1))) == {"price_pro", "price_starter"}


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "usd"},
        {"unit_amount": 0},
        {"unit_amount": -1_800},
        {"unit_amount": 10**9},
        {"unit_amount": None},
        {"unit_amount": 18.0},
        {"unit_amount": True},
        {"metadata": {}},
        {"metadata": {MARK: "camarad_starter_month_eur"}},
        {"product": "camarad_plan_starter"},
        {"product": "camarad_plan_free"},
        {"recurring": None},
        {"recurring": {"interval": "year", "interval_count": 1}},
        {"recurring": {"interval": "month", "interval_count": 3}},
    ],
)
def test_a_price_that_differs_in_anything_sells_no_plan(changes):
    assert sold_plan(PRICES["price_pro"]) is plan("pro")
    assert sold_plan({**PRICES["price_pro"], **changes}) is None
