"""Subscription schedules: made from a running subscription, they change it when its period ends."""

from __future__ import annotations

from tools.emulator.stripe.engine import lines, periods, phases, starting
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.listing import matches, page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

KIND = "subscription_schedule"
RUNNING = ("active", "trialing", "past_due")


def create(world: World, params: Params) -> Obj:
    """From a subscription only: one phase, the period that runs."""
    if "from_subscription" not in params:
        raise required("from_subscription")
    if set(params) - {"from_subscription", "metadata"}:
        raise StripeError(
            "You cannot set other parameters if `from_subscription` is set. Create the schedule first, then update it.",
            param="from_subscription",
        )
    subscription = world.refer("subscription", params["from_subscription"], "from_subscription")
    if subscription["schedule"]:
        raise StripeError(
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}.",
            param="from_subscription",
        )
    if subscription["status"] not in RUNNING:
        raise StripeError(f"A subscription that is {subscription['status']} cannot be scheduled.")
    schedule = world.make(
        KIND,
        billing_mode=dict(subscription["billing_mode"]),
        customer=subscription["customer"],
        default_settings=_defaults(subscription),
        end_behavior="cancel" if subscription["cancel_at_period_end"] else "release",
        metadata=metadata.given(params),
        status="active",
        subscription=subscription["id"],
    )
    first = _running_phase(world, subscription)
    schedule.update(phases=[first], current_phase=_current(first))
    subscription["schedule"] = schedule["id"]
    emit(world, "subscription_schedule.created", schedule)
    emit(world, "customer.subscription.updated", subscription, {"schedule": None})
    return schedule


def _defaults(subscription: Obj) -> Obj:
    return {
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": subscription["collection_method"],
        "default_payment_method": subscription["default_payment_method"],
        "description": None,
        "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
        "on_behalf_of": None,
        "transfer_data": None,
    }


def _running_phase(world: World, subscription: Obj) -> Obj:
    items = lines.items_of(world, subscription)
    wanted = [{"price": item["price"], "quantity": item["quantity"]} for item in items]
    return _phase(subscription, wanted, items[0]["current_period_start"], items[0]["current_period_end"])


def _phase(subscription: Obj, items: list[Obj], start: int, end: int, given: Params | None = None) -> Obj:
    given = given or {}
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": subscription["currency"],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": given.get("description"),
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [
            {"billing_thresholds": None, "discounts": [], "metadata": {}, "tax_rates": [], **item} for item in items
        ],
        "metadata": metadata.given(given),
        "on_behalf_of": None,
        "proration_behavior": given.get("proration_behavior", "create_prorations"),
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def _current(phase: Obj) -> Obj:
    return {"start_date": phase["start_date"], "end_date": phase["end_date"]}


def retrieve(world: World, params: Params, schedule_id: str) -> Obj:
    return world.get(KIND, schedule_id)


def update(world: World, params: Params, schedule_id: str) -> Obj:
    schedule = _running(world, schedule_id, "update")
    fields: Obj = {name: params[name] for name in ("end_behavior",) if name in params}
    if "phases" in params:
        fields["phases"] = _phases(world, schedule, params["phases"])
    changed(world, schedule, "subscription_schedule.updated", **fields, metadata=metadata.merged(schedule, params))
    return schedule


def _running(world: World, schedule_id: str, verb: str) -> Obj:
    schedule = world.get(KIND, schedule_id)
    if schedule["status"] not in ("active", "not_started"):
        raise StripeError(
            f"You cannot {verb} a subscription schedule that is currently in the `{schedule['status']}` status."
        )
    return schedule


def _phases(world: World, schedule: Obj, given: list[Params]) -> list[Obj]:
    """The first one is the running period, and stays as it is; each begins where the one before ends."""
    subscription = world.get("subscription", schedule["subscription"])
    current, made = schedule["current_phase"], list[Obj]()
    for place, one in enumerate(given):
        path = f"phases[{place}]"
        start = made[-1]["end_date"] if made else current["start_date"]
        if not made and one.get("start_date") not in (None, "now", start):
            raise StripeError("The start date of the current phase cannot be changed.", param=f"{path}[start_date]")
        items = [_item(world, item, f"{path}[items][{i}]") for i, item in enumerate(one.get("items") or [])]
        if not items:
            raise required(f"{path}[items]")
        end = _end(world, items, one, start, current if not made else None)
        if end <= start:
            raise StripeError("A phase ends after it begins.", param=f"{path}[end_date]")
        made.append(_phase(subscription, items, start, end, one))
    if not made:
        raise required("phases")
    return made


def _item(world: World, given: Params, path: str) -> Obj:
    if "price" not in given:
        raise required(f"{path}[price]")
    price = starting.sold(world, given["price"], f"{path}[price]")
    return {"price": price["id"], "quantity": starting.quantity_of(given, path)}


def _end(world: World, items: list[Obj], given: Params, start: int, current: Obj | None) -> int:
    if isinstance(given.get("end_date"), int):
        return int(given["end_date"])
    if current and "duration" not in given:
        return int(current["end_date"])
    length = given.get("duration") or world.get("price", items[0]["price"])["recurring"]
    recurring = {"interval": length["interval"], "interval_count": length.get("interval_count", 1)}
    return periods.boundary_after(start, recurring, start)


def release(world: World, params: Params, schedule_id: str) -> Obj:
    schedule = _running(world, schedule_id, "release")
    subscription = world.get("subscription", schedule["subscription"])
    phases.release(world, subscription, schedule)
    emit(world, "customer.subscription.updated", subscription, {"schedule": schedule_id})
    return schedule


def cancel(world: World, params: Params, schedule_id: str) -> Obj:
    """The schedule and its subscription."""
    from tools.emulator.stripe.engine import ending

    schedule = _running(world, schedule_id, "cancel")
    ending.cancel(world, world.get("subscription", schedule["subscription"]), "cancellation_requested")
    return schedule


def listing(world: World, params: Params) -> Obj:
    return page(world, KIND, params, "/v1/subscription_schedules", matches(params, "customer"))


ROUTES = (
    Route("POST", "/v1/subscription_schedules", create),
    Route("GET", "/v1/subscription_schedules", listing),
    Route("GET", "/v1/subscription_schedules/{schedule}", retrieve),
    Route("POST", "/v1/subscription_schedules/{schedule}", update),
    Route("POST", "/v1/subscription_schedules/{schedule}/release", release),
    Route("POST", "/v1/subscription_schedules/{schedule}/cancel", cancel),
)
