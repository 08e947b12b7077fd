"""The CT that a paid invoice brings, from its lines.

A whole period of a plan brings the plan's CT, under the id `<subscription>:<start of the period>`. Changing to a dearer
plan within a period is charged by the day, so it brings the same share of the difference in CT, under the invoice's id.
Rounding is in the customer's favour, once an invoice.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from billing.plans import Plan
from billing.stripe.prices import CURRENCY, sold_plan
from billing.stripe.state import Obj, PaidCt, Unsound, cents, id_of, instant, subscription_of
from camarad.money import ceil_div


def line_prices(invoice: Obj) -> set[str]:
    """The ids of the prices on an invoice's lines."""
    return {found for line in invoice["lines"]["data"] if (found := _price_id(line))}


def paid_ct(invoice: Obj, prices: Mapping[str, Obj | None]) -> list[PaidCt]:
    """Raises Unsound for a paid invoice of a plan that nothing may be granted for."""
    subscription_id = subscription_of(invoice)
    if invoice.get("status") != "paid" or subscription_id is None:
        return []
    lines = [(line, found) for line in invoice["lines"]["data"] if (found := _plan(line, prices)) is not None]
    if not lines:
        raise Unsound("nothing on it is in the catalogue")
    if invoice.get("currency") != CURRENCY:
        raise Unsound(f"it is in {str(invoice.get('currency')).upper()}, not in EUR")
    whole = [_whole(subscription_id, line, found) for line, found in lines if not _prorated(line)]
    return whole or _share(invoice, [(line, found) for line, found in lines], prices)


def _whole(subscription_id: str, line: Obj, plan: Plan) -> PaidCt:
    if cents(line["amount"]) < 0:
        raise Unsound(f"a period of {plan.name} for {line['amount']} cents")
    start = line["period"]["start"]
    return PaidCt(f"{subscription_id}:{start}", plan.code, plan.ct_included, True, instant(start), subscription_id)


def _share(invoice: Obj, lines: list[tuple[Obj, Plan]], prices: Mapping[str, Obj | None]) -> list[PaidCt]:
    ct = sum((_worth(line, plan, prices) for line, plan in lines), Fraction(0))
    bought = [plan for line, plan in lines if line["amount"] > 0]
    if ct <= 0 or not bought:
        return []
    plan = max(bought, key=lambda each: each.price_eur_cents)
    start = instant(lines[0][0]["period"]["start"])
    return [
        PaidCt(
            str(invoice["id"]),
            plan.code,
            min(ceil_div(ct.numerator, ct.denominator), plan.ct_included),
            whole=False,
            start=start,
            subscription_id=subscription_of(invoice) or "",
        )
    ]


def _worth(line: Obj, plan: Plan, prices: Mapping[str, Obj | None]) -> Fraction:
    price = prices[_price_id(line) or ""]
    assert price is not None  # or no plan would have been found for it
    return Fraction(plan.ct_included * cents(line["amount"]), price["unit_amount"])


def _plan(line: Obj, prices: Mapping[str, Obj | None]) -> Plan | None:
    price = prices.get(_price_id(line) or "")
    return sold_plan(price) if price is not None else None


def _price_id(line: Obj) -> str | None:
    details = (line.get("pricing") or {}).get("price_details") or {}
    return id_of(details.get("price"))


def _prorated(line: Obj) -> bool:
    parent: dict[str, Any] = line.get("parent") or {}
    return any(
        bool((parent.get(kind) or {}).get("proration"))
        for kind in ("subscription_item_details", "invoice_item_details")
    )
