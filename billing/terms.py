"""The limits a batch is decided under, fixed at the moment it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from billing.call import FLAT
from camarad.clock import Clock
from camarad.settings import Settings


def day_number(instant: datetime) -> int:
    """The UTC date as yyyymmdd."""
    day = instant.astimezone(UTC)
    return day.year * 10_000 + day.month * 100 + day.day


def seconds_to_midnight(instant: datetime) -> int:
    """Whole seconds until the next UTC day, at least 1."""
    now = instant.astimezone(UTC)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now) // timedelta(seconds=1) + 1


@dataclass(frozen=True, slots=True)
class Terms:
    now: datetime
    expires: datetime
    day: int
    daily_cap: int
    most_per_request: int
    phase: int = FLAT

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Terms:
        """The phase is for the ledger to find out, in the transaction that it decides."""
        now = clock.now()
        expires = now + timedelta(seconds=settings.ct_hold_seconds)
        caps = settings.max_daily_ct_per_workspace, settings.max_ct_per_request
        return cls(now, expires, day_number(now), *caps)
