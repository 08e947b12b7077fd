"""What happens when a person pays on the Checkout page."""

from __future__ import annotations

from dataclasses import dataclass

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import lines, paying, starting, taxes
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed, emit
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.types import Obj, Params
from tools.emulator.stripe.world import World


@dataclass(frozen=True, slots=True)
class Buyer:
    email: str
    name: str
    number: str


def buy(world: World, session: Obj, buyer: Buyer, *, proven: bool = False) -> str:
    """`complete`, or `challenge` when the bank wants to ask first. A card error leaves the session open as it was."""
    from tools.emulator.stripe.resources import checkout

    if session["status"] != "open":
        raise StripeError(f"This Checkout Session is {session['status']}.", code="checkout_session_not_open")
    card = cards.by_number(buyer.number)
    if card.asks != "never" and not proven:
        session["_challenge"] = {"email": buyer.email, "name": buyer.name, "number": card.number}
        return "challenge"
    session["_challenge"] = None
    if cards.refuses(card, present=True):
        raise cards.declined(card)
    customer = _customer(world, session, buyer)
    method = cards.new_method(world, card, {"email": buyer.email, "name": buyer.name})
    method["_used"] = True
    session["customer_details"] = checkout.details(buyer.email, buyer.name)
    _DONE[session["mode"]](world, session, customer, method)
    session.update(status="complete")
    taxes.located(session)
    emit(world, "checkout.session.completed", session)
    return "complete"


def answer(world: World, session: Obj, *, passed: bool) -> str:
    """The bank's question was answered."""
    asked = session["_challenge"]
    if not asked:
        raise StripeError("No bank asked anything.", code="checkout_session_not_challenged")
    if not passed:
        session["_challenge"] = None
        return "failed"
    return buy(world, session, Buyer(asked["email"], asked["name"], asked["number"]), proven=True)


def _customer(world: World, session: Obj, buyer: Buyer) -> Obj | None:
    from tools.emulator.stripe.resources import customers

    if session["customer"]:
        customer: Obj = world.get("customer", session["customer"])
        if session.get("_customer_update", {}).get("name") == "auto":
            changed(world, customer, "customer.updated", name=buyer.name)
        return customer
    if session["mode"] == "payment" and session["customer_creation"] != "always":
        return None
    customer = customers.create(world, {"email": buyer.email, "name": buyer.name})
    session["customer"] = customer["id"]
    return customer


def _save(world: World, customer: Obj, method: Obj) -> None:
    method["customer"] = customer["id"]
    method["allow_redisplay"] = "always"
    emit(world, "payment_method.attached", method)


def _subscribe(world: World, session: Obj, customer: Obj | None, method: Obj) -> None:
    assert customer is not None  # made for every subscription
    _save(world, customer, method)
    given: Params = session["_subscription_data"]
    bought = [world.get("item", line) for line in session["_line_items"]]
    recurring = [line for line in bought if world.get("price", line["price"])["type"] == "recurring"]
    params: Params = {
        **{
            name: value
            for name, value in given.items()
            if name
            in ("metadata", "trial_period_days", "trial_end", "description", "trial_settings", "billing_cycle_anchor")
        },
        "customer": customer["id"],
        "automatic_tax": session["automatic_tax"],
        "items": [{"price": line["price"], "quantity": line["quantity"]} for line in recurring],
        "default_payment_method": method["id"],
        "_extra_lines": [_once(world, line) for line in bought if line not in recurring],
    }
    subscription = starting.begin(world, params, present=True, proven=True)
    paid = world.get("invoice", subscription["latest_invoice"])
    free = subscription["status"] == "trialing" or not paid["amount_due"]
    if subscription["status"] == "incomplete":
        raise cards.declined(cards.card_of(method))  # refused above; a card that changes its mind is a defect
    session.update(
        subscription=subscription["id"],
        invoice=subscription["latest_invoice"],
        payment_status="no_payment_required" if free else "paid",
    )


def _once(world: World, bought: Obj) -> Obj:
    """The line of a price that is paid once, on the first invoice."""
    price = world.get("price", bought["price"])
    period = (world.now(), world.now())
    return lines.line(world, price, None, bought["amount_total"], bought["description"], period, bought["quantity"])


def _pay(world: World, session: Obj, customer: Obj | None, method: Obj) -> None:
    given: Params = session["_payment_intent_data"]
    if not session["amount_total"]:
        session["payment_status"] = "no_payment_required"
        return
    if customer is not None:
        _save(world, customer, method)
    intent = paying.open_intent(
        world,
        customer["id"] if customer else None,
        session["amount_total"],
        session["currency"],
        description=given.get("description"),
        metadata=dict(given.get("metadata") or {}),
        receipt_email=given.get("receipt_email"),
    )
    if paying.attempt(world, intent, method, present=True, proven=True) != "succeeded":
        raise cards.declined(cards.card_of(method))
    session.update(payment_intent=intent["id"], payment_status="paid")


def _set_up(world: World, session: Obj, customer: Obj | None, method: Obj) -> None:
    assert customer is not None
    _save(world, customer, method)
    given: Params = session["_setup_intent_data"]
    intent = world.make(
        "setup_intent",
        customer=customer["id"],
        description=given.get("description"),
        metadata=dict(given.get("metadata") or {}),
        payment_method=method["id"],
        payment_method_types=["card"],
        status="succeeded",
        usage="off_session",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{random_text(25)}"
    emit(world, "setup_intent.created", intent)
    emit(world, "setup_intent.succeeded", intent)
    session.update(setup_intent=intent["id"], payment_status="no_payment_required")


_DONE = {"subscription": _subscribe, "payment": _pay, "setup": _set_up}
