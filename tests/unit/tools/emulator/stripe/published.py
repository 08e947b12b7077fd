"""Comparing what the emulator shows with Stripe's published description: nothing missing, nothing invented."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tools.emulator.stripe.schema import published

# Sent with events only, and described nowhere.
UNPUBLISHED = {"entitlements.active_entitlement_summary"}


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/objects/{kind}", "objects": published()["objects"]})


def complaints(obj: dict[str, Any]) -> list[str]:
    """What is not as published, with its place; lists are looked through."""
    kind = obj["object"]
    if kind == "list":
        return [found for one in obj["data"] for found in complaints(one)]
    if kind in UNPUBLISHED:
        return []
    kind = f"deleted_{kind}" if obj.get("deleted") else kind
    return [
        f"{kind}.{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in _validator(kind).iter_errors(obj)
    ]
