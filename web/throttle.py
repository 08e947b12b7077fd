"""How many requests an address, a person, a workspace and a key may make in a minute.

Each process counts for itself and decides at once. On PostgreSQL what it counted goes to the database every second, and
what the other processes counted comes back, so that all of them together keep to a limit within a second's requests.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.dialects import postgresql

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import LimitReached
from camarad.log import get_logger
from camarad.models import RateCounter
from camarad.settings import Settings
from web.cookies import is_loopback
from web.ratelimit import RateLimit, network
from web.sessions import SignedIn

log = get_logger(__name__)

WINDOW: Final = 60
SHARE_SECONDS: Final = 1.0


@dataclass(slots=True)
class Count:
    """`shared` is what the database said last, ours included; `new` is what it has not been told yet."""

    limit: RateLimit
    shared: int = 0
    new: int = 0


class Throttle:
    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._minute = 0
        self._counts: dict[tuple[str, str], Count] = {}
        self._sharing: asyncio.Task[None] | None = None

    def address(self, address: str) -> None:
        """Count a request of an address, before anything else is done for it. Programs on this machine are free."""
        if not is_loopback(address):
            self._hit("address", network(address), self._settings.requests_per_minute_address)

    def person(self, who: SignedIn) -> None:
        """Count a request of somebody signed in, for them, their workspace and the key they used."""
        self.member(who.user_id, who.workspace_id)
        if who.key_id:
            self._hit("key", who.key_id, self._settings.requests_per_minute_key)

    def member(self, user_id: str, workspace_id: str) -> None:
        """Count what comes without a request of its own, as a frame of a socket does."""
        self._hit("user", user_id, self._settings.requests_per_minute_user)
        self._hit("workspace", workspace_id, self._settings.requests_per_minute_workspace)

    async def close(self) -> None:
        if self._sharing is not None:
            self._sharing.cancel()
            await asyncio.gather(self._sharing, return_exceptions=True)

    def _hit(self, name: str, subject: str, allowed: int) -> None:
        now = self._clock.now().timestamp()
        if int(now) // WINDOW != self._minute:
            self._minute, self._counts = int(now) // WINDOW, {}
        count = self._counts.get((name, subject))
        if count is None:
            limit = RateLimit(f"requests-{name}", allowed, WINDOW, (subject,))
            count = self._counts[(name, subject)] = Count(limit)
        count.new += 1
        self._share_soon()
        if count.shared + count.new > allowed:
            raise LimitReached(
                f"More than {allowed:,} requests in a minute.",
                hint="Wait for the next minute and send fewer.",
                retry_after=WINDOW - now % WINDOW,
            )

    def _share_soon(self) -> None:
        if not self._database.is_sqlite and (self._sharing is None or self._sharing.done()):
            self._sharing = asyncio.get_running_loop().create_task(self._share(), name="throttle")

    async def _share(self) -> None:
        await asyncio.sleep(SHARE_SECONDS)
        try:
            await self.share()
        except Exception as error:  # each process still keeps to the limits by itself
            log.warning("throttle_not_shared", error=repr(error))

    async def share(self) -> None:
        """Tell the database what was counted since, and learn what all processes counted."""
        counts = sorted((c for c in self._counts.values() if c.new), key=lambda c: c.limit.key)
        if not counts:
            return
        told = [count.new for count in counts]
        start = datetime.fromtimestamp(self._minute * WINDOW, UTC)
        rows = [{"key": c.limit.key, "window_start": start, "count": n} for c, n in zip(counts, told, strict=True)]
        insert = postgresql.insert(RateCounter).values(rows)
        statement = insert.on_conflict_do_update(
            index_elements=[RateCounter.key, RateCounter.window_start],
            set_={"count": RateCounter.count + insert.excluded.count},
        ).returning(RateCounter.key, RateCounter.count)
        async with self._database.write() as session:
            totals = {key: total for key, total in await session.execute(statement)}  # noqa: C416
        for count, sent in zip(counts, told, strict=True):
            count.new -= sent
            count.shared = totals[count.limit.key]
