"""Stripe's published description of its API, trimmed to what is served here: parameters are checked and read by it,
and new objects begin as what it requires. `scripts/stripe_schema.py` writes the file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tools.emulator.stripe.errors import StripeError, required
from tools.emulator.stripe.types import Obj, Params

FILE = Path(__file__).with_name("schema") / "stripe.json"
OBJECTS = (
    "billing_portal.configuration",
    "billing_portal.session",
    "charge",
    "checkout.session",
    "customer",
    "customer_balance_transaction",
    "dispute",
    "entitlements.active_entitlement",
    "entitlements.feature",
    "event",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "item",
    "line_item",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "product_feature",
    "refund",
    "setup_intent",
    "subscription",
    "subscription_item",
    "subscription_schedule",
    "webhook_endpoint",
)

Node = dict[str, Any]


@cache
def published() -> Node:
    read: Node = json.loads(FILE.read_text(encoding="utf-8"))
    return read


def resolve(node: Node) -> Node:
    while "$ref" in node:
        node = published()["objects"][node["$ref"].rpartition("/")[2]]
    return node


def skeleton(kind: str) -> Obj:
    """A new object: what Stripe always sends is there, null where it may be."""
    node = published()["objects"][kind]
    found: Obj = _default(node)
    if "metadata" in node["properties"]:
        found["metadata"] = {}
    return found


def _default(node: Node) -> Any:
    if _nullable(node):
        return None
    node = resolve(node)
    if "enum" in node:
        return node["enum"][0]
    if "anyOf" in node:
        return _default(node["anyOf"][0])
    if "properties" in node:
        needed = node.get("required", ())
        return {
            name: _default(inner) for name, inner in node["properties"].items() if name in needed or _nullable(inner)
        }
    kinds: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    value = kinds.get(node.get("type", ""))
    return value.copy() if isinstance(value, list | dict) else value


def _nullable(node: Node) -> bool:
    return (
        (isinstance(node.get("type"), list) and "null" in node["type"])
        or None in node.get("enum", ())
        or {"type": "null"} in node.get("anyOf", ())
    )


def read_params(operation: str, given: Params) -> Params:
    """The parameters with their types; None where an empty text unsets one. Raises StripeError as Stripe does."""
    node = published()["operations"].get(operation)
    if node is None:
        return given
    return _object(node, given, "")


def _object(node: Node, given: Params, path: str) -> Params:
    known, extra = node.get("properties", {}), node.get("additionalProperties")
    read: Params = {}
    for name, value in given.items():
        here = f"{path}[{name}]" if path else name
        if name in known:
            read[name] = _value(known[name], value, here)
        elif isinstance(extra, dict):
            read[name] = _value(extra, value, here) if value != "" else ""  # an empty text takes a key of metadata away
        elif extra:
            read[name] = value
        else:
            raise StripeError(f"Received unknown parameter: {here}", code="parameter_unknown", param=here)
    for name in node.get("required", ()):
        if name not in given:
            raise required(f"{path}[{name}]" if path else name)
    return read


def _value(node: Node, value: Any, path: str) -> Any:
    node = resolve(node)
    if "anyOf" in node:
        return _one_of(node["anyOf"], value, path)
    if isinstance(value, dict):
        if node.get("type") != "object":
            raise StripeError(f"Invalid {node.get('type', 'value')}: {path} is no hash.", param=path)
        return _object(node, value, path)
    if isinstance(value, list):
        if node.get("type") != "array":
            raise StripeError(f"Invalid {node.get('type', 'value')}: {path} is no array.", param=path)
        return [_value(node["items"], inner, f"{path}[{place}]") for place, inner in enumerate(value)]
    return _scalar(node, value, path)


def _one_of(choices: list[Node], value: Any, path: str) -> Any:
    """The first alternative that takes the value, the likeliest first; its error when none does."""
    shape = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else None
    fitting = [c for c in map(resolve, choices) if shape is None or c.get("type") == shape]
    if value == "" and any(c.get("enum") == [""] for c in fitting):
        return None
    fitting.sort(key=lambda c: ("enum" not in c, -_known(c, value)))
    problem: StripeError | None = None
    for choice in fitting:
        try:
            return _value(choice, value, path)
        except StripeError as error:
            problem = problem or error
    raise problem or StripeError(f"Invalid value for {path}.", param=path)


def _known(node: Node, value: Any) -> int:
    """How many of the given parameters an alternative knows."""
    return sum(1 for name in value if name in node.get("properties", ())) if isinstance(value, dict) else 0


def _scalar(node: Node, value: str, path: str) -> Any:
    kind = node.get("type")
    if "enum" in node:
        if value in node["enum"]:
            return value
        allowed = ", ".join(str(one) for one in node["enum"] if one)
        raise StripeError(f"Invalid {path}: must be one of {allowed}", param=path)
    if value == "":
        raise StripeError(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{path}' cannot be unset. "
            f"You should remove '{path}' from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    if kind == "integer":
        return _integer(value, path)
    if kind == "boolean":
        if value not in ("true", "false"):
            raise StripeError(f"Invalid boolean: {value}", param=path)
        return value == "true"
    if kind in ("array", "object"):
        raise StripeError(f"Invalid {kind}", param=path)
    if len(value) > node.get("maxLength", 5_000):
        raise StripeError(
            f"Invalid string: {value[:20]}...; must be at most {node.get('maxLength', 5_000)} characters", param=path
        )
    return value


def _integer(value: str, path: str) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    return int(value)
