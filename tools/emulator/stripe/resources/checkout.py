"""Checkout sessions."""

from __future__ import annotations

from tools.emulator.stripe.engine import starting, taxes
from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.events import changed
from tools.emulator.stripe.listing import cut, page
from tools.emulator.stripe.resources import metadata, prices
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World

KIND = "checkout.session"
MOST_LINES = 20


def create(world: World, params: Params) -> Obj:
    mode = params.get("mode")
    if mode is None:
        raise required("mode")
    if not params.get("success_url"):
        raise required("success_url")
    customer = _customer(world, params)
    lines = [] if mode == "setup" else _lines(world, params, mode)
    currency = lines[0]["currency"] if lines else params.get("currency", "eur")
    total = sum(line["amount_total"] for line in lines)
    session = world.make(
        KIND,
        amount_subtotal=None if mode == "setup" else total,
        amount_total=None if mode == "setup" else total,
        allow_promotion_codes=params.get("allow_promotion_codes"),
        billing_address_collection=params.get("billing_address_collection"),
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=currency,
        customer=customer["id"] if customer else None,
        customer_creation=None
        if customer
        else "always"
        if mode == "subscription"
        else params.get("customer_creation", "if_required"),
        customer_email=params.get("customer_email"),
        expires_at=_expiry(world, params),
        locale=params.get("locale"),
        metadata=metadata.given(params),
        mode=mode,
        payment_method_collection=params.get("payment_method_collection", "always")
        if mode == "subscription"
        else "if_required",
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        payment_status="unpaid",
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        _line_items=[line["id"] for line in lines],
        _subscription_data=params.get("subscription_data") or {},
        _payment_intent_data=params.get("payment_intent_data") or {},
        _setup_intent_data=params.get("setup_intent_data") or {},
        _challenge=None,
        **taxes.of_session(params, customer),
    )
    session["customer_details"] = _details(customer, params)
    return session


def _customer(world: World, params: Params) -> Obj | None:
    if "customer" in params and "customer_email" in params:
        raise StripeError(
            "You may only specify one of these parameters: customer, customer_email.", code="parameters_exclusive"
        )
    return world.refer("customer", params["customer"], "customer") if "customer" in params else None


def _details(customer: Obj | None, params: Params) -> Obj | None:
    email = customer["email"] if customer else params.get("customer_email")
    if not email:
        return None
    return details(email, customer["name"] if customer else None)


def details(email: str | None, name: str | None) -> Obj:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _expiry(world: World, params: Params) -> int:
    if "expires_at" not in params:
        return world.now() + world.rules.session_hours * 3_600
    ahead = params["expires_at"] - world.now()
    if not 1_795 <= ahead <= 86_405:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session "
            "creation.",
            param="expires_at",
        )
    return int(params["expires_at"])


def _lines(world: World, params: Params, mode: str) -> list[Obj]:
    given = params.get("line_items") or []
    if not given:
        raise required("line_items")
    if len(given) > MOST_LINES:
        raise StripeError(f"At most {MOST_LINES} line items.", param="line_items")
    made = [_line(world, line, f"line_items[{place}]") for place, line in enumerate(given)]
    recurring = [world.get("price", line["price"])["type"] == "recurring" for line in made]
    if mode == "subscription" and not any(recurring):
        raise StripeError(
            "You must provide at least one recurring price in `subscription` mode when using prices.", param="mode"
        )
    if mode == "payment" and any(recurring):
        raise StripeError(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            param="mode",
        )
    if len({line["currency"] for line in made}) > 1:
        raise StripeError("All prices in a Checkout Session must have the same currency.", param="line_items")
    return made


def _line(world: World, given: Params, path: str) -> Obj:
    price = _price(world, given, path)
    quantity = starting.quantity_of(given, path)
    amount = price["unit_amount"] * quantity
    return world.make(
        "item",
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"],
        description=world.get("product", price["product"])["name"],
        price=price["id"],
        quantity=quantity,
    )


def _price(world: World, given: Params, path: str) -> Obj:
    if "price_data" in given:
        return prices.create(world, given["price_data"])
    if "price" not in given:
        raise required(f"{path}[price]")
    price = world.refer("price", given["price"], f"{path}[price]")
    if not price["active"]:
        raise StripeError(f"The price specified is inactive. Price: {price['id']}", param=f"{path}[price]")
    return price


def retrieve(world: World, params: Params, session_id: str) -> Obj:
    return world.get(KIND, session_id)


def update(world: World, params: Params, session_id: str) -> Obj:
    session = world.get(KIND, session_id)
    session["metadata"] = metadata.merged(session, params)
    return session


def expire(world: World, params: Params, session_id: str) -> Obj:
    session = world.get(KIND, session_id)
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{session['status']}.",
        )
    changed(world, session, "checkout.session.expired", status="expired")
    return session


def listing(world: World, params: Params) -> Obj:
    email = (params.get("customer_details") or {}).get("email")

    def wanted(session: Obj) -> bool:
        return all(
            session[name] == params[name]
            for name in ("customer", "status", "subscription", "payment_intent")
            if name in params
        ) and (not email or (session["customer_details"] or {}).get("email") == email)

    return page(world, KIND, params, "/v1/checkout/sessions", wanted)


def line_items(world: World, params: Params, session_id: str) -> Obj:
    session = world.get(KIND, session_id)
    found = [world.get("item", line) for line in session["_line_items"]]
    return cut(world, found, params, f"/v1/checkout/sessions/{session_id}/line_items")


ROUTES = (
    Route("POST", "/v1/checkout/sessions", create),
    Route("GET", "/v1/checkout/sessions", listing),
    Route("GET", "/v1/checkout/sessions/{session}", retrieve),
    Route("POST", "/v1/checkout/sessions/{session}", update),
    Route("POST", "/v1/checkout/sessions/{session}/expire", expire),
    Route("GET", "/v1/checkout/sessions/{session}/line_items", line_items),
)
