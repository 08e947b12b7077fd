"""The ledger on PostgreSQL: one call of `ct_meter_batch` (migration 0007) a batch, on connections of its own.

Raw SQL is at home here: the function is the hot path of every model call. A batch whose connection broke is sent again,
because nobody can know whether it was committed and every operation in it may safely be repeated.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg
from sqlalchemy.engine import URL

from billing.call import COST, FLAT, Reservation
from billing.operation import Closing, Operation, Outcome, Posting, new_stamps
from billing.terms import Terms
from camarad.clock import Clock
from camarad.errors import Upstream
from camarad.log import get_logger
from camarad.second_wall import STEP_DOWN
from camarad.settings import Settings

log = get_logger(__name__)

LANES = 2
TRIES = 6
PAUSE = timedelta(milliseconds=100)
STATEMENT = "SELECT closed, settled, debited, reserved, phase FROM ct_meter_batch({})".format(
    ", ".join(f"${n}" for n in range(1, 40))
)
WRITE_STAMP = "INSERT INTO price_stamps (id, numbers, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)


class PostgresLedger:
    lanes = LANES
    flush_ns: int | None = None  # two lanes overlap already

    def __init__(self, url: URL, settings: Settings, clock: Clock) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._settings = settings
        self._clock = clock
        self._connections: list[asyncpg.Connection[Any] | None] = [None] * LANES
        self._stamped: set[str] = set()  # stamps known to be stored

    async def start(self) -> None:
        for lane in range(LANES):
            await self._connection(lane)

    async def close(self) -> None:
        for connection in self._connections:
            if connection is not None and not connection.is_closed():
                await connection.close()

    async def apply(self, lane: int, batch: list[Operation]) -> list[Outcome]:
        for attempt in range(1, TRIES + 1):
            try:
                outcomes = await self._apply(lane, batch)
            except PASSING as error:
                await self._drop(lane)
                log.warning("ledger_retry", attempt=attempt, error=repr(error))
                if attempt == TRIES:
                    raise unavailable() from error
                await asyncio.sleep((PAUSE * 2**attempt).total_seconds())
            else:
                return outcomes if attempt == 1 else [_after_retry(outcome) for outcome in outcomes]
        raise unavailable()

    async def _apply(self, lane: int, batch: list[Operation]) -> list[Outcome]:
        connection = await self._connection(lane)
        await self._stamp(connection, batch)
        closings = [(n, o) for n, o in enumerate(batch) if isinstance(o, Closing)]
        postings = [(n, o) for n, o in enumerate(batch) if isinstance(o, Posting)]
        reservations = [(n, o) for n, o in enumerate(batch) if isinstance(o, Reservation)]
        terms = Terms.of(self._settings, self._clock)
        row = await connection.fetchrow(
            STATEMENT,
            *_closing_columns([o for _, o in closings]),
            *_posting_columns([o for _, o in postings]),
            *_reservation_columns([o for _, o in reservations]),
            *(terms.now, terms.expires, terms.day, terms.daily_cap, terms.most_per_request),
            self._settings.billing_phase3_enabled,
        )
        assert row is not None  # a function in FROM gives exactly one row
        outcomes: list[Outcome] = [Outcome("unknown")] * len(batch)
        for (n, _), done in zip(closings, row["closed"] or (), strict=True):
            outcomes[n] = Outcome("closed" if done else "open")
        for (n, _), status, debited in zip(postings, row["settled"] or (), row["debited"] or (), strict=True):
            outcomes[n] = Outcome(status, debited)
        for (n, _), status in zip(reservations, row["reserved"] or (), strict=True):
            outcomes[n] = Outcome(status, phase=row["phase"])
        return outcomes

    async def _stamp(self, connection: asyncpg.Connection[Any], batch: list[Operation]) -> None:
        """Store what the batch is priced with, in a commit before it; rarely anything at all."""
        stamps = new_stamps(batch, self._stamped)
        if stamps:
            now = self._clock.now()
            rows = [(name, json.dumps(stamp.numbers()), now) for name, stamp in stamps.items()]
            await connection.executemany(WRITE_STAMP, rows)
            self._stamped.update(stamps)

    async def _connection(self, lane: int) -> asyncpg.Connection[Any]:
        connection = self._connections[lane]
        if connection is None or connection.is_closed():
            # An acknowledged settle must survive a crash of the database, whatever its default is.
            durable = {"synchronous_commit": "on", "application_name": "camarad meter", "jit": "off"}
            connection = await asyncpg.connect(self._dsn, server_settings=durable, command_timeout=30)
            await connection.execute(STEP_DOWN)
            self._connections[lane] = connection
        return connection

    async def _drop(self, lane: int) -> None:
        connection, self._connections[lane] = self._connections[lane], None
        if connection is not None:
            connection.terminate()


def unavailable() -> Upstream:
    return Upstream(
        "The ledger's database does not answer.",
        code="ledger_unavailable",
        status=503,
        retry_after=5,
        hint="Nothing is charged twice: send the same request again.",
    )


def _after_retry(outcome: Outcome) -> Outcome:
    """Our own first try may have taken the hold that the second one found."""
    return outcome._replace(status="held") if outcome.status == "replay:held" else outcome


def _closing_columns(items: list[Closing]) -> tuple[list[Any], ...]:
    return [o.workspace_id for o in items], [o.request_id for o in items], [o.target for o in items]


def _reservation_columns(items: list[Reservation]) -> tuple[list[Any], ...]:
    flat, cost = [o.by(FLAT) for o in items], [o.by(COST) for o in items]
    return [o.workspace_id for o in items], [o.request_id for o in items], flat, cost


def _posting_columns(items: list[Posting]) -> tuple[Any, ...]:
    if not items:
        return ((),) * 26
    return tuple(zip(*map(_posting_row, items), strict=True))


def _posting_row(o: Posting) -> tuple[Any, ...]:
    c = o.call
    return (
        *(c.workspace_id, c.request_id, o.debit, o.usage_id, c.client_id, c.user_id, c.conversation_id, c.turn_id),
        *(c.agent, c.model, c.status, c.tokens_in, c.tokens_cached, c.tokens_out, c.estimated),
        *(o.cost_micro_eur, o.shadow, json.dumps(list(c.attempts)) if c.attempts else "[]", c.duration_ms, o.at),
        *(o.stamp.id if o.stamp else None, o.coverage, c.tokens_cache_write, o.billable_micro_eur),
        json.dumps(dict(c.calls)) if c.calls else "{}",
        o.by(COST),
    )
