"""The stretch of time that is looked at, cut into day blocks of equal length."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from camarad.errors import BadInput

SHORTEST, LONGEST = 24, 720
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """`hours` up to `until`. Each day block is two slots, so that the window also falls into two halves.

    Blocks count back from `until` and are 24 hours long when `hours` is whole days.
    """

    hours: int
    until: datetime

    def __post_init__(self) -> None:
        if not SHORTEST <= self.hours <= LONGEST:
            raise BadInput(f"window_hours must be between {SHORTEST} and {LONGEST}.", code="bad_window")
        if self.until < EARLIEST:
            raise BadInput(f"until lies before {EARLIEST.date()}.", code="bad_window")

    @property
    def since(self) -> datetime:
        return self.until - timedelta(hours=self.hours)

    @property
    def blocks(self) -> int:
        return max(1, (self.hours + 12) // 24)

    @cached_property
    def slots(self) -> tuple[datetime, ...]:
        """The start of each slot, the oldest first."""
        count = 2 * self.blocks
        length = timedelta(hours=self.hours)
        return tuple(self.since + length * n / count for n in range(count))

    def slot_from(self, start: datetime) -> int:
        """The slot in which a stretch lies that begins at `start` and crosses no slot's end."""
        return bisect_right(self.slots, start) - 1

    def block_of(self, slot: int) -> int:
        return slot // 2

    def is_late(self, slot: int) -> bool:
        """Whether a slot lies in the later half."""
        return slot >= self.blocks
