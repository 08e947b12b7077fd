"""One call to Google: a deadline on each attempt and on all of them, repeated only where that is safe and may help.

Every call made here only reads, so repeating it is safe. GA4 counts server errors and stops answering a property after
ten an hour, so its server errors are repeated at most `GA4_REPEATS_AN_HOUR` times an hour for one property.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from camarad.log import get_logger
from tools.connectors import classify as classes
from tools.connectors import errors
from tools.connectors.breaker import Breaker
from tools.connectors.errors import ConnectorError
from tools.record import Provider

T = TypeVar("T")

BASE, CAP = 0.2, 4.0  # seconds; full jitter draws from 0 to min(CAP, BASE * 2^attempt)
ATTEMPT_SHARE = 0.6  # of the whole time, for one attempt, so that a stalled call leaves room for another
GA4_REPEATS_AN_HOUR = 8

log = get_logger("connectors")


class Calls:
    """Calls of one provider to one endpoint. `seconds` is what a call may take with its repeats."""

    def __init__(
        self,
        provider: Provider,
        seconds: float,
        retries: int,
        breaker: Breaker | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        classify: Callable[[Provider, BaseException], ConnectorError] = classes.classify,
        paused: Callable[[Provider, float], ConnectorError] = errors.paused,
    ) -> None:
        self.provider, self._seconds, self._attempts = provider, seconds, retries + 1
        self._breaker = breaker or Breaker()
        self._sleep, self._classify, self._paused = sleep, classify, paused
        self._repeats: dict[str, deque[float]] = defaultdict(deque)

    async def run(self, account: str, send: Callable[[float], Awaitable[T]]) -> T:
        """`send(timeout)` makes one attempt. Raises ConnectorError."""
        started = time.monotonic()

        def left() -> float:
            return self._seconds - (time.monotonic() - started)

        def enough(state: RetryCallState) -> bool:
            return state.attempt_number >= self._attempts or state.upcoming_sleep >= left()

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: self._may_repeat(account, error)),
            wait=_wait,
            stop=enough,
            sleep=self._sleep,
            before_sleep=lambda _: self._note_repeat(account),
            reraise=True,
        )
        result: T = await retrying(self._attempt, send, left)
        return result

    async def _attempt(self, send: Callable[[float], Awaitable[T]], left: Callable[[], float]) -> T:
        pause = self._breaker.wait()
        if pause:
            raise self._paused(self.provider, pause)
        seconds = max(0.05, min(left(), self._seconds * ATTEMPT_SHARE))
        started = self._breaker.now()
        try:
            async with asyncio.timeout(seconds + 0.25):  # gRPC ends it first; this holds when it does not
                answer = await send(seconds)
        except asyncio.CancelledError:
            self._breaker.abandoned()
            raise
        except Exception as error:
            raise self._learn(error, started) from error
        self._breaker.succeeded()
        return answer

    def _learn(self, error: Exception, started: float) -> ConnectorError:
        found = self._classify(self.provider, error)
        if found.down:
            self._breaker.failed(started)
        else:
            self._breaker.succeeded()
        log.info("google_call_failed", code=found.code, cause=type(error).__name__, repeat=found.repeat)
        return found

    def _may_repeat(self, account: str, error: BaseException) -> bool:
        if not isinstance(error, ConnectorError) or not error.repeat:
            return False
        if self.provider != "ga4" or error.kind != "unavailable":
            return True
        made, now = self._repeats[account], time.monotonic()
        while made and made[0] < now - errors.HOUR:
            made.popleft()
        return len(made) < GA4_REPEATS_AN_HOUR

    def _note_repeat(self, account: str) -> None:
        self._repeats[account].append(time.monotonic())


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.wait if isinstance(error, ConnectorError) else 0.0
    return asked + random.uniform(0, min(CAP, BASE * 2**state.attempt_number))  # noqa: S311 (jitter, not a secret)
