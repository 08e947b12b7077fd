"""Answers kept for a while, and many equal questions at once answered by one upstream call.

How long: figures of the last days still change at Google, so what includes today is kept 15 minutes, what ends under
72 hours ago one hour, older periods and field lists a day, realtime one minute. It is a cache of this process; another
process reads for itself, which costs quota and never correctness.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from camarad.clock import Clock
from tools.result import Period

T = TypeVar("T")

REALTIME = timedelta(seconds=60)
WITH_TODAY = timedelta(minutes=15)
RECENT = timedelta(hours=1)
SETTLED = timedelta(hours=24)
SETTLING_DAYS = 3
REFRESHES, REFRESHED_IN = 10, timedelta(minutes=1)  # of one answer, by this process


def ttl(period: Period, today: date) -> timedelta:
    if period.end >= today:
        return WITH_TODAY
    return RECENT if period.end >= today - timedelta(days=SETTLING_DAYS) else SETTLED


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """`at` is when it was read from the provider; `cached` is False for those who waited for that very read."""

    value: T
    at: datetime
    cached: bool


class Cache:
    def __init__(self, clock: Clock, size: int = 512) -> None:
        self._clock, self._size = clock, size
        self._entries: OrderedDict[Hashable, tuple[Kept[Any], datetime]] = OrderedDict()
        self._flights: dict[Hashable, asyncio.Task[Kept[Any]]] = {}
        self._reads: set[asyncio.Task[Kept[Any]]] = set()  # those of forgotten connections too
        self._derived: OrderedDict[Hashable, tuple[object, Any]] = OrderedDict()
        self._refreshes: OrderedDict[Hashable, deque[datetime]] = OrderedDict()

    async def get(
        self, key: Hashable, ttl: timedelta, fetch: Callable[[], Awaitable[T]], refresh: bool = False
    ) -> Kept[T]:
        """The kept answer, or a new one. Callers that arrive during a read share it, its failure included; one of them
        giving up does not end it for the others."""
        found = self._entries.get(key)
        if found is not None and self._clock.now() < found[1] and not (refresh and self._may_refresh(key)):
            self._entries.move_to_end(key)
            return found[0]
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._read(key, ttl, fetch))
            self._flights[key] = flight
            self._reads.add(flight)
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    def _may_refresh(self, key: Hashable) -> bool:
        """So many times a minute; who asks more often gets what is kept, which says when it was read. Waiting for a
        read under way costs nothing."""
        if key in self._flights:
            return True
        now, past = self._clock.now(), self._refreshes.setdefault(key, deque(maxlen=REFRESHES))
        self._refreshes.move_to_end(key)
        while len(self._refreshes) > self._size:
            self._refreshes.popitem(last=False)
        if len(past) == REFRESHES and now - past[0] < REFRESHED_IN:
            return False
        past.append(now)
        return True

    async def _read(self, key: Hashable, ttl: timedelta, fetch: Callable[[], Awaitable[T]]) -> Kept[T]:
        fresh = Kept(await fetch(), self._clock.now(), cached=False)
        if self._flights.get(key) is not asyncio.current_task():
            return fresh  # its connection was forgotten meanwhile: only those who had asked before get it
        self._entries[key] = (Kept(fresh.value, fresh.at, cached=True), fresh.at + ttl)
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return fresh

    def derived(self, key: Hashable, source: object, make: Callable[[], T]) -> T:
        """What is made from a kept value, made once for that very value. The key begins like the value's own."""
        found = self._derived.get(key)
        if found is not None and found[0] is source:
            self._derived.move_to_end(key)
            return cast("T", found[1])
        made = make()
        self._derived[key] = (source, made)
        self._derived.move_to_end(key)
        while len(self._derived) > self._size:
            self._derived.popitem(last=False)
        return made

    def _landed(self, key: Hashable, flight: asyncio.Task[Kept[Any]]) -> None:
        self._reads.discard(flight)
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # seen, also when every caller has gone

    def forget(self, connection_id: str) -> None:
        """Drop what belongs to one connection, reads under way included; its keys begin with its id."""
        for kept in (self._entries, self._derived, self._flights):
            for key in [k for k in kept if isinstance(k, tuple) and k[0] == connection_id]:
                del kept[key]

    async def close(self) -> None:
        flights = list(self._reads)
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._entries.clear()
        self._derived.clear()
