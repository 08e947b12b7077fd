"""Which models a call tries, in which order, with which access, and when it pauses between two tries."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from agents.llm import engine
from agents.llm.faults import Fault
from agents.llm.keys import WELL_KNOWN, KeyRing, key_names
from billing.catalog import Catalog
from camarad.errors import Misconfigured
from camarad.settings import Settings

FIRST_PAUSE = 0.2  # seconds, doubled with each retry


@dataclass(frozen=True, slots=True)
class Candidate:
    model: str
    provider: str
    access: dict[str, Any]


class Planner:
    """Chooses the models of an agent. An unpriced one is refused before anything is held or sent."""

    def __init__(self, settings: Settings, catalog: Catalog, keys: KeyRing) -> None:
        self._settings = settings
        self._catalog = catalog
        self._keys = keys

    def models(self, agent: str) -> tuple[str, ...]:
        """The agent's model, then the fallbacks, each once."""
        first = self._settings.camarad_agent_models.get(agent, self._settings.camarad_model)
        return tuple(dict.fromkeys((first, *self._settings.camarad_fallback_models)))

    def every_model(self) -> tuple[str, ...]:
        agents = ("", *self._settings.camarad_agent_models)
        return tuple(dict.fromkeys(model for agent in agents for model in self.models(agent)))

    def uses_embedded(self) -> bool:
        """Whether any agent may be answered by the built-in model."""
        return any(model.startswith(f"{engine.EMBEDDED}/") for model in self.every_model())

    def candidates(self, agent: str) -> tuple[Candidate, ...]:
        return tuple(self._candidate(model) for model in self.models(agent))

    def problems(self) -> list[str]:
        """What an operator has to mend before every model can answer."""
        return [p for model in self.every_model() if (p := self._problem(model)) is not None]

    def _candidate(self, model: str) -> Candidate:
        self._catalog.require(model)
        provider = engine.provider_of(model)
        if provider == engine.EMBEDDED:
            engine.register_embedded()
        return Candidate(model, provider, self._keys.access(provider))

    def _problem(self, model: str) -> str | None:
        try:
            self._catalog.require(model)
        except Misconfigured as error:
            return f"{error.message} {error.hint}"
        provider = model.partition("/")[0]
        if provider in WELL_KNOWN and not self._keys.has_key(provider):
            return f"{model} needs a key. Set {key_names(provider)[0]}, or CAMARAD_MODEL_KEYS; see docs/models.md."
        return None


class Tries:
    """Walks the candidates: the same model again after a passing fault, the next one after a lasting one."""

    def __init__(self, candidates: tuple[Candidate, ...], retries: int) -> None:
        self._candidates = candidates
        self._retries = retries
        self._position = 0
        self._number = 0

    @property
    def candidate(self) -> Candidate:
        return self._candidates[self._position]

    def after(self, fault: Fault) -> float | None:
        """Seconds to pause before trying `candidate`, or None when nothing is left to try."""
        if fault.then == "again" and self._number < self._retries:
            self._number += 1
            return fault.wait if fault.wait is not None else backoff(self._number - 1)
        if fault.then == "give up" or self._position + 1 == len(self._candidates):
            return None
        self._position, self._number = self._position + 1, 0
        return 0.0


def backoff(number: int) -> float:
    """Seconds before retry `number`, with jitter so that many callers do not come back together."""
    return FIRST_PAUSE * float(2**number) * random.uniform(0.5, 1.5)  # noqa: S311
