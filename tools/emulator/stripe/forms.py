"""Form-encoded parameters with brackets, as clients send them: `items[0][price]=price_1`, `expand[]=customer`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.types import Params

MOST_FIELDS = 2_000
_KEY = re.compile(r"^[^\[\]]+(\[[^\[\]]*\])*$")
_PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode(text: str) -> Params:
    """Nested dictionaries and lists; every leaf is text. Raises StripeError for names that are no such thing."""
    root: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise StripeError(f"Invalid request: the form cannot be read ({error}).") from error
    for key, value in pairs:
        if not _KEY.match(key):
            raise StripeError(f"Invalid request: '{key}' is no parameter name.", param=key)
        _put(root, _PART.findall(key), key, value)
    return {name: _lists(value) for name, value in root.items()}


def _put(root: dict[str, Any], parts: list[str], key: str, value: str) -> None:
    here = root
    for place, part in enumerate(parts):
        name = part or str(len(here))
        if place == len(parts) - 1:
            here[name] = value
            return
        here = here.setdefault(name, {})
        if not isinstance(here, dict):
            raise StripeError(f"Invalid request: '{key}' is given as a value and as a collection.", param=key)


def _lists(value: Any) -> Any:
    """Dictionaries whose keys are all numbers are lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    read = {key: _lists(inner) for key, inner in value.items()}
    if read and all(key.isascii() and key.isdigit() for key in read):
        return [read[key] for key in sorted(read, key=int)]
    return read
