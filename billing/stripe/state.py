"""What Stripe knows of one customer, read from its objects into plain records. No calls, no database.

Amounts are cents as Stripe counts them. What cannot be read soundly is left out and said in `problems`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from billing.plans import Plan, plan
from billing.stripe.prices import CURRENCY
from billing.stripe.status import standing

Obj = dict[str, Any]
MOST_CENTS: Final = 10**12  # of any total; beyond it nothing is believed
LAST_SECOND: Final = 253_402_300_799  # of the year 9999
RETURNED: Final = "camarad_returned"  # in a subscription's metadata: it is being given back, see billing.stripe.double


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    id: str
    status: str
    price_id: str
    plan_code: str | None
    next_plan_code: str | None
    current_period_start: datetime
    current_period_end: datetime
    trial_end: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    next_invoice_at: datetime | None = None
    next_invoice_cents: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceState:
    id: str
    subscription_id: str | None
    number: str | None
    status: str
    reason: str | None
    currency: str
    total_cents: int
    paid_cents: int
    period_start: datetime | None
    period_end: datetime | None
    page_url: str | None
    pdf_url: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReversalState:
    id: str
    kind: str
    amount_cents: int
    currency: str
    status: str
    reason: str | None
    payment_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """`paid`: a top-up whose money is there. `payment_id` and `paid_cents` are of such a one; the id is empty when
    nothing had to be paid."""

    id: str
    state: str  # open, complete or expired
    paid: bool
    payment_id: str = ""
    paid_cents: int = 0


@dataclass(frozen=True, slots=True)
class PaidCt:
    """CT that a paid invoice brings: those of a whole period, which replace what was left of the one before, or what a
    dearer plan adds to the period that runs."""

    id: str
    plan_code: str
    ct: int
    whole: bool
    start: datetime
    subscription_id: str = ""


@dataclass(frozen=True, slots=True)
class CustomerState:
    """`missing`: Stripe has no such customer, as after the key of another account was set. `returning` are ids of live
    subscriptions marked as given back, `unpaid` the CT that those were paid for and bring no more."""

    customer_id: str
    subscriptions: tuple[SubscriptionState, ...] = ()
    invoices: tuple[InvoiceState, ...] = ()
    reversals: tuple[ReversalState, ...] = ()
    checkouts: tuple[CheckoutState, ...] = ()
    features: frozenset[str] = frozenset()
    paid: tuple[PaidCt, ...] = ()
    problems: tuple[str, ...] = field(default=())
    missing: bool = False
    returning: tuple[str, ...] = ()
    unpaid: tuple[PaidCt, ...] = ()

    @property
    def counting(self) -> SubscriptionState | None:
        """The subscription that gives the plan: the dearest plan of those that give access; of two alike one that is
        paid for, or else the one that was there first."""
        giving = [each for each in self.subscriptions if each.plan_code and standing(each.status).access != "none"]
        return min(
            giving, key=lambda each: (-_plan_of(each).price_eur_cents, not _full(each), _age(each)), default=None
        )

    @property
    def doubled(self) -> tuple[str, ...]:
        """Subscriptions to give back: those paid for beside the one that counts, and those whose return was begun."""
        current = self.counting
        if current is None or not _full(current):
            return self.returning
        beside = (each for each in self.subscriptions if each.plan_code and _full(each) and each.id != current.id)
        return (*self.returning, *(each.id for each in beside))

    def undoubled(self, why: str) -> CustomerState:
        """The same without the CT of what could not be given back, and with the reason."""
        kept = tuple(each for each in self.paid if each.subscription_id not in self.doubled)
        said = f"Two subscriptions are paid for, and the second one could not be given back: {why}"
        return replace(self, paid=kept, problems=(*self.problems, said))

    def previewed(self, subscription_id: str, cents: int) -> CustomerState:
        """The same with what the subscription's next invoice will ask for."""
        seen = tuple(
            replace(each, next_invoice_at=each.current_period_end, next_invoice_cents=cents)
            if each.id == subscription_id
            else each
            for each in self.subscriptions
        )
        return replace(self, subscriptions=seen)


NOTHING_BOUGHT: Final = CustomerState("")


def _plan_of(subscription: SubscriptionState) -> Plan:
    return plan(subscription.plan_code or "")


