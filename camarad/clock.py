"""The one clock. `now` is the real instant; `today` is the business date, which a fixture file may pin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, in UTC."""

    def today(self, timezone: str = "UTC") -> date:
        """The calendar date in an IANA time zone."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock, with `pinned` as the business date everywhere when it is set."""

    pinned: date | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, timezone: str = "UTC") -> date:
        return self.pinned or self.now().astimezone(ZoneInfo(timezone)).date()


@dataclass
class ManualClock:
    """A clock that moves only when told to; shipped because tests and simulations need the same one."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def today(self, timezone: str = "UTC") -> date:
        return self.instant.astimezone(ZoneInfo(timezone)).date()

    def advance(self, step: timedelta) -> None:
        self.instant += step
