"""Tokens of a property, as Analytics counts them: per day, hour, and project."""

from __future__ import annotations

import threading
import time
from typing import Any

from tools.emulator.ga4 import errors

_DAY, _HOUR, _PROJECT_HOUR = 200_000, 40_000, 14_000
_SECONDS = 3600.0


class Quota:
    """Counts tokens; the hourly ones come back with the next hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = time.monotonic()
        self._hour = self._day = 0

    def spend(self, tokens: int) -> None:
        """Take tokens, or refuse as Google does when the project's hour is used up."""
        with self._lock:
            if time.monotonic() - self._since >= _SECONDS:
                self._since, self._hour = time.monotonic(), 0
            if self._hour + tokens > _PROJECT_HOUR:
                raise errors.exhausted("per project per hour")
            if self._day + tokens > _DAY:
                raise errors.exhausted("per day", "in under a day")
            self._hour += tokens
            self._day += tokens

    def reset(self) -> None:
        with self._lock:
            self._hour = self._day = 0

    def status(self, types: Any, tokens: int) -> Any:
        """The PropertyQuota message of either API version."""

        def part(most: int, used: int, consumed: int = 0) -> Any:
            return types.QuotaStatus(consumed=consumed, remaining=most - used)

        return types.PropertyQuota(
            tokens_per_day=part(_DAY, self._day, tokens),
            tokens_per_hour=part(_HOUR, self._hour, tokens),
            tokens_per_project_per_hour=part(_PROJECT_HOUR, self._hour, tokens),
            concurrent_requests=part(10, 0),
            server_errors_per_project_per_hour=part(10, 0),
            potentially_thresholded_requests_per_hour=part(120, 0),
        )
