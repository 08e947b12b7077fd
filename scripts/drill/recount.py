"""The books recounted from their raw rows, without a line of the code that wrote them.

What a row should hold is worked out here again: the prices from the stamp it names, the tariff, the rounding, the phase
from the windows. One CT off anywhere is a finding.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]


@dataclass
class Books:
    wallets: dict[str, Row]
    holds: dict[Key, Row]
    ledger: list[Row]
    usage: dict[Key, Row]
    stamps: dict[str, Row]
    windows: list[Row]
    refusals: list[Row]
    turns: dict[Key, str]  # (conversation's workspace, request id of the turn) → turn
    doubles: list[str] = field(default_factory=list)


def read(data: Path) -> Books:
    """Every row of money, in one moment."""
    with closing(sqlite3.connect(f"file:{data / 'camarad.db'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        database.execute("BEGIN")

        def rows(table: str) -> list[Row]:
            return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]

        usage = rows("usage")
        named = Counter((row["workspace_id"], row["request_id"]) for row in usage)
        return Books(
            wallets={row["workspace_id"]: row for row in rows("ct_wallets")},
            holds={(row["workspace_id"], row["request_id"]): row for row in rows("ct_holds")},
            ledger=rows("ct_ledger"),
            usage={(row["workspace_id"], row["request_id"]): row for row in usage},
            stamps={row["id"]: json.loads(row["numbers"]) for row in rows("price_stamps")},
            windows=rows("phase3_windows"),
            refusals=rows("ct_refusals"),
            turns={(row["workspace_id"], row["request_id"]): row["id"] for row in rows("turns")},
            doubles=[request for (_, request), count in named.items() if count > 1],
        )


def _stamps(books: Books) -> Iterator[str]:
    """A stamp is named by a hash of its numbers, so they cannot have been changed unseen."""
    for name, numbers in books.stamps.items():
        written = json.dumps(numbers, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(written.encode()).hexdigest()[: len(name)] != name:
            yield f"the prices of the stamp {name} were changed"


def findings(books: Books) -> list[str]:
    """What does not add up, in words; empty when every CT is where it should be."""
    return [
        *(f"the call {request} has two usage rows" for request in books.doubles),
        *_stamps(books),
        *_wallets(books),
        *_calls(books),
        *_holds(books),
    ]


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _wallets(books: Books) -> Iterator[str]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    entries: Counter[tuple[str, str, str]] = Counter()
    for entry in books.ledger:
        workspace = entry["workspace_id"]
        sums[workspace]["plan_balance"] += entry["plan_delta"]
        sums[workspace]["topup_balance"] += entry["topup_delta"]
        entries[workspace, entry["request_id"], entry["kind"]] += 1
        if entry["amount"] != entry["plan_delta"] + entry["topup_delta"]:
            yield f"the entry {entry['id']} of {workspace} is not the sum of its buckets"
    yield from (f"{key[1]} was booked {count} times as {key[2]}" for key, count in entries.items() if count > 1)
    for hold in books.holds.values():
        sums[hold["workspace_id"]]["held"] += hold["amount"] if hold["state"] == "held" else 0
    for name, wallet in books.wallets.items():
        for column in ("plan_balance", "topup_balance", "held"):
            if wallet[column] != sums[name][column]:
                yield f"{column} of {name} is {wallet[column]} CT, its rows say {sums[name][column]}"
            if wallet[column] < 0:
                yield f"{column} of {name} is below zero"
    yield from (f"{name} has entries and no wallet" for name in set(sums) - set(books.wallets))


def _calls(books: Books) -> Iterator[str]:
    debits = {(e["workspace_id"], e["request_id"]): -e["amount"] for e in books.ledger if e["kind"] == "debit"}
    for key in debits.keys() | books.usage.keys():
        row, debit, hold = books.usage.get(key), debits.get(key), books.holds.get(key)
        if row is None or debit is None or hold is None:
            yield f"the call {key[1]} lacks its hold, its debit or its usage row"
            continue
        if row["ct_actual_debit"] != debit:
            yield f"the call {key[1]} took {debit} CT, its usage row says {row['ct_actual_debit']}"
        if row["phase"] != hold["phase"]:
            yield f"the call {key[1]} was held in phase {hold['phase']} and charged in phase {row['phase']}"
        yield from _priced(key[1], row, hold, books.stamps)
    yield from _shortfalls(books)


def _priced(request: str, row: Row, hold: Row, stamps: dict[str, Row]) -> Iterator[str]:
    numbers = stamps.get(row["stamp"] or "")
    if numbers is None:
        yield f"the call {request} names no prices"
        return
    flat = _up(row["tokens_in"] * numbers["flat"][0] + row["tokens_out"] * numbers["flat"][1], 1000)
    cost = _cost(row, numbers, numbers["eur_per_usd_ppm"])
    shadow = _ct(cost, numbers)
    charged = _ct(_cost(row, numbers, numbers["debit"]["eur_per_usd_ppm"]), numbers["debit"])
    due = charged if hold["phase"] == 3 else flat
    if (row["cost_micro_eur"], row["ct_shadow_debit"]) != (cost, shadow):
        yield f"the call {request} costs {cost} micro-EUR and {shadow} CT by its own prices, its row says otherwise"
    if hold["actual"] != due:
        yield f"the call {request} owes {due} CT in phase {hold['phase']}, {hold['actual']} were charged"
    if row["ct_actual_debit"] > due:
        yield f"the call {request} paid {row['ct_actual_debit']} CT and owes {due}"


def _cost(row: Row, numbers: Row, eur_per_usd_ppm: int) -> int:
    """Micro-EUR."""
    cached = min(row["tokens_cached"], row["tokens_in"])
    written = min(row["tokens_cache_write"], row["tokens_in"] - cached)
    usd = (row["tokens_in"] - cached - written) * numbers["input"] + row["tokens_out"] * numbers["output"]
    usd += cached * numbers["cached_input"] + written * numbers["cache_write"]
    usd += sum(numbers["calls"].get(name, 0) * count for name, count in json.loads(row["calls"]).items()) * 10**6
    return _up(usd * eur_per_usd_ppm, 10**12)


def _ct(cost: int, rate: Row) -> int:
    return _up(cost * (10_000 + rate["buffer_bp"]), (10_000 - rate["margin_bp"]) * rate["ct_value_micro_eur"])


def _shortfalls(books: Books) -> Iterator[str]:
    short: Counter[str] = Counter()
    for key, row in books.usage.items():
        hold = books.holds.get(key)
        if hold is not None and hold["actual"] is not None:
            short[key[0]] += hold["actual"] - row["ct_actual_debit"]
    for name, wallet in books.wallets.items():
        if wallet["shortfall"] != short[name]:
            yield f"the shortfall of {name} is {wallet['shortfall']} CT, its calls say {short[name]}"


def _holds(books: Books) -> Iterator[str]:
    for (_, request), hold in books.holds.items():
        due = 3 if any(_covers(window, hold["created_at"]) for window in books.windows) else 2
        if hold["phase"] != due:
            yield f"the call {request} began in phase {due} and was held in phase {hold['phase']}"
        settled = hold["state"] == "settled"
        if settled != ((hold["workspace_id"], request) in books.usage):
            yield f"the hold of {request} is {hold['state']}, and its usage row says otherwise"


def _covers(window: Row, at: str) -> bool:
    """Times are written so that text order is time order."""
    ends = min(window["closes_at"], window["closed_at"] or window["closes_at"])
    return bool(window["opens_at"] <= at < ends)


def unpaid(books: Books, told: Iterable[Any]) -> list[str]:
    """Where what a person was told of a turn is not what its calls took."""
    wrong = []
    for each in told:
        turn = books.turns.get((each.workspace_id, each.key))
        rows = [row for row in books.usage.values() if turn and row["turn_id"] == turn]
        sums = (
            len(rows),
            sum(row["ct_actual_debit"] for row in rows),
            sum(row["ct_shadow_debit"] or 0 for row in rows),
        )
        if (each.requests, each.ct_actual, each.ct_shadow) != sums:
            wrong.append(
                f"{each.key} was told {each.requests} calls, {each.ct_actual} and {each.ct_shadow} CT; rows say {sums}"
            )
    return wrong
