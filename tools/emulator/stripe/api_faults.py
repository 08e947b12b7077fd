"""Calls that fail on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tools.emulator.stripe.errors import StripeError

STATUSES = (0, 400, 401, 402, 409, 429, 500, 502, 503, 504)


@dataclass(slots=True)
class ApiFault:
    """`status` 0 gives no answer at all; `after`: what was asked is done, only its answer is lost."""

    status: int
    times: int = 1
    method: str = "*"
    path: str = "*"
    after: bool = False


class ApiFaults:
    def __init__(self) -> None:
        self.book: list[ApiFault] = []

    def add(self, given: dict[str, Any]) -> None:
        known: dict[str, type] = {"status": int, "times": int, "method": str, "path": str, "after": bool}
        for name, value in given.items():
            if name not in known or type(value) is not known[name]:
                raise StripeError(f"{value!r} is no value of {name!r}.", param=name)
        if given.get("status") not in STATUSES:
            raise StripeError(f"A fault's status is one of {', '.join(map(str, STATUSES))}.", param="status")
        self.book.append(ApiFault(**given))

    def take(self, method: str, path: str) -> ApiFault | None:
        """The next fault that is meant for this call; counts it."""
        for fault in self.book:
            if fault.times > 0 and fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path):
                fault.times -= 1
                return fault
        return None

    @staticmethod
    def error(status: int) -> StripeError:
        """As Stripe words it."""
        if status == 409:
            return StripeError(
                "This object cannot be accessed right now because another API request or Stripe process is currently "
                "accessing it.",
                status=409,
                code="lock_timeout",
            )
        if status == 429:
            return StripeError("Request rate limit exceeded.", status=429, code="rate_limit")
        if status < 500:
            return StripeError("A failure that was asked for.", status=status)
        return StripeError(
            "Sorry! There was an error while talking to Stripe, and we have been notified of the problem.",
            status=status,
            kind="api_error",
        )
