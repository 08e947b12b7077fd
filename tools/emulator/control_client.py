"""The client side of the emulator's control channel: JSON over gRPC, blocking, a call at a time."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import grpc

SERVICE = "camarad.emulator.Control"


class ControlClient:
    """Switches faults on a running emulator and reads which calls it served."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def add(self, method: str, code: str, times: int = 1, delay_s: float = 0.0, target: str = "") -> None:
        """The next `times` calls of `method` fail with `code`; codes are in tools/emulator/faults.py."""
        self._call("AddFault", {"method": method, "code": code, "times": times, "delay_s": delay_s, "target": target})

    def clear(self) -> None:
        """Forget all faults and recorded calls, and give every property its quota back."""
        self._call("Clear")

    def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The calls served since the last clear, oldest first: `method`, `target`, `login_customer_id`."""
        made: list[dict[str, Any]] = self._call("Calls")["calls"]
        return [call for call in made if method in (None, call["method"])]

    def _call(self, name: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        send: Any = self._channel.unary_unary(f"/{SERVICE}/{name}")
        answer: dict[str, Any] = json.loads(send(json.dumps(fields or {}).encode(), timeout=10))
        return answer
