"""The embedded model in the place of a hosted one: it answers the same way, and now and then fails as those do.

Models named `camarad/as-…` reach it like `camarad/embedded` itself; prices of their own make each cost what the hosted
model costs. What becomes of a call is its `Fate`, set by whoever makes the call and read here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import litellm
from litellm.types.utils import ModelResponse, ModelResponseStream, PromptTokensDetailsWrapper

from agents.embedded import provider as embedded

FAULTS = {"timeout": "Timeout", "overloaded": "ServiceUnavailableError"}


@dataclass(slots=True)
class Fate:
    """`faults` are met one after the other before an answer; `cached_bp` of the input was in the provider's cache."""

    faults: list[str] = field(default_factory=list)
    cached_bp: int = 0

    def meet(self, model: str) -> None:
        if self.faults:
            kind = getattr(litellm, FAULTS[self.faults.pop(0)])
            raise kind(message="a simulated fault", model=model, llm_provider=embedded.PROVIDER)

    def cache(self, usage: Any) -> None:
        cached = usage.prompt_tokens * self.cached_bp // 10_000
        usage.prompt_tokens_details = PromptTokensDetailsWrapper(cached_tokens=cached)


NOTHING_HAPPENS = Fate()
fate: ContextVar[Fate] = ContextVar("fate", default=NOTHING_HAPPENS)


class SimulatedProvider(embedded.EmbeddedProvider):
    """The model is a function of its request, so what was asked before is answered from memory."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: dict[str, ModelResponse] = {}
        self._pieces: dict[str, list[ModelResponseStream]] = {}

    def completion(self, model: str, messages: list[dict[str, Any]], *args: Any, **kwargs: Any) -> ModelResponse:
        fate.get().meet(model)
        key = _key(messages, kwargs)
        if key not in self._whole:
            self._whole[key] = super().completion(model, messages, *args, **kwargs)
        answer = self._whole[key].model_copy(deep=True)
        fate.get().cache(answer.usage)
        return answer

    async def acompletion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return self.completion(*args, **kwargs)

    async def astreaming(
        self, model: str, messages: list[dict[str, Any]], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ModelResponseStream]:
        fate.get().meet(model)
        key = _key(messages, kwargs)
        if key not in self._pieces:
            self._pieces[key] = list(self.streaming(model, messages, *args, **kwargs))
        for piece in self._pieces[key]:
            copy = piece.model_copy(deep=True)
            if getattr(copy, "usage", None):
                fate.get().cache(copy.usage)
            yield copy


def _key(messages: list[dict[str, Any]], given: dict[str, Any]) -> str:
    options = given.get("optional_params") or {}
    return json.dumps([messages, options.get("tools"), options.get("tool_choice")], sort_keys=True)


@contextmanager
def installed() -> Iterator[None]:
    """Put it in the embedded model's place, in this process, until the block ends."""
    embedded.register()
    before = litellm.custom_provider_map
    others = [entry for entry in before if entry["provider"] != embedded.PROVIDER]
    litellm.custom_provider_map = [*others, {"provider": embedded.PROVIDER, "custom_handler": SimulatedProvider()}]
    try:
        yield
    finally:
        litellm.custom_provider_map = before
