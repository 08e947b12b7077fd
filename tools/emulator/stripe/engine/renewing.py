"""The end of a period: the next one is invoiced, or the subscription ends."""

from __future__ import annotations

from tools.emulator.stripe.engine import ending, invoicing, lines, phases, status, taxes
from tools.emulator.stripe.events import emit
from tools.emulator.stripe.render import render
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def renew(world: World, subscription: Obj) -> None:
    if subscription["cancel_at_period_end"]:
        ending.cancel(world, subscription, "cancellation_requested")
        return
    if subscription["status"] == "trialing" and _without_method(world, subscription):
        return
    before = render(world, subscription)
    phases.arrive(world, subscription)
    if subscription["status"] == "canceled":
        return
    _next_period(world, subscription)
    was = subscription["status"]
    if was == "trialing":
        subscription["status"] = "active"
    _invoice(world, subscription, before, was)


def _next_period(world: World, subscription: Obj) -> None:
    items = lines.items_of(world, subscription)
    start = items[0]["current_period_end"]
    end = lines.next_end(world, subscription, start)
    for item in items:
        item.update(current_period_start=start, current_period_end=end)


def _invoice(world: World, subscription: Obj, before: Obj, was: str) -> None:
    """The new period and what was kept for it. Unpaid subscriptions get drafts that nobody collects."""
    item = lines.items_of(world, subscription)[0]
    start, end = item["current_period_start"], item["current_period_end"]
    found = [*subscription.pop("_later", []), *lines.of_period(world, subscription, start, end)]
    customer = world.get("customer", subscription["customer"])
    invoice = invoicing.compose(
        world,
        customer,
        found,
        "subscription_cycle",
        parent=invoicing.parent_of(subscription),
        automatic_tax=taxes.of_invoice(subscription),
        collection_method=subscription["collection_method"],
        period_start=before["items"]["data"][0]["current_period_start"],
        period_end=start,
        auto_advance=was != "unpaid",
    )
    subscription["latest_invoice"] = invoice["id"]
    emit(world, "invoice.created", invoice)
    status.tell(world, subscription, before)
    if was == "unpaid":
        return
    if world.rules.draft_seconds:
        invoice["automatically_finalizes_at"] = world.now() + world.rules.draft_seconds
        return
    send(world, invoice)


def send(world: World, invoice: Obj) -> None:
    """A draft of a renewal is finalised and collected."""
    invoice["automatically_finalizes_at"] = None
    invoicing.finalize(world, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        invoicing.collect(world, invoice, present=False)


def _without_method(world: World, subscription: Obj) -> bool:
    """A trial's end without a card: paused or canceled where its settings say so."""
    wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    settings = world.get("customer", subscription["customer"])["invoice_settings"]
    if wanted == "create_invoice" or subscription["default_payment_method"] or settings["default_payment_method"]:
        return False
    if wanted == "cancel":
        ending.cancel(world, subscription, "payment_failed")
    else:
        status.update(world, subscription, status="paused")
    return True


def resume(world: World, subscription: Obj) -> None:
    """From a pause: a new period from now on, active once it is paid."""
    now = world.now()
    before = render(world, subscription)
    subscription["billing_cycle_anchor"] = now
    end = lines.next_end(world, subscription, now)
    for item in lines.items_of(world, subscription):
        item.update(current_period_start=now, current_period_end=end)
    found = lines.of_period(world, subscription, now, end)
    invoicing.bill(world, subscription, found, "subscription_update", present=False)
    status.tell(world, subscription, before)


def warn(world: World, subscription: Obj) -> None:
    subscription["_warned"] = True
    emit(world, "customer.subscription.trial_will_end", subscription)


WARN_BEFORE = 3 * DAY
