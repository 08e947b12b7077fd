"""What a merchant sets in Stripe's dashboard: how failed renewals are retried and what follows the last one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tools.emulator.stripe.errors import StripeError

DAY = 86_400
ENDS = ("cancel", "unpaid", "past_due")


@dataclass(slots=True)
class Rules:
    """`retry_days`: days from each failed attempt to the next; `after_retries`: what becomes of the subscription."""

    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: str = "cancel"
    incomplete_hours: int = 23
    session_hours: int = 24
    draft_seconds: int = 0  # how long a renewal's invoice stays a draft; an hour at Stripe

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Rules:
        rules = cls(**given)
        rules.retry_days = tuple(rules.retry_days)
        return rules

    def change(self, given: dict[str, Any]) -> None:
        """Raises StripeError for a rule that there is not, or a value it cannot take."""
        for name, value in given.items():
            if name == "retry_days" and isinstance(value, list) and all(_is_count(one) for one in value):
                self.retry_days = tuple(value)
            elif name == "after_retries" and value in ENDS:
                self.after_retries = value
            elif name in ("incomplete_hours", "session_hours", "draft_seconds") and _is_count(value):
                setattr(self, name, value)
            else:
                raise StripeError(f"{value!r} is no value of the rule {name!r}.", param=name)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000
