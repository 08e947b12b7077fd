"""Changes of a running subscription: other items, with proration; the trial's end; the end, or not."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.engine import invoicing, lines, periods, starting, status
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.render import render
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj, Params
from tools.emulator.stripe.world import World

PENDING_DAYS = 1  # 23 hours at Stripe, until a change that waits for its payment is dropped


def change_items(world: World, subscription: Obj, given: list[Params], params: Params) -> list[Obj]:
    """Make the change; gives the lines of what it is worth. The caller bills or keeps them."""
    now = params.get("proration_date") or world.now()
    wanted = [_wanted(world, subscription, item, f"items[{place}]") for place, item in enumerate(given)]
    before = _interval(world, subscription)
    prorate = params.get("proration_behavior", "create_prorations") != "none" and subscription["status"] != "trialing"
    found: list[Obj] = []
    for item, price, quantity, raw in wanted:
        if item is None:
            item = _added(world, subscription, price, quantity, raw, now)
        else:
            if prorate:
                found.append(_line(world, item, world.get("price", item["price"]), item["quantity"], now, credit=True))
            if raw.get("deleted"):
                subscription["_items"].remove(item["id"])
                continue
            item.update(price=price["id"], quantity=quantity, metadata=metadata.merged(item, raw))
        if prorate:
            found.append(_line(world, item, price, quantity, now, credit=False))
    if not subscription["_items"]:
        raise StripeError("A subscription must have at least one item.", param="items")
    if _interval(world, subscription) != before or params.get("billing_cycle_anchor") == "now":
        found = [line for line in found if line["amount"] < 0] + _restart(world, subscription, now)
    return [line for line in found if line["amount"]]


def _line(world: World, item: Obj, price: Obj, quantity: int, now: int, *, credit: bool) -> Obj:
    return lines.prorated(world, item, price, quantity, now, credit=credit)


def _wanted(world: World, subscription: Obj, given: Params, path: str) -> tuple[Obj | None, Obj, int, Params]:
    item = None
    if "id" in given:
        if given["id"] not in subscription["_items"]:
            raise StripeError(
                f"No such subscription item: '{given['id']}' on the subscription '{subscription['id']}'.",
                code="resource_missing",
                param=f"{path}[id]",
            )
        item = world.get("subscription_item", given["id"])
    elif "price" not in given:
        raise StripeError(f"Missing required param: {path}[price].", code="parameter_missing", param=f"{path}[price]")
    price_id = given.get("price") or (item["price"] if item else "")
    price = world.get("price", price_id) if item and price_id == item["price"] else starting.sold(world, price_id, path)
    if price["currency"] != subscription["currency"]:
        raise StripeError("You cannot combine currencies on a single subscription.", param=f"{path}[price]")
    quantity = starting.quantity_of({"quantity": item["quantity"], **given} if item else given, path)
    return item, price, quantity, given


def _added(world: World, subscription: Obj, price: Obj, quantity: int, raw: Params, now: int) -> Obj:
    if any(item["price"] == price["id"] for item in lines.items_of(world, subscription)):
        raise StripeError(f"Cannot add multiple subscription items with the same price: {price['id']}", param="items")
    first = lines.items_of(world, subscription)[0]
    period = (first["current_period_start"], first["current_period_end"])
    return starting.add_item(world, subscription, price, quantity, period, metadata.given(raw))


def _interval(world: World, subscription: Obj) -> tuple[str, int]:
    recurring = world.get("price", lines.items_of(world, subscription)[0]["price"])["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _restart(world: World, subscription: Obj, now: int) -> list[Obj]:
    """A new cycle from now on, as when the interval changes; gives the lines of its first period."""
    subscription["billing_cycle_anchor"] = now
    for item in lines.items_of(world, subscription):
        end = periods.boundary_after(now, world.get("price", item["price"])["recurring"], now)
        item.update(current_period_start=now, current_period_end=end)
    first = lines.items_of(world, subscription)[0]
    return lines.of_period(world, subscription, now, first["current_period_end"])


def settle(world: World, subscription: Obj, found: list[Obj], params: Params, before: Obj, *, present: bool) -> None:
    """Bill at once, or keep the lines for the next invoice; what happens unpaid is `payment_behavior`'s to say."""
    restarted = before["billing_cycle_anchor"] != subscription["billing_cycle_anchor"]
    at_once = params.get("proration_behavior") == "always_invoice" or restarted
    if not at_once:
        subscription.setdefault("_later", []).extend(found)
        status.tell(world, subscription, before)
        return
    behavior = params.get("payment_behavior", "allow_incomplete")
    if behavior == "pending_if_incomplete":
        _settle_or_wait(world, subscription, found, before, params, present=present)
        return
    status.tell(world, subscription, before)
    if not found:
        return
    pay = behavior != "default_incomplete"
    invoice = invoicing.bill(world, subscription, found, "subscription_update", present=present, pay=pay)
    if behavior == "error_if_incomplete" and invoice["status"] == "open":
        found_payment = invoicing.payment_of(world, invoice)
        raise starting.refused(world, invoice, found_payment[1]["status"] if found_payment else "")


