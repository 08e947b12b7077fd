"""The rules of the ledger for one operation after the other, on wallets and holds read into memory.

SQLite's writer uses them; PostgreSQL's functions state the same rules in SQL, and the tests hold both to one model.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.call import FLAT, Reservation
from billing.operation import Posting
from billing.terms import Terms


@dataclass(slots=True)
class Wallet:
    plan: int
    topup: int
    held: int
    day: int
    day_used: int
    shortfall: int
    daily_cap: int | None = None  # the plan's

    @property
    def free(self) -> int:
        return self.plan + self.topup - self.held

    def start_day(self, day: int) -> None:
        """Forget yesterday's use. A process whose clock is behind never turns the day back."""
        if day > self.day:
            self.day, self.day_used = day, 0


@dataclass(slots=True)
class Hold:
    amount: int
    actual: int | None
    state: str
    created_at: str
    expires_at: str
    phase: int = FLAT


def refusal(wallet: Wallet, amount: int, terms: Terms) -> str | None:
    """Why a hold of `amount` cannot be taken now, or None."""
    if amount > terms.most_per_request:
        return "too_large"
    if wallet.plan + wallet.topup < amount:
        return "insufficient"
    if wallet.free < amount:
        return "insufficient_now"
    used = wallet.day_used if wallet.day >= terms.day else 0
    cap = terms.daily_cap if wallet.daily_cap is None else min(terms.daily_cap, wallet.daily_cap)
    return "daily_cap" if used + wallet.held + amount > cap else None


def replay_of_reserve(hold: Hold | None, reservation: Reservation) -> str | None:
    """What a repeated reservation is told. A hold that ended without a debit may be taken again, hence None."""
    if hold is None or hold.state in ("expired", "released"):
        return None
    return f"replay:{hold.state}" if hold.amount == reservation.by(hold.phase) else "mismatch"


def replay_of_settle(hold: Hold | None, posting: Posting) -> str | None:
    """What a settlement without a debt is told; None when it is due: once for a hold, be it expired meanwhile."""
    if hold is None:
        return "unknown"
    if hold.state in ("held", "expired"):
        return None
    # By cost the amount may differ without the call being another one: rates may have changed since.
    other = hold.state == "settled" and hold.phase == FLAT and hold.actual != posting.debit
    return "mismatch" if other else f"replay:{hold.state}"


@dataclass(frozen=True, slots=True)
class Debit:
    """What a settlement takes from each bucket; the plan's CT go first because they lapse."""

    plan: int
    topup: int

    @property
    def total(self) -> int:
        return self.plan + self.topup


def debit(wallet: Wallet, hold: Hold, amount: int, terms: Terms) -> Debit:
    """Settle `hold` for `amount`: its CT are freed, the wallet pays what it can and the rest is a shortfall."""
    freed = hold.amount if hold.state == "held" else 0
    take = min(amount, wallet.free + freed)
    taken = Debit(min(take, wallet.plan), take - min(take, wallet.plan))
    wallet.start_day(terms.day)
    wallet.plan -= taken.plan
    wallet.topup -= taken.topup
    wallet.held -= freed
    wallet.day_used += take
    wallet.shortfall += amount - take
    hold.state, hold.actual = "settled", amount
    return taken
