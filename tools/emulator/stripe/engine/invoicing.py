"""Invoices: drawn up, finalised, collected, retried, void."""

from __future__ import annotations

from typing import Any

from tools.emulator.stripe.engine import crediting, paying, status, taxes
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def compose(world: World, customer: Obj, lines: list[Obj], reason: str, *, stored: bool = True, **fields: Any) -> Obj:
    """A draft; unstored, it is only a preview."""
    total = sum(line["amount"] for line in lines)
    invoice = (world.make if stored else world.shape)(
        "invoice",
        account_country="IE",
        account_name="Camarad (emulated)",
        amount_due=max(0, total),
        amount_remaining=max(0, total),
        auto_advance=True,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=lines[0]["currency"] if lines else "eur",
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_tax_exempt="none",
        customer_tax_ids=[],
        issuer={"type": "self"},
        period_start=world.now(),
        period_end=world.now(),
        starting_balance=customer["balance"],
        status="draft",
        subtotal=total,
        subtotal_excluding_tax=total,
        total=total,
        total_excluding_tax=total,
        total_discount_amounts=[],
        total_pretax_credit_amounts=[],
        total_taxes=[],
        _lines=lines,
        _secret=random_text(32),
    )
    for line in lines:
        line["invoice"] = invoice["id"]
    invoice.update(fields)
    crediting.reckon(invoice)
    return invoice


def parent_of(subscription: Obj) -> Obj:
    return {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]},
    }


def bill(
    world: World, subscription: Obj, lines: list[Obj], reason: str, *, present: bool, pay: bool = True, **fields: Any
) -> Obj:
    """Draw up what a subscription owes, and collect it unless it is left open."""
    customer = world.get("customer", subscription["customer"])
    fields.setdefault("collection_method", subscription["collection_method"])
    invoice = compose(
        world,
        customer,
        lines,
        reason,
        parent=parent_of(subscription),
        automatic_tax=taxes.of_invoice(subscription),
        **fields,
    )
    subscription["latest_invoice"] = invoice["id"]
    emit(world, "invoice.created", invoice)
    finalize(world, invoice)
    if invoice["status"] == "open" and pay and invoice["collection_method"] == "charge_automatically":
        collect(world, invoice, present=present)
    return invoice


def finalize(world: World, invoice: Obj) -> None:
    """From a draft to an open invoice with a number and an intent, or to a paid one when nothing is due."""
    customer, now = world.get("customer", invoice["customer"]), world.now()
    crediting.apply(world, invoice, customer)
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    invoice.update(status="open", number=number, effective_at=now)
    invoice["status_transitions"]["finalized_at"] = now
    if invoice["collection_method"] == "send_invoice":
        invoice["due_date"] = now + 30 * DAY
    if invoice["amount_due"]:
        _open_payment(world, invoice)
    emit(world, "invoice.finalized", invoice)
    if not invoice["amount_due"]:
        invoice["attempted"] = True
        mark_paid(world, invoice)


def _open_payment(world: World, invoice: Obj) -> None:
    reason = invoice["billing_reason"]
    said = {"subscription_create": "Subscription creation", "manual": "Payment for invoice"}
    intent = paying.open_intent(
        world,
        invoice["customer"],
        invoice["amount_due"],
        invoice["currency"],
        description=said.get(reason, "Subscription update"),
        _invoice=invoice["id"],
        setup_future_usage="off_session" if reason == "subscription_create" else None,
    )
    world.make(
        "invoice_payment",
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
    )


def payment_of(world: World, invoice: Obj) -> tuple[Obj, Obj] | None:
    """The invoice's payment and its intent; none when nothing was due."""
    for payment in world.store.all("invoice_payment", lambda one: one["invoice"] == invoice["id"]):
        return payment, world.get("payment_intent", payment["payment"]["payment_intent"])
    return None


def method_for(world: World, invoice: Obj) -> Obj | None:
    """The invoice's payment method, the subscription's, or the customer's."""
    subscription = status.of_invoice(world, invoice)
    settings = world.get("customer", invoice["customer"]).get("invoice_settings") or {}
    wanted = (
        invoice["default_payment_method"]
        or (subscription or {}).get("default_payment_method")
        or settings.get("default_payment_method")
    )
    return world.store.get("payment_method", wanted) if wanted else None


def collect(world: World, invoice: Obj, *, present: bool, method: Obj | None = None, proven: bool = False) -> str:
    """Try to be paid; gives the intent's status."""
    found = payment_of(world, invoice)
    if invoice["status"] != "open" or found is None:
        return "succeeded"
    _, intent = found
    invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
    method = method or method_for(world, invoice)
    if method is None:
        said = "This customer has no attached payment source or default payment method."
        paying.fail(world, intent, {"type": "invalid_request_error", "code": "resource_missing", "message": said})
        outcome = "requires_payment_method"
    else:
        outcome = paying.attempt(world, intent, method, present=present, proven=proven)
    if outcome == "succeeded":
        mark_paid(world, invoice)
    else:
        _missed(world, invoice, outcome)
    return outcome


def settled(world: World, intent: Obj) -> None:
    """The intent of an invoice was paid on a page or by the API."""
    invoice = world.get("invoice", intent["_invoice"])
    if intent["status"] == "succeeded" and invoice["status"] == "open":
        mark_paid(world, invoice)


def mark_paid(world: World, invoice: Obj) -> None:
    now, due = world.now(), invoice["amount_due"]
    invoice.update(status="paid", amount_paid=due, amount_remaining=0, next_payment_attempt=None, auto_advance=False)
    invoice["status_transitions"]["paid_at"] = now
    if found := payment_of(world, invoice):
        payment, _ = found
        payment.update(status="paid", amount_paid=due)
        payment["status_transitions"]["paid_at"] = now
        emit(world, "invoice_payment.paid", payment)
    emit(world, "invoice.paid", invoice)
    emit(world, "invoice.payment_succeeded", invoice)
    if subscription := status.of_invoice(world, invoice):
        from tools.emulator.stripe.engine import after_payment

        after_payment.paid(world, subscription, invoice)


def _missed(world: World, invoice: Obj, outcome: str) -> None:
    """A failed try: the next one is set, or there is none left."""
    subscription = status.of_invoice(world, invoice)
    first = subscription is not None and subscription["status"] == "incomplete"
    tries = invoice["attempt_count"] - 1
    again = not first and tries < len(world.rules.retry_days)
    invoice["next_payment_attempt"] = world.now() + world.rules.retry_days[tries] * DAY if again else None
    if outcome == "requires_action":
        emit(world, "invoice.payment_action_required", invoice)
    emit(world, "invoice.payment_failed", invoice)
    if subscription is not None:
        from tools.emulator.stripe.engine import after_payment

        after_payment.missed(world, subscription, invoice, last=not again)


def void(world: World, invoice: Obj) -> None:
    _close(world, invoice, "void", "voided_at", "invoice.voided", "void_invoice")


def uncollectible(world: World, invoice: Obj) -> None:
    _close(world, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible", "abandoned")


def _close(world: World, invoice: Obj, state: str, moment: str, event: str, reason: str) -> None:
    if found := payment_of(world, invoice):
        payment, intent = found
        if intent["status"] not in ("succeeded", "canceled"):
            intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason, next_action=None)
            emit(world, "payment_intent.canceled", intent)
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = world.now()
    transitions = {**invoice["status_transitions"], moment: world.now()}
    changed(world, invoice, event, status=state, next_payment_attempt=None, status_transitions=transitions)
