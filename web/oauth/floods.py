"""Many answers from one address that nobody of ours made are turned away before they cost anything.

Kept in the memory of each worker on purpose: it protects that worker, and a database would be the cost to be saved.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from camarad.clock import Clock

ALLOWED: Final = 120  # refused answers a minute and address
WINDOW: Final = 60.0
ADDRESSES: Final = 4096


class Floods:
    """Counts by address in fixed windows; the address seen longest ago makes room."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> None:
        start, count = self._of(address)
        self._seen[address] = (start, count + 1)
        self._seen.move_to_end(address)
        while len(self._seen) > ADDRESSES:
            self._seen.popitem(last=False)

    def wait(self, address: str) -> float:
        """Seconds until this address is heard again; 0 when it is heard now."""
        start, count = self._of(address)
        return 0.0 if count < ALLOWED else max(1.0, start + WINDOW - self._clock.now().timestamp())

    def _of(self, address: str) -> tuple[float, int]:
        now = self._clock.now().timestamp()
        start, count = self._seen.get(address, (now, 0))
        return (now, 0) if now >= start + WINDOW else (start, count)
