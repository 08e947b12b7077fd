"""A small circuit breaker: after several failures in a row Google is left alone for a while, then probed once."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES = 5
PAUSE = 15.0  # seconds


class Breaker:
    """closed → open after `failures` in a row → half open after `pause` seconds, when one call may probe.

    Only silence on the other side counts; a refusal or an internal error proves that it is alive. Calls
    that were under way together and fail together count as one failure, or a single blip would open it.
    """

    def __init__(
        self, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._failed, self._counted, self._until, self._probing = 0, 0.0, 0.0, False

    def now(self) -> float:
        return self._clock()

    @property
    def paused(self) -> bool:
        """Whether a call would be refused now; asking changes nothing."""
        return self._failed >= self._limit and (self._probing or self._until > self._clock())

    def wait(self) -> float:
        """Seconds to wait before a call may be made; 0 lets this one pass. Follow it with `succeeded` or `failed`."""
        if self._failed < self._limit:
            return 0.0
        left = self._until - self._clock()
        if left > 0 or self._probing:
            return max(left, 1.0)
        self._probing = True
        return 0.0

    def succeeded(self) -> None:
        self._failed, self._probing = 0, False

    def failed(self, started: float) -> None:
        """`started` is `now` from before the call was made."""
        self._probing = False
        if self._failed and started <= self._counted:
            return
        self._failed += 1
        self._counted = self._clock()
        self._until = self._counted + self._pause

    def abandoned(self) -> None:
        """The call was cancelled and proved nothing."""
        self._probing = False
