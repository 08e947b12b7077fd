"""Disputes: a cardholder asks the bank for the money back."""

from __future__ import annotations

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.world import World


def open_dispute(world: World, charge: Obj, reason: str) -> Obj:
    """Of the whole charge; the money is taken from the balance until it is decided."""
    if not charge["paid"] or charge["disputed"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed.", param="charge")
    dispute = world.make(
        "dispute",
        amount=charge["amount"],
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
        is_charge_refundable=False,
        payment_method_details={
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "83"},
        },
    )
    dispute["evidence_details"] |= {"due_by": world.now() + 9 * DAY, "has_evidence": False, "submission_count": 0}
    charge["disputed"] = True
    emit(world, "charge.dispute.created", dispute)
    emit(world, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(world: World, dispute: Obj, status: str) -> Obj:
    """Won or lost."""
    if dispute["status"] in ("won", "lost") or status not in ("won", "lost"):
        raise StripeError("This dispute is already closed, or that is no way to close it.", param="status")
    changed(world, dispute, "charge.dispute.closed", status=status)
    if status == "won":
        emit(world, "charge.dispute.funds_reinstated", dispute)
    return dispute
