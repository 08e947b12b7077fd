"""Faults that the control channel switches on: which method fails, how, and how often."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Code = Literal[
    "unavailable",
    "quota",
    "quota_short",
    "permission",
    "scope",
    "expired_token",
    "invalid_token",
    "internal",
    "deadline",
    "slow",
]
CODES: tuple[str, ...] = get_args(Code)
_REMEMBERED_CALLS = 5_000


@dataclass(slots=True)
class Fault:
    """The next `times` calls of `method` (its RPC name, or `*`) wait `delay_s`, then fail; `slow` only waits."""

    method: str
    code: Code
    times: int = 1
    delay_s: float = 0.0
    target: str = ""  # only calls for this property or customer id; empty is any


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    target: str
    login_customer_id: str | None = None


class FaultBook:
    """The faults that are still due and the calls that were made, in order."""

    def __init__(self) -> None:
        self._due: list[Fault] = []
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED_CALLS)

    def add(self, fault: Fault) -> None:
        self._due.append(fault)

    def clear(self) -> None:
        self._due.clear()
        self._calls.clear()

    def take(self, call: Call) -> Fault | None:
        """Record a call and give the fault that is due for it, counting it down."""
        self._calls.append(call)
        for fault in self._due:
            if fault.method in ("*", call.method) and fault.target in ("", call.target):
                fault.times -= 1
                if fault.times <= 0:
                    self._due.remove(fault)
                return fault
        return None

    def calls(self) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._calls]
