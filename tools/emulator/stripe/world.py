"""The emulated account: its objects, its clock, its rules, and what is to be told to webhook endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.emulator.stripe.clock import MovableClock
from tools.emulator.stripe.errors import StripeError, missing, unknown_reference
from tools.emulator.stripe.ids import make_id
from tools.emulator.stripe.outbox import Fault
from tools.emulator.stripe.rules import Rules
from tools.emulator.stripe.schema import skeleton
from tools.emulator.stripe.store import Store
from tools.emulator.stripe.types import Obj

API_VERSION = "2026-10-28.endive"
_SELF = "emulator"  # the kind under which the clock and the rules are stored

# What an id that leads nowhere is called in Stripe's sentences.
SPOKEN = {
    "checkout.session": "checkout.session",
    "payment_method": "PaymentMethod",
    "payment_intent": "payment_intent",
    "setup_intent": "setupintent",
    "entitlements.feature": "entitlement feature",
    "billing_portal.configuration": "configuration",
}


class World:
    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.clock = MovableClock()
        self.rules = Rules()
        self.faults: list[Fault] = []  # of deliveries; they do not outlive the process
        self.port = 0  # the one last served on, so that addresses given away still lead here after a restart
        self.request: tuple[str | None, str | None] = (None, None)  # id and idempotency key of the call being served
        self._restore()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> int:
        return self.clock.now()

    def make(self, kind: str, **fields: Any) -> Obj:
        """A new stored object, with what Stripe requires of its kind."""
        obj = self.shape(kind, **fields)
        return self.store.add(kind, obj)

    def shape(self, kind: str, **fields: Any) -> Obj:
        """The same without keeping it, for what is only shown."""
        obj = skeleton(kind)
        obj["id"] = make_id(kind)
        if "created" in obj:
            obj["created"] = self.now()
        obj.update(fields)
        return obj

    def get(self, kind: str, object_id: str) -> Obj:
        """By the id in a path; 404 when there is none."""
        found = self.store.get(kind, object_id)
        if found is None:
            raise missing(SPOKEN.get(kind, kind), object_id)
        return found

    def refer(self, kind: str, object_id: str, param: str) -> Obj:
        """By an id among the parameters; 400 when there is none."""
        found = self.store.get(kind, object_id)
        if found is None or found.get("deleted"):
            raise unknown_reference(SPOKEN.get(kind, kind), object_id, param)
        return found

    def reset(self, keep: tuple[str, ...] = (), at: int | None = None) -> None:
        """An account of the first day, at the machine's time or standing still `at` one; what is of `keep` stays."""
        kept = [(kind, obj) for kind in keep for obj in self.store.all(kind)]
        self.store.forget()
        for kind, obj in kept:
            self.store.add(kind, obj)
        self.clock, self.rules = MovableClock(frozen_at=at), Rules()
        self.faults.clear()
        self.save()

    def save(self) -> None:
        """Write what has changed."""
        own = self.store.get(_SELF, _SELF) or self.store.add(_SELF, {"id": _SELF})
        own.update(offset=self.clock.offset, frozen_at=self.clock.frozen_at, rules=self.rules.as_dict(), port=self.port)
        self.store.commit()

    def only_read(self) -> None:
        """Nothing was changed."""
        self.store.settle()

    def undo(self) -> None:
        self.store.rollback()

    def close(self) -> None:
        self.store.close()

    def _restore(self) -> None:
        if own := self.store.get(_SELF, _SELF):
            self.clock = MovableClock(own["offset"], own["frozen_at"])
            self.rules = Rules.from_dict(own["rules"])
            self.port = own.get("port", 0)


def refuse(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """An expected refusal of what was asked."""
    return StripeError(message, param=param, code=code)
