"""Access tokens of connections: from memory, from the database, or new from Google, at one call however many ask.

In a process the callers of one connection share a flight. Between processes the row's lease is held by the one that
asks Google; it is taken and given back by compare-and-swap, ends by itself when its holder dies, and a token is written
only over the version it was made from. The others look at the row until a newer token is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, or_, update

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.ids import new_id
from camarad.log import get_logger
from camarad.models import ConnectionSecret
from camarad.scope import Scope
from tools.connectors import errors
from tools.connectors.connection import ConnectionView
from tools.connectors.oauth import Google, GoogleRefused, Refreshed
from tools.connectors.vault import SealBroken, Vault
from tools.record import Provider

EARLY = timedelta(seconds=60)  # a token is renewed so long before it ends
LEASE = timedelta(seconds=30)  # longer than Google is asked for one token, with repeats
PATIENCE = 35.0  # seconds to wait for another worker's token, its lease included
LOOK_FIRST, LOOK_MOST = 0.03, 0.5  # seconds between looks at the row, doubling
GONE = frozenset({"invalid_grant"})  # the consent was withdrawn, or is older than Google keeps it

log = get_logger("connectors")


@dataclass(frozen=True, slots=True)
class _Held:
    token: str
    until: datetime
    version: int

    def __repr__(self) -> str:
        return f"_Held(version={self.version})"


class Broker:
    def __init__(
        self,
        database: Database,
        vault: Vault,
        google: Google,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database, self._vault, self._google, self._clock, self._sleep = database, vault, google, clock, sleep
        self._held: dict[str, _Held] = {}
        self._flights: dict[tuple[str, str], asyncio.Task[_Held]] = {}

    def tokens(self, scope: Scope, view: ConnectionView) -> BrokeredToken:
        return BrokeredToken(self, scope, view)

    def forget(self, connection_id: str) -> None:
        self._held.pop(connection_id, None)

    async def close(self) -> None:
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._held.clear()

    async def get(self, scope: Scope, view: ConnectionView, refused: str = "") -> str:
        """A token that is good for a minute at least and is not `refused`. Raises ConnectorError."""
        assert view.id is not None and view.grant is not None
        held = self._held.get(view.id)
        if held and held.version >= view.grant.version and self._good(held.token, held.until, refused):
            return held.token
        key = (view.id, refused)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._obtain(scope, view.provider, view.id, refused))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        found = await asyncio.shield(flight)
        self._held[view.id] = found
        return found.token

    def _landed(self, key: tuple[str, str], flight: asyncio.Task[_Held]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # seen, also when every caller has gone

    def _good(self, token: str, until: datetime | None, refused: str) -> bool:
        return token != refused and until is not None and self._clock.now() < until - EARLY

    async def _obtain(self, scope: Scope, provider: Provider, connection_id: str, refused: str) -> _Held:
        holder, pause, started = new_id(), LOOK_FIRST, time.monotonic()
        while time.monotonic() - started < PATIENCE:
            row = await self._read(scope, connection_id)
            if row is None:
                raise errors.not_connected(provider)
            if row.source != self._google.source:
                raise errors.other_google(provider)
            token = self._opened(provider, row.access_token)
            if self._good(token, row.access_expires_at, refused):
                return _Held(token, cast("datetime", row.access_expires_at), row.version)
            if row.refresh_token is None:
                raise errors.reconnect(provider, "expired")
            if await self._take_lease(scope, row, holder):
                found = await self._renew(scope, provider, row, holder)
                if found is not None:
                    return found
                continue
            await self._sleep(pause)
            pause = min(pause * 2, LOOK_MOST)
        raise errors.unavailable(provider, repeat=False, down=False)

    async def _read(self, scope: Scope, connection_id: str) -> ConnectionSecret | None:
        async with self._database.read(scope) as session:
            return await session.get(ConnectionSecret, connection_id)

    def _opened(self, provider: Provider, sealed: str | None) -> str:
        try:
            return self._vault.open(sealed) if sealed is not None else ""
        except SealBroken:
            raise errors.sealed(provider) from None

    async def _take_lease(self, scope: Scope, row: ConnectionSecret, holder: str) -> bool:
        now = self._clock.now()
        free = or_(ConnectionSecret.lease_until.is_(None), ConnectionSecret.lease_until < now)
        values = {"lease_until": now + LEASE, "lease_holder": holder}
        return await self._swap(scope, row, values, free)

    async def _renew(self, scope: Scope, provider: Provider, row: ConnectionSecret, holder: str) -> _Held | None:
        """The new token; None when the row was written by somebody else meanwhile. The lease is given back."""
        mine = ConnectionSecret.lease_holder == holder
        try:
            new = await self._google.refresh(self._opened(provider, row.refresh_token))
        except BaseException as error:
            await asyncio.shield(self._swap(scope, row, {"lease_until": None, "lease_holder": None}, mine))
            if isinstance(error, CamaradError):
                raise _refused(provider, error) from None
            raise
        written = await asyncio.shield(self._swap(scope, row, self._values(new, row.version), mine))
        return _Held(new.access_token, new.expires_at, row.version + 1) if written else None

    def _values(self, new: Refreshed, version: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            "access_token": self._vault.seal(new.access_token),
            "access_expires_at": new.expires_at,
            "version": version + 1,
            "lease_until": None,
            "lease_holder": None,
            "updated_at": self._clock.now(),
        }
        if new.refresh_token is not None:
            values["refresh_token"] = self._vault.seal(new.refresh_token)
        if new.scopes is not None:
            values["scopes"] = " ".join(sorted(new.scopes))
        return values

    async def _swap(self, scope: Scope, row: ConnectionSecret, values: dict[str, Any], condition: Any) -> bool:
        """Write over the version that was read, or not at all."""
        same = (ConnectionSecret.connection_id == row.connection_id, ConnectionSecret.version == row.version)
        async with self._database.write(scope) as session:
            done = await session.execute(update(ConnectionSecret).where(*same, condition).values(**values))
            return bool(cast("CursorResult[Any]", done).rowcount)


def _refused(provider: Provider, error: CamaradError) -> CamaradError:
    if isinstance(error, GoogleRefused) and error.error in GONE:
        return errors.reconnect(provider, error.error)
    if isinstance(error, errors.ConnectorError):
        return error
    return errors.no_token(provider, error.code)


@dataclass(frozen=True, slots=True)
class BrokeredToken:
    """The token source of one connection's route."""

    _broker: Broker
    _scope: Scope
    _view: ConnectionView

    async def get(self) -> str:
        return await self._broker.get(self._scope, self._view)

    async def renew(self, refused: str) -> str | None:
        return await self._broker.get(self._scope, self._view, refused)
