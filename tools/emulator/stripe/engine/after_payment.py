"""What a paid or a missed invoice means for its subscription."""

from __future__ import annotations

from tools.emulator.stripe.engine import ending, status
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def paid(world: World, subscription: Obj, invoice: Obj) -> None:
    """The first payment starts it; the latest one ends a delay. A change that waited for the money is made."""
    from tools.emulator.stripe.engine import changing

    world.get("customer", subscription["customer"])["delinquent"] = False
    if subscription.get("_pending") and subscription["_pending"]["invoice"] == invoice["id"]:
        changing.apply_pending(world, subscription)
    state = subscription["status"]
    latest = subscription["latest_invoice"] == invoice["id"]
    if state == "incomplete" or (latest and state in ("past_due", "unpaid", "paused")):
        status.update(world, subscription, status="active")


def missed(world: World, subscription: Obj, invoice: Obj, *, last: bool) -> None:
    """One in force is past due; after the last try the merchant's rule decides. A waiting change waits on."""
    if subscription.get("_pending") and subscription["_pending"]["invoice"] == invoice["id"]:
        invoice["next_payment_attempt"] = None
        return
    state = subscription["status"]
    if state not in ("active", "trialing", "past_due"):
        return
    world.get("customer", subscription["customer"])["delinquent"] = True
    if not last:
        status.update(world, subscription, status="past_due")
    elif world.rules.after_retries == "cancel":
        status.update(world, subscription, status="past_due")
        ending.cancel(world, subscription, "payment_failed")
    else:
        status.update(world, subscription, status=world.rules.after_retries)
