"""Stripe's test cards (https://docs.stripe.com/testing) and what each does. No other number is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.emulator.stripe.errors import StripeError, card_error, unknown_reference
from tools.emulator.stripe.types import Obj, Params

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World


@dataclass(frozen=True, slots=True)
class Card:
    """`declines` holds the error's code and decline code; `attaches`: whether it can be saved although it declines, and
    then it declines only while its holder is absent; `asks`: when 3-D-Secure is asked for: never, always, or on the
    first payment only."""

    number: str
    test_id: str
    declines: tuple[str, str | None] | None = None
    attaches: bool = True
    asks: str = "never"
    disputes: bool = False
    brand: str = "visa"


CARDS = (
    Card("4242424242424242", "pm_card_visa"),
    Card("5555555555554444", "pm_card_mastercard", brand="mastercard"),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", ("card_declined", "generic_decline"), attaches=False),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        ("card_declined", "insufficient_funds"),
        attaches=False,
    ),
    Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", ("expired_card", None), attaches=False),
    Card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", ("incorrect_cvc", None), attaches=False),
    Card("4000000000000341", "pm_card_chargeCustomerFail", ("card_declined", "generic_decline")),
    Card("4000002760003184", "pm_card_authenticationRequired", asks="always"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", asks="first"),
    Card(
        "4000008400001629",
        "pm_card_authenticationRequiredChargeDeclined",
        ("card_declined", "generic_decline"),
        asks="always",
    ),
    Card("4000000000000259", "pm_card_createDispute", disputes=True),
)
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TEST_ID = {card.test_id: card for card in CARDS} | {
    "pm_card_chargeDeclined": _BY_NUMBER["4000000000000002"],
    "pm_card_chargeDeclinedInsufficientFunds": _BY_NUMBER["4000000000009995"],
    "tok_visa": _BY_NUMBER["4242424242424242"],
    "tok_chargeDeclined": _BY_NUMBER["4000000000000002"],
    "tok_chargeCustomerFail": _BY_NUMBER["4000000000000341"],
}
_SENTENCES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "authentication_required": "This transaction requires authentication.",
}


def by_number(text: str) -> Card:
    """Raises a card error for a number that is no test card's."""
    number = "".join(text.split()).replace("-", "")
    if number not in _BY_NUMBER:
        raise card_error("Your card number is incorrect. Only Stripe's test cards work here.", "incorrect_number")
    return _BY_NUMBER[number]


def card_of(method: Obj) -> Card:
    return _BY_NUMBER[method["_number"]]


def refuses(card: Card, *, present: bool) -> bool:
    """Whether a payment fails; `present`: the cardholder pays on a page."""
    saved_only = card.attaches and card.asks == "never"
    return card.declines is not None and not (saved_only and present)


def declined(card: Card, **more: str) -> StripeError:
    code, decline_code = card.declines or ("card_declined", "generic_decline")
    return card_error(_SENTENCES[decline_code if decline_code in _SENTENCES else code], code, decline_code, **more)


def new_method(world: World, card: Card, billing: Params | None = None, customer: str | None = None) -> Obj:
    """A payment method with the card in it."""
    return world.make(
        "payment_method",
        type="card",
        card=face(card),
        allow_redisplay="unspecified",
        billing_details=_billing(billing or {}),
        customer=customer,
        _number=card.number,
        _used=False,
    )


def face(card: Card) -> dict[str, Any]:
    """What is shown of a card."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "IE",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"emulated{card.number[-8:]}",
        "funding": "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.asks != "never"},
        "wallet": None,
    }


def _billing(given: Params) -> Obj:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    given_address = given.get("address") or {}
    return {
        "address": {**address, **given_address},
        "email": given.get("email"),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "tax_id": given.get("tax_id"),
    }


def method(world: World, method_id: str, param: str) -> Obj:
    """A payment method by its id; Stripe's ids of test cards make a new one."""
    if card := _BY_TEST_ID.get(method_id):
        return new_method(world, card)
    found = world.store.get("payment_method", method_id)
    if found is None:
        raise unknown_reference("PaymentMethod", method_id, param)
    return found


def by_token(token: str) -> Card:
    if token not in _BY_TEST_ID:
        raise unknown_reference("token", token, "card[token]")
    return _BY_TEST_ID[token]
