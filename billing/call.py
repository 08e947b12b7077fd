"""One metered model call as the door describes it: what to hold before, what happened after, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from camarad.errors import BadInput
from camarad.money import MOST

Status = Literal["settled", "cancelled", "failed"]
FLAT, COST = 2, 3  # the phases: by the flat tariff, by what a call costs
MOST_TOKENS = 2**31 - 1
MOST_CALLS = 1_000  # of one tool or connector, read by one model call


def _check(name: str, value: int, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise BadInput(f"{name} must be a whole number between 0 and {most}, not {value!r}.", code="bad_amount")


@dataclass(frozen=True, slots=True)
class Reservation:
    """CT to hold for one call: `amount` by the flat tariff, `cost_amount` by cost, which is held while Phase 3 is on.
    The request id is the caller's and names the call for ever."""

    workspace_id: str
    request_id: str
    amount: int
    cost_amount: int | None = None

    def __post_init__(self) -> None:
        _check("amount", self.amount, MOST)
        if self.cost_amount is not None:
            _check("cost_amount", self.cost_amount, MOST)

    def by(self, phase: int) -> int:
        return self.cost_amount if phase == COST and self.cost_amount is not None else self.amount


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a call ended. A cancelled or failed call is paid for the tokens it used, which may be none.

    `attempts` lists tries and fallbacks as JSON objects; `estimated` says the provider named no usage. Tokens read
    from and written to the provider's cache are part of `tokens_in`. `calls` counts the calls of tools and connectors
    whose results this call read, as `tool:<name>` and `connector:<provider>`.
    """

    workspace_id: str
    request_id: str
    client_id: str | None
    user_id: str | None
    conversation_id: str | None
    turn_id: str | None
    agent: str
    model: str
    status: Status
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    estimated: bool = False
    attempts: tuple[dict[str, Any], ...] | list[dict[str, Any]] = ()
    duration_ms: int = 0
    tokens_cache_write: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("tokens_in", "tokens_cached", "tokens_out", "tokens_cache_write", "duration_ms"):
            _check(name, getattr(self, name), MOST_TOKENS)
        for name, count in self.calls.items():
            _check(name, count, MOST_CALLS)


@dataclass(frozen=True, slots=True)
class Charge:
    """What the balance paid, what cost-based pricing would charge, and the provider's cost; None when unpriced."""

    ct_actual: int
    ct_shadow: int | None
    cost_micro_eur: int | None
