"""The lines of an invoice."""

from __future__ import annotations

from tools.emulator.stripe.engine.periods import boundary_after, spoken
from tools.emulator.stripe.engine.proration import share
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def of_period(world: World, subscription: Obj, start: int, end: int) -> list[Obj]:
    """One for each item, for a whole period. A trial costs nothing."""
    trial = subscription["status"] == "trialing"
    lines = []
    for item in items_of(world, subscription):
        price = world.get("price", item["price"])
        product = world.get("product", price["product"])
        amount = 0 if trial else price["unit_amount"] * item["quantity"]
        said = f"{item['quantity']} × {product['name']} (at {money(price)} / {price['recurring']['interval']})"
        text = f"Trial period for {product['name']}" if trial else said
        lines.append(line(world, price, item, amount, text, (start, end)))
    return lines


def items_of(world: World, subscription: Obj) -> list[Obj]:
    return [world.get("subscription_item", item) for item in subscription["_items"]]


def money(price: Obj) -> str:
    units, cents = divmod(price["unit_amount"], 100)
    return f"{price['currency'].upper()} {units}.{cents:02d}"


def prorated(world: World, item: Obj, price: Obj, quantity: int, now: int, *, credit: bool) -> Obj:
    """For what is left of the item's period: what was not used is given back, or what will be used is asked for."""
    start, end = item["current_period_start"], item["current_period_end"]
    name = world.get("product", price["product"])["name"]
    amount = share(price["unit_amount"] * quantity, end - now, end - start)
    text = f"{'Unused' if credit else 'Remaining'} time on {name} after {spoken(now)}"
    return line(world, price, item, -amount if credit else amount, text, (now, end), quantity, proration=True)


def line(
    world: World,
    price: Obj,
    item: Obj | None,
    amount: int,
    text: str,
    period: tuple[int, int],
    quantity: int | None = None,
    *,
    proration: bool = False,
) -> Obj:
    """Not stored by itself: it belongs to its invoice."""
    return world.shape(
        "line_item",
        amount=amount,
        subtotal=amount,
        currency=price["currency"],
        description=text,
        discountable=not proration,
        discount_amounts=[],
        pretax_credit_amounts=[],
        taxes=[],
        quantity=quantity if quantity is not None else item["quantity"] if item else 1,
        period={"start": period[0], "end": period[1]},
        subscription=item["subscription"] if item else None,
        parent=_parent(item, proration) if item else None,
        pricing={
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    )


def _parent(item: Obj, proration: bool) -> Obj:
    return {
        "type": "subscription_item_details",
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": None,
            "proration": proration,
            "proration_details": {"credited_items": None},
            "subscription": item["subscription"],
            "subscription_item": item["id"],
        },
    }


def next_end(world: World, subscription: Obj, after: int) -> int:
    """When the period that contains `after` ends."""
    first = items_of(world, subscription)[0]
    recurring = world.get("price", first["price"])["recurring"]
    return boundary_after(subscription["billing_cycle_anchor"], recurring, after)