def _full(subscription: SubscriptionState) -> bool:
    return standing(subscription.status).access == "full"


def _age(subscription: SubscriptionState) -> tuple[datetime, str]:
    return subscription.created_at, subscription.id


class Unsound(ValueError):
    """An object that cannot be believed; the message says why."""


def instant(seconds: Any) -> datetime:
    if type(seconds) is not int or not 0 <= seconds <= LAST_SECOND:
        raise Unsound(f"{seconds!r} is no time")
    return datetime.fromtimestamp(seconds, UTC)


def maybe_instant(seconds: Any) -> datetime | None:
    return None if seconds is None else instant(seconds)


def cents(amount: Any) -> int:
    if type(amount) is not int or abs(amount) > MOST_CENTS:
        raise Unsound(f"{amount!r} is no amount")
    return amount


def id_of(given: Any) -> str | None:
    """The id of an object that may be expanded."""
    found = given.get("id") if isinstance(given, dict) else given
    return str(found) if found else None


def read_subscription(given: Obj, plan_code: str | None, next_plan_code: str | None) -> SubscriptionState:
    first = first_item(given)
    end = instant(first["current_period_end"])
    return SubscriptionState(
        id=given["id"],
        status=given["status"],
        price_id=first["price"]["id"],
        plan_code=plan_code,
        next_plan_code=next_plan_code,
        current_period_start=instant(first["current_period_start"]),
        current_period_end=end,
        trial_end=maybe_instant(given.get("trial_end")),
        cancel_at=maybe_instant(given.get("cancel_at")) or (end if given.get("cancel_at_period_end") else None),
        ended_at=maybe_instant(given.get("ended_at")),
        created_at=instant(given["created"]),
    )


def first_item(subscription: Obj) -> Obj:
    items = subscription["items"]["data"]
    if not items:
        raise Unsound("it has no item")
    found: Obj = items[0]
    return found


def read_invoice(given: Obj) -> InvoiceState:
    return InvoiceState(
        id=given["id"],
        subscription_id=subscription_of(given),
        number=given.get("number"),
        status=str(given.get("status")),
        reason=given.get("billing_reason"),
        currency=str(given.get("currency")),
        total_cents=cents(given["total"]),
        paid_cents=cents(given["amount_paid"]),
        period_start=maybe_instant(given.get("period_start")),
        period_end=maybe_instant(given.get("period_end")),
        page_url=given.get("hosted_invoice_url"),
        pdf_url=given.get("invoice_pdf"),
        created_at=instant(given["created"]),
    )


def subscription_of(invoice: Obj) -> str | None:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return id_of(details.get("subscription"))


def read_reversal(kind: str, given: Obj) -> ReversalState:
    return ReversalState(
        id=given["id"],
        kind=kind,
        amount_cents=cents(given["amount"]),
        currency=str(given.get("currency")),
        status=str(given.get("status")),
        reason=given.get("reason"),
        payment_id=id_of(given.get("payment_intent")) or id_of(given.get("charge")),
        created_at=instant(given["created"]),
    )


def read_checkout(given: Obj, customer_id: str, purpose: str) -> CheckoutState:
    """Raises Unsound for a top-up that was paid by somebody else, in another currency or with no amount."""
    state = given["status"]
    settled = given.get("payment_status") == "paid"
    if purpose == "topup" and state == "complete" and not settled:
        return CheckoutState(given["id"], "open", paid=False)  # the bank takes days; the money is not there yet
    if purpose != "topup" or not settled:
        return CheckoutState(given["id"], state, paid=False)
    _check_paid(given, customer_id)
    payment = id_of(given.get("payment_intent")) or ""
    return CheckoutState(given["id"], state, paid=True, payment_id=payment, paid_cents=cents(given["amount_total"]))


def _check_paid(given: Obj, customer_id: str) -> None:
    if id_of(given.get("customer")) != customer_id:
        raise Unsound("it belongs to another customer")
    if given.get("currency") != CURRENCY:
        raise Unsound(f"it is in {str(given.get('currency')).upper()}, not in EUR")
    if cents(given.get("amount_total")) <= 0:
        raise Unsound(f"its total is {given['amount_total']}")
