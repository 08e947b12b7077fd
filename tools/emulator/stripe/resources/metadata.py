"""Metadata, which updates add to: a key without a value goes, an empty collection clears all."""

from __future__ import annotations

from tools.emulator.stripe.types import Obj, Params


def merged(obj: Obj, params: Params) -> dict[str, str]:
    """What an object's metadata becomes by an update."""
    before: dict[str, str] = obj.get("metadata") or {}
    if "metadata" not in params:
        return before
    if params["metadata"] is None:
        return {}
    return {key: value for key, value in {**before, **params["metadata"]}.items() if value != ""}


def given(params: Params) -> dict[str, str]:
    """Of a new object."""
    return merged({}, params)
