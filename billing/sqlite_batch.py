"""One batch in memory: rows read, every operation decided in order, rows to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from billing import rules
from billing.call import Reservation
from billing.operation import Closing, Operation, Outcome, Posting
from billing.rules import Hold, Wallet
from billing.terms import Terms

Key = tuple[str, str]
USAGE_COLUMNS = (
    *("id", "workspace_id", "client_id", "user_id", "conversation_id", "turn_id", "request_id"),
    *("agent", "model", "status", "tokens_in", "tokens_cached", "tokens_out", "estimated"),
    *("cost_micro_eur", "ct_actual_debit", "ct_shadow_debit", "attempts", "duration_ms", "at"),
    *("stamp", "coverage", "tokens_cache_write", "billable_micro_eur", "calls", "phase"),
)


class Batch:
    """Only rows that changed are written back."""

    def __init__(
        self, terms: Terms, stored: Callable[[datetime], str], holds: list[list[Any]], wallets: list[list[Any]]
    ) -> None:
        self.terms = terms
        self._stored = stored
        self._now, self._expires = stored(terms.now), stored(terms.expires)
        self._holds: dict[Key, Hold] = {(row[0], row[1]): Hold(*row[2:]) for row in holds}
        self._wallets: dict[str, Wallet] = {row[0]: Wallet(*row[1:]) for row in wallets}
        self._changed_holds: dict[Key, Hold] = {}
        self._changed_wallets: dict[str, Wallet] = {}
        self.ledger: list[tuple[Any, ...]] = []
        self.usage: list[tuple[Any, ...]] = []

    def decide(self, operation: Operation) -> Outcome:
        wallet = self._wallets.get(operation.workspace_id)
        if wallet is None:
            return Outcome("unknown" if isinstance(operation, Posting) else "no_wallet")
        key = (operation.workspace_id, operation.request_id)
        if isinstance(operation, Reservation):
            outcome = self._reserve(key, wallet, operation)
        elif isinstance(operation, Posting):
            outcome = self._settle(key, wallet, operation)
        else:
            outcome = self._close(key, wallet, operation)
        return outcome

    def hold_rows(self) -> list[tuple[Any, ...]]:
        return [
            (*key, h.amount, h.actual, h.state, h.created_at, h.expires_at, h.phase)
            for key, h in self._changed_holds.items()
        ]

    def wallet_rows(self) -> list[tuple[Any, ...]]:
        return [
            (name, w.plan, w.topup, w.held, w.day, w.day_used, w.shortfall) for name, w in self._changed_wallets.items()
        ]

    def _changed(self, key: Key, wallet: Wallet, hold: Hold) -> None:
        self._changed_holds[key] = self._holds[key] = hold
        self._changed_wallets[key[0]] = wallet

    def _reserve(self, key: Key, wallet: Wallet, reservation: Reservation) -> Outcome:
        phase = self.terms.phase
        amount = reservation.by(phase)
        refused = rules.replay_of_reserve(self._holds.get(key), reservation) or rules.refusal(
            wallet, amount, self.terms
        )
        if refused is not None:
            return Outcome(refused, phase=phase)
        wallet.start_day(self.terms.day)
        wallet.held += amount
        self._changed(key, wallet, Hold(amount, None, "held", self._now, self._expires, phase))
        return Outcome("held", phase=phase)

    def _settle(self, key: Key, wallet: Wallet, posting: Posting) -> Outcome:
        hold = self._holds.get(key)
        refused = rules.replay_of_settle(hold, posting)
        if refused is not None or hold is None:
            return Outcome(refused or "unknown")
        taken = rules.debit(wallet, hold, posting.by(hold.phase), self.terms)
        self._changed(key, wallet, hold)
        at = self._stored(posting.at)
        self.ledger.append((*key, "debit", -taken.total, -taken.plan, -taken.topup, at))
        self.usage.append((*_usage_row(posting, taken.total, at), hold.phase))
        return Outcome("settled", taken.total)

    def _close(self, key: Key, wallet: Wallet, closing: Closing) -> Outcome:
        hold = self._holds.get(key)
        if hold is None or hold.state != "held":
            return Outcome("open")
        if closing.target == "expired" and hold.expires_at > self._now:
            return Outcome("open")
        wallet.held -= hold.amount
        hold.state = closing.target
        self._changed(key, wallet, hold)
        return Outcome("closed")


def _usage_row(o: Posting, debited: int, at: str) -> tuple[Any, ...]:
    c = o.call
    return (
        *(o.usage_id, c.workspace_id, c.client_id, c.user_id, c.conversation_id, c.turn_id, c.request_id),
        *(c.agent, c.model, c.status, c.tokens_in, c.tokens_cached, c.tokens_out, int(c.estimated)),
        *(
            o.cost_micro_eur,
            debited,
            o.shadow,
            json_of(list(c.attempts)) if c.attempts else "[]",
            c.duration_ms,
            at,
        ),
        *(o.stamp.id if o.stamp else None, o.coverage, c.tokens_cache_write, o.billable_micro_eur, json_of(c.calls)),
    )


def json_of(value: Any) -> str:
    return orjson.dumps(value).decode()
