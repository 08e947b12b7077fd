"""Limits on how often something may be tried, counted in the database so that every worker sees the same number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import LimitReached
from camarad.models import RateCounter


@dataclass(frozen=True)
class RateLimit:
    """`allowed` events for one subject in each fixed window of `seconds`. The key is hashed, so that the table holds no
    addresses and no e-mails."""

    name: str
    allowed: int
    seconds: int
    subject: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.name}:{hashlib.sha256(chr(0).join(self.subject).encode()).hexdigest()}"

    @classmethod
    def of_address(cls, name: str, allowed: int, seconds: int, address: str, *more: str) -> RateLimit:
        return cls(name, allowed, seconds, (network(address), *more))

    def window(self, now: datetime) -> datetime:
        whole = int(now.timestamp()) // self.seconds * self.seconds
        return datetime.fromtimestamp(whole, tz=now.tzinfo)


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Whom an address is counted as. Of IPv6 one subscriber has 2^64 at least (RFC 6177), so the /64 counts as one;
    an IPv4 address that comes as IPv6 is itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


async def hit(database: Database, clock: Clock, limits: Sequence[RateLimit]) -> None:
    """Count one event against every limit. Raises LimitReached with the longest wait when one of them is passed.

    The event is counted before the work it guards, so that many tries at once cannot slip through together.
    """
    now, waits = clock.now(), []
    async with database.write() as session:
        await session.execute(delete(RateCounter).where(RateCounter.window_start < now - timedelta(days=1)))
        for limit in limits:
            if await _count(session, limit, now, sqlite_dialect=database.is_sqlite) > limit.allowed:
                waits.append((limit.window(now) + timedelta(seconds=limit.seconds) - now).total_seconds())
    if waits:
        wait = max(1.0, *waits)
        minutes = max(1, round(wait / 60))
        raise LimitReached("Too many attempts.", hint=f"Wait {minutes} min and try again.", retry_after=wait)


async def give_back(database: Database, clock: Clock, limits: Sequence[RateLimit]) -> None:
    """Take the event back: it turned out to be one of those that are not limited."""
    now = clock.now()
    async with database.write() as session:
        for limit in limits:
            await session.execute(
                update(RateCounter)
                .where(RateCounter.key == limit.key, RateCounter.window_start == limit.window(now))
                .values(count=RateCounter.count - 1)
            )


async def _count(session: AsyncSession, limit: RateLimit, now: datetime, *, sqlite_dialect: bool) -> int:
    insert: Any = sqlite.insert if sqlite_dialect else postgresql.insert
    statement = insert(RateCounter).values(key=limit.key, window_start=limit.window(now), count=1)
    statement = statement.on_conflict_do_update(
        index_elements=[RateCounter.key, RateCounter.window_start], set_={"count": RateCounter.count + 1}
    ).returning(RateCounter.count)
    return int((await session.execute(statement)).scalar_one())
