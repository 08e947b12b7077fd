"""LiteLLM's price list, read as data from the installed package; the package itself is never imported here.

Prices in the file are USD per token as decimal numbers; they are read as text and become integers, never floats. Tiers
above a context length, batch and priority prices are left out: a call is priced at its base price.
"""

from __future__ import annotations

import importlib.util
import json
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from billing.price import Price
from camarad.errors import Misconfigured

PACKAGE = "litellm"
NAME = "model_prices_and_context_window_backup.json"
PER_MILLION_MICRO = 10**12  # USD per token → micro-USD per million tokens


def path() -> Path:
    spec = importlib.util.find_spec(PACKAGE)  # finds a top-level package without running it
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("LiteLLM is not installed, so models have no prices.")
    return Path(spec.submodule_search_locations[0]).joinpath(NAME)


def _micro(text: str | int) -> int:
    return int((Decimal(text) * PER_MILLION_MICRO).to_integral_value())


def _price(entry: dict[str, Any]) -> Price | None:
    """None for entries that are not priced by token, such as images and audio."""
    input_, output = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if input_ is None or output is None:
        return None
    cached, write = entry.get("cache_read_input_token_cost"), entry.get("cache_creation_input_token_cost")
    return Price(
        _micro(input_),
        _micro(input_ if cached is None else cached),
        _micro(output),
        "litellm",
        None if write is None else _micro(write),
    )


def aliases(provider: str, name: str) -> tuple[str, ...]:
    """The other names a model is called by: `<provider>/<name>`, with the provider as the file writes it and short."""
    if not provider:
        return ()
    prefixes = dict.fromkeys((provider, provider.split("_converse")[0], provider.split("-")[0]))
    return tuple(f"{prefix}/{name}" for prefix in prefixes)


@lru_cache(maxsize=1)
def listed() -> dict[str, tuple[str, Price]]:
    """Every priced model under its own name, with its provider, read once a process."""
    entries: dict[str, dict[str, Any]] = json.loads(path().read_bytes(), parse_float=str)
    entries.pop("sample_spec", None)
    priced = ((name, entry, _price(entry)) for name, entry in entries.items())
    return {name: (str(entry.get("litellm_provider", "")), price) for name, entry, price in priced if price is not None}


@lru_cache(maxsize=1)
def prices() -> dict[str, Price]:
    """Every priced model under all the names it goes by."""
    others: dict[str, Price] = {}
    for name, (provider, price) in listed().items():
        for alias in aliases(provider, name):
            others.setdefault(alias, price)
    return others | {name: price for name, (_, price) in listed().items()}
