"""What a customer does in the portal: the same changes that the API makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import ending, invoicing, lines
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed
from tools.emulator.stripe.pages.desk import saved_card
from tools.emulator.stripe.resources import invoices, schedules, setup_intents, subscriptions
from tools.emulator.stripe.types import Obj, Params
from tools.emulator.stripe.world import World

if TYPE_CHECKING:
    from tools.emulator.stripe.pages.overview import Overview


def waits(world: World, view: Overview, subscription: Obj, price: Obj) -> bool:
    """Whether the change is made at the end of the period only: a cheaper one, where the configuration says so."""
    conditions = view.features["subscription_update"]["schedule_at_period_end"]["conditions"]
    cheaper = price["unit_amount"] < view.price(subscription)["unit_amount"]
    return cheaper and any(one["type"] == "decreasing_item_amount" for one in conditions)


def _asked(world: World, view: Overview, subscription: Obj, price: Obj) -> Params:
    item = lines.items_of(world, subscription)[0]
    behavior = view.features["subscription_update"]["proration_behavior"]
    return {"items": [{"id": item["id"], "price": price["id"]}], "proration_behavior": behavior}


def due_now(world: World, view: Overview, subscription: Obj, price: Obj) -> int:
    """What the change costs today, in cents; below zero it is credit. Nothing is changed."""
    asked = _asked(world, view, subscription, price)
    if asked["proration_behavior"] != "always_invoice":
        return 0
    shown = invoices.preview(world, {"subscription": subscription["id"], "subscription_details": asked})
    total = int(shown["total"])
    world.undo()
    return total


def change(world: World, view: Overview, subscription: Obj, price: Obj) -> str | None:
    """Gives the page of the invoice when it is not paid yet."""
    if subscription["cancel_at"]:
        subscriptions.update(world, {"cancel_at_period_end": False}, subscription["id"])
    if waits(world, view, subscription, price):
        _schedule(world, subscription, price)
        return None
    asked = _asked(world, view, subscription, price)
    subscriptions.update(world, {**asked, "payment_behavior": "pending_if_incomplete"}, subscription["id"])
    if not subscription["pending_update"]:
        return None
    invoice = world.get("invoice", subscription["latest_invoice"])
    found = invoicing.payment_of(world, invoice)
    if found and found[1]["status"] == "requires_action":
        return f"/authenticate/{found[1]['client_secret']}"
    return f"/invoices/{invoice['id']}/{invoice['_secret']}"


def _schedule(world: World, subscription: Obj, price: Obj) -> None:
    schedule = schedules.create(world, {"from_subscription": subscription["id"]})
    running = schedule["phases"][0]
    now = [{"price": item["price"], "quantity": item["quantity"]} for item in running["items"]]
    later = [{"price": price["id"], "quantity": now[0]["quantity"]}]
    wanted: Params = {"phases": [{"items": now}, {"items": later}], "end_behavior": "release"}
    schedules.update(world, wanted, schedule["id"])


def cancel(world: World, view: Overview, subscription: Obj, why: str | None) -> None:
    allowed = view.features["subscription_cancel"]
    feedback = why if why in allowed["cancellation_reason"]["options"] else None
    details = {"comment": None, "feedback": feedback}
    if allowed["mode"] == "immediately" or subscription["status"] in ("unpaid", "paused"):
        ending.cancel(world, subscription, "cancellation_requested", details)
        return
    asked: Params = {"cancel_at_period_end": True, "cancellation_details": details}
    subscriptions.update(world, asked, subscription["id"])


def keep(world: World, subscription: Obj) -> None:
    """Take back an end, or a change, that was to come."""
    if subscription["schedule"]:
        schedules.release(world, {}, subscription["schedule"])
    elif subscription["cancel_at"]:
        subscriptions.update(world, {"cancel_at_period_end": False}, subscription["id"])
    else:
        raise StripeError("There is nothing to take back.")


def save_card(world: World, view: Overview, number: str) -> str | None:
    """The card for everything from now on; gives the bank's page when it wants to ask first."""
    card = cards.by_number(number)
    if card.asks == "never":
        use_card(world, view.customer, saved_card(world, view.customer, number))
        return None
    intent = setup_intents.create(world, {"customer": view.customer["id"]})
    method = cards.new_method(world, card, {"email": view.customer["email"], "name": view.customer["name"]})
    intent.update(_back=f"{view.path}?home", _for_all=True)
    confirmed = setup_intents.confirm(world, {"payment_method": method["id"]}, intent["id"])
    return f"/authenticate/{confirmed['client_secret']}"


def use_card(world: World, customer: Obj, method: Obj) -> None:
    """By the customer and by every running subscription."""
    settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
    changed(world, customer, "customer.updated", invoice_settings=settings)
    for subscription in world.store.all("subscription", lambda one: one["customer"] == customer["id"]):
        if subscription["default_payment_method"] and subscription["status"] not in ("canceled", "incomplete_expired"):
            subscriptions.update(world, {"default_payment_method": method["id"]}, subscription["id"])
