"""What the next invoice would be: nothing of it stays."""

from __future__ import annotations

from tools.emulator.stripe.engine import changing, invoicing, lines, starting, taxes
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.types import Obj, Params
from tools.emulator.stripe.world import World


def preview(world: World, params: Params) -> Obj:
    """Of a subscription's next period, or of a change to it; or of a subscription that is not yet made."""
    asked = params.get("subscription_details") or {}
    if params.get("subscription"):
        subscription = world.get("subscription", params["subscription"])
        if params.get("customer") not in (None, subscription["customer"]):
            raise StripeError("The subscription belongs to another customer.", param="subscription")
        return _of_running(world, subscription, asked)
    if not params.get("customer"):
        raise StripeError("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = world.refer("customer", params["customer"], "customer")
    return _of_new(world, customer, asked)


def _of_running(world: World, subscription: Obj, asked: Params) -> Obj:
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise StripeError(
            "You cannot preview the upcoming invoice for a canceled subscription.", code="invoice_upcoming_none"
        )
    leaving = asked.get("cancel_at_period_end", subscription["cancel_at_period_end"])
    at_once = asked.get("proration_behavior") == "always_invoice" and bool(asked.get("items"))
    found = list(subscription.get("_later", []))
    if asked.get("items") or asked.get("billing_cycle_anchor") == "now":
        found += changing.change_items(world, subscription, asked.get("items") or [], asked)
    first = lines.items_of(world, subscription)[0]
    start = first["current_period_end"]
    if not at_once and leaving and not found:
        raise StripeError("No upcoming invoices for customer: the subscription ends.", code="invoice_upcoming_none")
    if not at_once and not leaving:
        subscription["status"] = "active"
        found += lines.of_period(world, subscription, start, lines.next_end(world, subscription, start))
    return _shown(
        world, world.get("customer", subscription["customer"]), found, subscription, world.now() if at_once else start
    )


def _of_new(world: World, customer: Obj, asked: Params) -> Obj:
    if not asked.get("items"):
        raise StripeError("No upcoming invoices for customer: there is no subscription.", code="invoice_upcoming_none")
    given = {**asked, "customer": customer["id"], "payment_behavior": "default_incomplete"}
    given.pop("proration_behavior", None)
    subscription = starting.begin(world, given)
    invoice = world.get("invoice", subscription["latest_invoice"])
    return _shown(world, customer, invoice["_lines"], None, world.now())


def _shown(world: World, customer: Obj, found: list[Obj], subscription: Obj | None, at: int) -> Obj:
    invoice = invoicing.compose(
        world,
        customer,
        found,
        "upcoming",
        stored=False,
        created=at,
        parent=invoicing.parent_of(subscription) if subscription else None,
        automatic_tax=taxes.of_invoice(subscription),
        next_payment_attempt=at,
        period_end=at,
    )
    invoice["id"] = f"upcoming_{invoice['id']}"
    for line in found:
        line["invoice"] = invoice["id"]
    return invoice
