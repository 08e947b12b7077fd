"""What the drill knows of its own doing, whatever the books agree on among themselves.

A charge that is complete in every table, a wrong price that is in its stamp too, or a CT booked in or out under a name
of its own contradicts no other row. It contradicts what was asked, set and granted here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from drill.recount import Books, Row
from drill.server import DEAR, FLAT, WELCOME
from drill.traffic import Person

BUILT_IN: Final = {"ct_value_micro_eur": 1000, "buffer_bp": 1000, "margin_bp": 4000, "eur_per_usd_ppm": 920_000}
STAMPED: Final = {**DEAR, **BUILT_IN, "debit": BUILT_IN, "flat": list(FLAT), "calls": {}}


def surprises(books: Books, people: Sequence[Person]) -> list[str]:
    """What happened that nobody asked for, in words."""
    return [*_prices(books), *_calls(books, people), *_booked(books, people), *_used_today(books)]


def _prices(books: Books) -> Iterator[str]:
    for name, numbers in books.stamps.items():
        if off := [key for key, value in STAMPED.items() if numbers.get(key) != value]:
            yield f"the stamp {name} has other prices than were set: {', '.join(off)}"


def _calls(books: Books, people: Sequence[Person]) -> Iterator[str]:
    """Each belongs to a question, which numbers its calls; the same question takes the same calls, whoever asks."""
    of_turn: dict[str | None, list[Row]] = defaultdict(list)
    for row in books.usage.values():
        of_turn[row["turn_id"]].append(row)
    took: dict[str, set[int]] = defaultdict(set)
    for person in people:
        refused = {key for key, _ in person.refused}
        for key, text in person.asked.items():
            rows = of_turn.pop(books.turns.get((person.workspace_id, key)), [])
            wanted = [f"{key}:{number}" for number in range(1, len(rows) + 1)]
            if sorted(row["request_id"].rpartition("-")[0] for row in rows) != wanted:
                yield f"the calls of {key} are not numbered from 1 to {len(rows)}"
            if key not in refused:
                took[text].add(len(rows))
            elif rows:
                yield f"{key} was refused and took {len(rows)} calls"
    yield from (f"the call {row['request_id']} belongs to no question" for rows in of_turn.values() for row in rows)
    yield from (f"{text} took {sorted(counts)} calls" for text, counts in took.items() if len(counts) > 1)


def _booked(books: Books, people: Iterable[Person]) -> Iterator[str]:
    """One welcome each, debits, and the one entry that leaves somebody a single CT."""
    entries: dict[str, Counter[tuple[str, str, int]]] = defaultdict(Counter)
    for entry in books.ledger:
        if entry["kind"] != "debit":
            entries[entry["workspace_id"]][entry["kind"], entry["request_id"], entry["amount"]] += 1
    for person in people:
        wanted = Counter({("grant", "welcome", WELCOME): 1})
        if person.set_to is not None:
            wanted["adjust", "drill", person.set_to - WELCOME] = 1
        if (found := entries.pop(person.workspace_id, Counter())) != wanted:
            yield f"beside its debits {person.name} has {dict(found)}, and should have {dict(wanted)}"
    yield from (f"{workspace}, which is nobody's, has entries" for workspace in entries)


def _used_today(books: Books) -> Iterator[str]:
    """What the daily cap counts. A drill over midnight is let off: its calls are of two days."""
    days = {entry["at"][:10] for entry in books.ledger}
    used: Counter[str] = Counter()
    for entry in books.ledger:
        used[entry["workspace_id"]] -= entry["amount"] if entry["kind"] == "debit" else 0
    if len(days) == 1:
        for name, wallet in books.wallets.items():
            if wallet["day_used"] != used[name]:
                yield f"{name} used {used[name]} CT today, its wallet says {wallet['day_used']}"
