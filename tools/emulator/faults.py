"""Faults that the control channel switches on: which method fails, how, and how often."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import asdict, dataclass, field
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
ANY = "*"  # every gRPC call, none of the sign-in's
_REMEMBERED_CALLS = 5_000


@dataclass(slots=True)
class Fault:
    """The next `times` calls of `method` (its RPC name, an endpoint's, or `*`) wait `delay_s`, then fail; `slow` only
    waits. What an endpoint fails with is in oauth/faults.py."""

    method: str
    code: str
    times: int = 1
    delay_s: float = 0.0
    target: str = ""  # only calls for this property or customer id; empty is any


@dataclass(slots=True)
class Share:
    """About `percent` of the calls of `method` fail with `code`; which ones follows from the seed and their order."""

    method: str
    code: str
    percent: float
    seed: int = 1
    delay_s: float = 0.0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise ValueError(f"{self.percent} is no share")
        self._dice = random.Random(self.seed)  # noqa: S311 (repeatable is the point)

    def falls(self) -> bool:
        return self._dice.random() * 100 < self.percent


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    target: str
    login_customer_id: str | None = None


class FaultBook:
    """The faults that are still due and the calls that were made, in order. `standing` shares survive a clear."""

    def __init__(self, standing: tuple[Share, ...] = ()) -> None:
        self._due: list[Fault] = []
        self._standing = standing
        self._shares: list[Share] = list(standing)
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED_CALLS)

    def add(self, fault: Fault) -> None:
        self._due.append(fault)

    def share(self, share: Share) -> None:
        """Let a share of a method's calls fail, instead of the share it had before."""
        self._shares = [*(other for other in self._shares if other.method != share.method), share]

    def clear(self) -> None:
        self._due.clear()
        self._shares = list(self._standing)
        self._calls.clear()

    def take(self, call: Call, *, wild: bool = True) -> Fault | None:
        """Record a call and give the fault that is due for it, counting it down; `wild` calls are meant by `*`."""
        self._calls.append(call)
        methods = (ANY, call.method) if wild else (call.method,)
        return self._counted(call, methods) or self._by_share(methods)

    def _counted(self, call: Call, methods: tuple[str, ...]) -> Fault | None:
        for fault in self._due:
            if fault.method in methods and fault.target in ("", call.target):
                fault.times -= 1
                if fault.times <= 0:
                    self._due.remove(fault)
                return fault
        return None

    def _by_share(self, methods: tuple[str, ...]) -> Fault | None:
        for share in self._shares:
            if share.method in methods and share.falls():
                return Fault(share.method, share.code, delay_s=share.delay_s)
        return None

    def calls(self) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._calls]
