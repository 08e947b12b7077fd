"""The emulator's clock: seconds since 1970, ahead of the machine's by what it was moved, or standing still."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tools.emulator.stripe.errors import StripeError

MOST_AHEAD = 10 * 366 * 86_400


@dataclass(slots=True)
class MovableClock:
    """It never goes back: what has happened stays in the past."""

    offset: int = 0
    frozen_at: int | None = None

    def now(self) -> int:
        return self.frozen_at if self.frozen_at is not None else int(time.time()) + self.offset

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None

    def freeze(self, at: int | None = None) -> None:
        self.move_to(at if at is not None else self.now())
        self.frozen_at = self.now()

    def thaw(self) -> None:
        """Go on from where it stands."""
        if self.frozen_at is not None:
            self.offset, self.frozen_at = self.frozen_at - int(time.time()), None

    def move_to(self, instant: int) -> None:
        now = self.now()
        if instant < now:
            raise StripeError(f"The clock stands at {now} and does not go back to {instant}.", param="to")
        if instant - int(time.time()) > MOST_AHEAD:
            raise StripeError(f"The clock goes ten years ahead at most, not to {instant}.", param="to")
        if self.frozen_at is not None:
            self.frozen_at = instant
        else:
            self.offset += instant - now
