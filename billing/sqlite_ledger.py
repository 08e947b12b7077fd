"""The ledger on SQLite: one writer thread with a connection of its own, one transaction a batch.

Raw SQL is at home here. A batch is read, decided in memory by `billing.rules` and written back with a handful of
statements of many rows: each gives up the interpreter once instead of once a row, which keeps the writer quick beside a
busy event loop. `synchronous=FULL` lets an acknowledged settle survive a power cut;
one flush is shared by the batch.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from billing.call import COST
from billing.operation import Operation, Outcome, new_stamps
from billing.sqlite_batch import USAGE_COLUMNS, Batch, json_of
from billing.sqlite_insert import Insert, upsert
from billing.stamp import Stamp
from billing.terms import Terms
from camarad.clock import Clock
from camarad.errors import Upstream
from camarad.settings import Settings

BUSY_SECONDS = 15
CHECKPOINT_PAGES = (
    8_000  # a batch over many wallets fills SQLite's usual 1,000 at once; pages are hot, so wait for more
)
PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"),
    f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    "busy_timeout=0",  # see _begin
)

READ_HOLDS = """
SELECT json_group_array(json_array(
         h.workspace_id, h.request_id, h.amount, h.actual, h.state, h.created_at, h.expires_at, h.phase))
  FROM json_each(?) e CROSS JOIN ct_holds h
    ON h.workspace_id = json_extract(e.value, '$[0]') AND h.request_id = json_extract(e.value, '$[1]')
"""
READ_WALLETS = """
SELECT json_group_array(json_array(
         workspace_id, plan_balance, topup_balance, held, day, day_used, shortfall, daily_cap))
  FROM json_each(?) e CROSS JOIN ct_wallets ON workspace_id = e.value
"""


WRITE_HOLDS = upsert(
    "ct_holds",
    ("workspace_id", "request_id"),
    ("amount", "actual", "state", "created_at", "expires_at", "phase"),
)
WRITE_WALLETS = upsert(
    "ct_wallets", ("workspace_id",), ("plan_balance", "topup_balance", "held", "day", "day_used", "shortfall")
)
WRITE_LEDGER = Insert("ct_ledger", ("workspace_id", "request_id", "kind", "amount", "plan_delta", "topup_delta", "at"))
WRITE_USAGE = Insert("usage", USAGE_COLUMNS)
WRITE_STAMPS = Insert("price_stamps", ("id", "numbers", "created_at"), "ON CONFLICT (id) DO NOTHING")
WINDOW_OPEN = "SELECT 1 FROM phase3_windows WHERE closed_at IS NULL AND opens_at <= ? AND closes_at > ? LIMIT 1"


def stored(instant: datetime) -> str:
    """A time the way camarad.models.base.UtcDateTime keeps it in SQLite."""
    return instant.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


class SqliteLedger:
    lanes = 1

    def __init__(self, path: str, settings: Settings, clock: Clock) -> None:
        self._path = path
        self._settings = settings
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._connection: sqlite3.Connection | None = None
        self.flush_ns: int | None = None
        self._handed = self._taken = 0  # batches, counted by the event loop and by the writer
        self._untold: tuple[Future[list[Outcome]], list[Outcome]] | None = None
        self._stamped: set[str] = set()  # stamps known to be stored

    async def start(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    async def apply(self, lane: int, batch: list[Operation]) -> list[Outcome]:
        told: Future[list[Outcome]] = Future()
        self._handed += 1
        self._thread.submit(self._write, batch, told)
        return await asyncio.wrap_future(told)

    def _write(self, operations: list[Operation], told: Future[list[Outcome]]) -> None:
        self._taken += 1
        try:
            outcomes = self._apply(operations)
        except BaseException as error:
            self._tell()
            told.set_exception(error)
            return
        self._untold = told, outcomes
        if self._handed == self._taken:
            self._tell()

    def _tell(self) -> None:
        """Wake the callers of the batch that is committed and not told yet.

        While another batch waits to be written this is put off until that one's COMMIT begins: the callers' work then
        runs beside the only long step that does not need the interpreter, instead of keeping the writer from it."""
        if self._untold is not None:
            (told, outcomes), self._untold = self._untold, None
            told.set_result(outcomes)

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        self._connection = connection

    def _apply(self, operations: list[Operation]) -> list[Outcome]:
        connection = self._connection
        if connection is None:
            raise RuntimeError("the ledger was not started")
        self._begin(connection)
        try:
            stamps = new_stamps(operations, self._stamped)
            if stamps:
                WRITE_STAMPS.run(connection, self._stamp_rows(stamps))
            outcomes = self._decide(connection, operations)
            self._tell()
            self._commit(connection)
            self._stamped.update(stamps)
        except BaseException:
            if connection.in_transaction:  # a full disk has ended it already
                connection.execute("ROLLBACK")
            raise
        return outcomes

    def _stamp_rows(self, stamps: dict[str, Stamp]) -> list[Any]:
        now = stored(self._clock.now())
        return [(name, json_of(stamp.numbers()), now) for name, stamp in stamps.items()]

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Take the lock; where somebody else has it, the callers of the last batch need not wait for that."""
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self._tell()
            self._begin_patiently(connection)

    def _begin_patiently(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise _busy() from error
        finally:
            connection.execute("PRAGMA busy_timeout=0")

    def _commit(self, connection: sqlite3.Connection) -> None:
        began = time.perf_counter_ns()
        connection.execute("COMMIT")
        took = time.perf_counter_ns() - began
        # The least of late: most take longer because the callers' work has the interpreter when they are done.
        self.flush_ns = took if self.flush_ns is None else min(took, 9 * self.flush_ns // 8)

    def _terms(self, connection: sqlite3.Connection) -> Terms:
        """A window that another process opened or closed is seen at once: it is read with the lock already taken."""
        terms = Terms.of(self._settings, self._clock)
        if not self._settings.billing_phase3_enabled:
            return terms
        now = stored(terms.now)
        found = connection.execute(WINDOW_OPEN, (now, now)).fetchone()
        return terms if found is None else replace(terms, phase=COST)

    def _decide(self, connection: sqlite3.Connection, operations: list[Operation]) -> list[Outcome]:
        keys = json_of([(o.workspace_id, o.request_id) for o in operations])
        workspaces = json_of(list({o.workspace_id for o in operations}))
        terms = self._terms(connection)
        batch = Batch(
            terms,
            stored,
            holds=orjson.loads(connection.execute(READ_HOLDS, (keys,)).fetchone()[0]),
            wallets=orjson.loads(connection.execute(READ_WALLETS, (workspaces,)).fetchone()[0]),
        )
        outcomes = [batch.decide(operation) for operation in operations]
        WRITE_HOLDS.run(connection, batch.hold_rows())
        WRITE_LEDGER.run(connection, batch.ledger)
        WRITE_USAGE.run(connection, batch.usage)
        WRITE_WALLETS.run(connection, batch.wallet_rows())
        return outcomes


def _busy() -> Upstream:
    return Upstream(
        f"The database was locked by another writer for {BUSY_SECONDS} seconds.",
        code="ledger_unavailable",
        status=503,
        retry_after=5,
        hint="Nothing is charged twice: send the same request again.",
    )
