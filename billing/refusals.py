"""What the ledger's refusals mean to the caller: each an error with its next step."""

from __future__ import annotations

from billing.call import Settlement
from billing.terms import Terms, seconds_to_midnight
from camarad.errors import CamaradError, Conflict, LimitReached, NotFound

TOP_UP = "An owner or admin can add CT; GET /api/user/snapshot shows the balance."
MISMATCH = "Repeat it exactly as it was, or use a new request id."
SOON = 5


def refuse_reservation(status: str, amount: int, terms: Terms) -> CamaradError:
    """`amount` is what was asked for, in CT of the phase it was asked in."""
    if status == "too_large":
        return LimitReached(
            f"This call could use {amount} CT; {terms.most_per_request} are allowed.",
            code="max_ct_per_request",
            hint="Shorten the message or the conversation, or raise MAX_CT_PER_REQUEST.",
        )
    if status == "daily_cap":
        return LimitReached(
            "The workspace has used its CT for today.",
            code="max_daily_ct_per_workspace",
            hint="The cap starts again at midnight UTC.",
            retry_after=seconds_to_midnight(terms.now),
        )
    if status == "insufficient_now":
        return LimitReached(
            f"Calls under way hold the rest of the balance; this one needs {amount} CT.",
            code="insufficient_ct",
            hint="Try again when they have ended. " + TOP_UP,
            retry_after=SOON,
        )
    if status == "mismatch":
        return Conflict("This request id was used for another call.", code="idempotency_mismatch", hint=MISMATCH)
    return LimitReached(f"The balance is below the {amount} CT this call needs.", code="insufficient_ct", hint=TOP_UP)


def refuse_settlement(status: str, settlement: Settlement) -> CamaradError:
    if status == "mismatch":
        return Conflict(
            f"The call {settlement.request_id} was settled before with other usage.",
            code="idempotency_mismatch",
            hint=MISMATCH,
        )
    if status == "replay:released":
        return Conflict(
            f"The call {settlement.request_id} was released before it was settled.",
            code="hold_released",
            hint="Reserve it again before calling the model.",
        )
    return NotFound(
        f"The call {settlement.request_id} was never reserved.",
        code="unknown_request",
        hint="Reserve CT before calling the model.",
    )
