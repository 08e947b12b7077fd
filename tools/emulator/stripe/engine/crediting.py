"""The customer's balance: below zero it pays invoices, above zero it is asked for with the next one."""

from __future__ import annotations

from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World

SMALLEST = 50  # cents; less is not charged to a card but left on the balance


def reckon(invoice: Obj) -> int:
    """Set what is due by the invoice's starting balance; gives the ending one."""
    owed = invoice["total"] + invoice["starting_balance"]
    due = owed if owed >= SMALLEST else 0
    invoice.update(amount_due=due, amount_remaining=due)
    return int(owed - due)


def apply(world: World, invoice: Obj, customer: Obj) -> None:
    """At the moment an invoice is finalised: what is due is fixed, and the balance changes."""
    invoice["starting_balance"] = customer["balance"]
    ending = invoice["ending_balance"] = reckon(invoice)
    if ending == customer["balance"]:
        return
    customer["balance"], before = ending, customer["balance"]
    customer["currency"] = invoice["currency"]
    world.make(
        "customer_balance_transaction",
        amount=ending - before,
        currency=invoice["currency"],
        customer=customer["id"],
        ending_balance=ending,
        invoice=invoice["id"],
        type="applied_to_invoice",
    )
