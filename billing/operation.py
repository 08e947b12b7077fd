"""What the ledger is asked to do, many at a time, and how each one ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from billing.call import COST, FLAT, Reservation, Settlement
from billing.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Posting:
    """A settlement with its prices: `debit` CT to take from the wallet, and the usage row to write with it.

    `debit_cost` is what Phase 3 takes instead, None when the call has no price. The row of `stamp` is written with or
    before the usage row.
    """

    call: Settlement
    usage_id: str
    debit: int
    shadow: int | None
    cost_micro_eur: int | None
    at: datetime
    debit_cost: int | None = None
    billable_micro_eur: int | None = None
    stamp: Stamp | None = None
    coverage: int = 0

    def by(self, phase: int) -> int:
        """CT to take for a call that was reserved in this phase; one that has no cost pays the flat tariff."""
        return self.debit_cost if phase == COST and self.debit_cost is not None else self.debit

    @property
    def workspace_id(self) -> str:
        return self.call.workspace_id

    @property
    def request_id(self) -> str:
        return self.call.request_id


@dataclass(frozen=True, slots=True)
class Closing:
    """A hold to free without a debit; `expired` only frees one whose time is over."""

    workspace_id: str
    request_id: str
    target: Literal["released", "expired"]


Operation = Reservation | Posting | Closing


def new_stamps(batch: Iterable[Operation], known: Collection[str]) -> dict[str, Stamp]:
    """The stamps of a batch that are not known to be stored, by their ids."""
    stamps = (o.stamp for o in batch if isinstance(o, Posting) and o.stamp is not None)
    return {stamp.id: stamp for stamp in stamps if stamp.id not in known}


class Outcome(NamedTuple):
    """`status` is held, settled, closed, open (nothing to close), replay:<state>, mismatch, unknown, no_wallet,
    too_large, insufficient, insufficient_now (others hold the rest) or daily_cap; `debited` the CT taken by a
    settlement; `phase` the one a reservation was decided in."""

    status: str
    debited: int | None = None
    phase: int = FLAT


class Ledger(Protocol):
    """A database's way to apply a batch in one transaction. No request may appear twice in a batch.

    `lanes` batches may be under way at once, as long as no workspace is in two of them. `flush_ns` is what a commit
    takes at present, None where nobody measures it.
    """

    lanes: int
    flush_ns: int | None

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def apply(self, lane: int, batch: list[Operation]) -> list[Outcome]: ...
