"""Keeping litellm small: what it holds and never reads again is given back, what it loads and seldom reads comes later.

Some 50 MB. Each function names a place inside litellm; what a later version no longer has there is passed over, and
nothing breaks but the saving.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any


def trim(litellm: Any) -> None:
    """Called once, right after the import, so that what is imported next takes the freed place."""
    _parsed_tokenizer(litellm.utils)
    _second_price_map(litellm)
    _tokenizer_of_every_call(litellm.main)


def _parsed_tokenizer(utils: Any) -> None:
    """Claude's old tokenizer is parsed and written out again as text; the text is what is read."""
    if isinstance(vars(utils).get("claude_json_str"), str):
        vars(utils).pop("json_data", None)


def _second_price_map(litellm: Any) -> None:
    """A copy of the price map as it was before anything was registered. It may share the entries of the first:
    registering a model replaces an entry, and nothing here changes one in place."""
    kept: Any = getattr(litellm.litellm_core_utils.get_model_cost_map, "GetModelCostMap", None)
    if isinstance(getattr(kept, "_loaded_catalog", None), MappingProxyType):
        entries = {name: MappingProxyType(entry) for name, entry in litellm.model_cost.items()}
        kept._loaded_catalog = MappingProxyType(entries)


def _tokenizer_of_every_call(main: Any) -> None:
    """Each completion hands OpenAI's tokenizer (33 MB) to its provider, for those whose replies name no usage."""
    load = getattr(main, "_load_module_encoding", None)
    if callable(load) and getattr(main, "_encoding_cache", ...) is None:
        main._encoding_cache = LateTokenizer(load)


class LateTokenizer:
    """Stands for a tokenizer until something is asked of it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)
