"""The rules of the ledger for one operation after the other, on wallets and holds read into memory.

SQLite's writer uses them; PostgreSQL's functions state the same rules in SQL, and the tests hold both to one model.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.terms import Terms


@dataclass(slots=True)
class Wallet:
    plan: int
    topup: int
    held: int
    day: int
    day_used: int
    shortfall: int

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


def refusal(wallet: Wallet, amount: int, terms: Terms) -> str | None:
    """Why a hold of `amount` cannot be taken now, or None."""
    if wallet.plan + wallet.topup < amount:
        return "insufficient"
    if wallet.free < amount:
        return "insufficient_now"
    used = wallet.day_used if wallet.day >= terms.day else 0
    return "daily_cap" if used + wallet.held + amount > terms.daily_cap else None


def replay_of_reserve(hold: Hold | None, amount: int) -> str | None:
    """What a repeated reservation is told. A hold that ended without a debit may be taken again, hence None."""
    if hold is None or hold.state in ("expired", "released"):
        return None
    return f"replay:{hold.state}" if hold.amount == amount else "mismatch"


def replay_of_settle(hold: Hold | None, debit: int) -> str | None:
    """What a settlement without a debt is told; None when it is due: once for a hold, be it expired meanwhile."""
    if hold is None:
        return "unknown"
    if hold.state in ("held", "expired"):
        return None
    return "mismatch" if hold.state == "settled" and hold.actual != debit else f"replay:{hold.state}"


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