def _settle_or_wait(
    world: World, subscription: Obj, found: list[Obj], before: Obj, params: Params, *, present: bool
) -> None:
    """Take the change back, collect, and make it again when the money is there."""
    changed_to = _state(world, subscription)
    _put(world, subscription, _state_of(before))
    subscription["_pending"] = {"invoice": None, "state": changed_to}
    invoice = invoicing.bill(world, subscription, found, "subscription_update", present=present, pay=False)
    subscription["_pending"]["invoice"] = invoice["id"]
    if invoice["status"] == "open":
        invoicing.collect(world, invoice, present=present)
    if invoice["status"] == "paid":
        if subscription.get("_pending"):
            apply_pending(world, subscription)
        return
    waiting = {
        "billing_cycle_anchor": None,
        "expires_at": world.now() + PENDING_DAYS * DAY - 3_600,
        "subscription_items": [
            {**item, "price": render(world, world.get("price", item["price"]))} for item in changed_to["items"]
        ],
        "trial_end": None,
        "trial_from_plan": None,
    }
    status.update(world, subscription, pending_update=waiting)


def apply_pending(world: World, subscription: Obj) -> None:
    """The money came: the change that waited is made."""
    before = render(world, subscription)
    _put(world, subscription, subscription.pop("_pending")["state"])
    subscription["pending_update"] = None
    status.tell(world, subscription, before)


def drop_pending(world: World, subscription: Obj) -> None:
    """It never came."""
    from tools.emulator.stripe.events import emit

    invoice = world.get("invoice", subscription.pop("_pending")["invoice"])
    subscription["pending_update"] = None
    if invoice["status"] == "open":
        invoicing.void(world, invoice)
    emit(world, "customer.subscription.pending_update_expired", subscription)


def _state(world: World, subscription: Obj) -> Obj:
    items = [dict(item) for item in lines.items_of(world, subscription)]
    return {"items": items, "billing_cycle_anchor": subscription["billing_cycle_anchor"]}


def _state_of(shown: Obj) -> Obj:
    items = [{**item, "price": item["price"]["id"]} for item in shown["items"]["data"]]
    return {"items": items, "billing_cycle_anchor": shown["billing_cycle_anchor"]}


def _put(world: World, subscription: Obj, state: Obj) -> None:
    for item in state["items"]:
        found = world.store.get("subscription_item", item["id"]) or world.store.add("subscription_item", dict(item))
        found.update(item)
    subscription["_items"] = [item["id"] for item in state["items"]]
    subscription["billing_cycle_anchor"] = state["billing_cycle_anchor"]


def end_trial(world: World, subscription: Obj) -> None:
    """Now: the first paid period begins, or what the trial's settings say without a payment method."""
    from tools.emulator.stripe.engine import renewing

    for item in lines.items_of(world, subscription):
        item["current_period_end"] = world.now()
    subscription["trial_end"] = world.now()
    renewing.renew(world, subscription)


def plan_end(world: World, subscription: Obj, params: Params) -> dict[str, Any]:
    """The fields that `cancel_at_period_end` and `cancel_at` set or take back."""
    if subscription["schedule"]:
        raise StripeError(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead.",
            param="cancel_at_period_end",
        )
    if "cancel_at" in params and params["cancel_at"] is not None:
        return _leaving(world, subscription, at=_cancel_at(world, subscription, params["cancel_at"]), at_end=False)
    if params.get("cancel_at_period_end"):
        end = lines.items_of(world, subscription)[0]["current_period_end"]
        return _leaving(world, subscription, at=end, at_end=True)
    details = {"comment": None, "feedback": None, "reason": None}
    return {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "cancellation_details": details}


def _cancel_at(world: World, subscription: Obj, wanted: object) -> int:
    if wanted in ("min_period_end", "max_period_end"):
        return int(lines.items_of(world, subscription)[0]["current_period_end"])
    if not isinstance(wanted, int) or wanted <= world.now():
        raise StripeError("cancel_at must be in the future.", param="cancel_at")
    return wanted


def _leaving(world: World, subscription: Obj, *, at: int, at_end: bool) -> dict[str, Any]:
    details = {**(subscription["cancellation_details"] or {}), "reason": "cancellation_requested"}
    return {
        "cancel_at": at,
        "cancel_at_period_end": at_end,
        "canceled_at": world.now(),
        "cancellation_details": details,
    }
