"""A subscription's beginning."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import entitled, invoicing, lines, periods, status, taxes
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import emit
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj, Params
from tools.emulator.stripe.world import World

MOST_QUANTITY = 999_999


def begin(world: World, params: Params, *, present: bool = False, proven: bool = False) -> Obj:
    """Make it, invoice it, collect as `payment_behavior` says. StripeError for what Stripe refuses."""
    customer = world.refer("customer", params["customer"], "customer")
    wanted = [_wanted(world, item, f"items[{place}]") for place, item in enumerate(params.get("items") or ())]
    if not wanted:
        raise required("items")
    same = {(price["currency"], price["recurring"]["interval"]) for price, _, _ in wanted}
    if len({currency for currency, _ in same}) > 1:
        raise StripeError("You cannot combine currencies on a single subscription.", param="items")
    if len(same) > 1:
        raise StripeError("Prices of one subscription must have the same billing interval.", param="items")
    trial_end = _trial_end(world, params)
    subscription = _make(world, params, customer, wanted, trial_end)
    _invoice_first(world, subscription, params, present=present, proven=proven)
    return subscription


def _wanted(world: World, item: Params, path: str) -> tuple[Obj, int, Params]:
    if "price" not in item:
        raise StripeError(f"Missing required param: {path}[price].", code="parameter_missing", param=f"{path}[price]")
    price = sold(world, item["price"], f"{path}[price]")
    return price, quantity_of(item, path), item


def sold(world: World, price_id: str, param: str) -> Obj:
    """A price that a subscription may have."""
    price = world.refer("price", price_id, param)
    if not price["active"]:
        raise StripeError(
            f"The price specified is inactive. This field only accepts active prices. Price: {price_id}", param=param
        )
    if price["type"] != "recurring":
        raise StripeError(
            f"The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`. "
            f"Price: {price_id}",
            param=param,
        )
    return price


def quantity_of(item: Params, path: str) -> int:
    quantity: int = item.get("quantity", 1)
    if not 0 < quantity <= MOST_QUANTITY:
        raise StripeError(
            f"This value must be between 1 and {MOST_QUANTITY}.",
            code="parameter_invalid_integer",
            param=f"{path}[quantity]",
        )
    return quantity


def _trial_end(world: World, params: Params) -> int | None:
    if params.get("trial_period_days"):
        return world.now() + int(params["trial_period_days"]) * DAY
    end = params.get("trial_end")
    if end in (None, "now"):
        return None
    if end <= world.now():
        raise StripeError("The trial end must be in the future.", param="trial_end")
    return int(end)


def _make(
    world: World, params: Params, customer: Obj, wanted: list[tuple[Obj, int, Params]], trial_end: int | None
) -> Obj:
    now = world.now()
    price = wanted[0][0]
    anchor = trial_end or params.get("billing_cycle_anchor") or now
    end = trial_end or periods.boundary_after(anchor, price["recurring"], now)
    subscription = world.make(
        "subscription",
        automatic_tax=taxes.of_subscription(params),
        billing_cycle_anchor=anchor,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        cancel_at_period_end=params.get("cancel_at_period_end", False),
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method=params.get("collection_method", "charge_automatically"),
        currency=price["currency"],
        customer=customer["id"],
        days_until_due=params.get("days_until_due"),
        default_payment_method=_method(world, params, customer),
        default_tax_rates=[],
        description=params.get("description"),
        metadata=metadata.given(params),
        payment_settings=_payment_settings(params),
        start_date=now,
        status="trialing" if trial_end else "incomplete",
        trial_start=now if trial_end else None,
        trial_end=trial_end,
        trial_settings=_trial_settings(params),
        _items=[],
    )
    for item_price, quantity, item in wanted:
        add_item(world, subscription, item_price, quantity, (now, end), metadata.given(item))
    if subscription["cancel_at_period_end"]:
        subscription.update(cancel_at=end, canceled_at=now)
    elif params.get("cancel_at"):
        subscription.update(cancel_at=params["cancel_at"], canceled_at=now)
    emit(world, "customer.subscription.created", subscription)
    return subscription


def add_item(
    world: World, subscription: Obj, price: Obj, quantity: int, period: tuple[int, int], notes: dict[str, str]
) -> Obj:
    item = world.make(
        "subscription_item",
        price=price["id"],
        quantity=quantity,
        subscription=subscription["id"],
        current_period_start=period[0],
        current_period_end=period[1],
        tax_rates=[],
        metadata=notes,
    )
    subscription["_items"].append(item["id"])
    return item


def _method(world: World, params: Params, customer: Obj) -> str | None:
    if not params.get("default_payment_method"):
        return None
    method = cards.method(world, params["default_payment_method"], "default_payment_method")
    if method["customer"] != customer["id"]:
        raise StripeError(
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param="default_payment_method",
        )
    return str(method["id"])


def _payment_settings(params: Params) -> Obj:
    given = params.get("payment_settings") or {}
    return {
        "payment_method_options": None,
        "payment_method_types": given.get("payment_method_types"),
        "save_default_payment_method": given.get("save_default_payment_method", "off"),
    }


def _trial_settings(params: Params) -> Obj:
    ends = (params.get("trial_settings") or {}).get("end_behavior") or {}
    return {"end_behavior": {"missing_payment_method": ends.get("missing_payment_method", "create_invoice")}}


def _invoice_first(world: World, subscription: Obj, params: Params, *, present: bool, proven: bool) -> None:
    behavior = params.get("payment_behavior", "allow_incomplete")
    item = lines.items_of(world, subscription)[0]
    first = lines.of_period(world, subscription, item["current_period_start"], item["current_period_end"])
    first += params.get("_extra_lines", [])
    fields: dict[str, Any] = {"metadata": {}}
    invoice = invoicing.bill(world, subscription, first, "subscription_create", present=present, pay=False, **fields)
    if subscription["collection_method"] == "send_invoice" and subscription["status"] == "incomplete":
        status.update(world, subscription, status="active")
    elif invoice["status"] == "open" and behavior != "default_incomplete":
        outcome = invoicing.collect(world, invoice, present=present, proven=proven)
        if outcome != "succeeded" and behavior == "error_if_incomplete":
            raise refused(world, invoice, outcome)
    entitled.recount(world, subscription["customer"])


def refused(world: World, invoice: Obj, outcome: str) -> StripeError:
    """The payment's error, as the answer of a call that wants all or nothing; so nothing stays."""
    found = invoicing.payment_of(world, invoice)
    problem: Obj = (found[1]["last_payment_error"] if found else None) or {}
    if outcome == "requires_action":
        problem = {"code": "subscription_payment_intent_requires_action"}
        problem["message"] = "Payment for this subscription requires additional user action before it can be completed."
    return StripeError(
        problem.get("message", "Your card was declined."),
        status=402,
        kind="card_error",
        code=problem.get("code", "card_declined"),
        decline_code=problem.get("decline_code"),
    )
