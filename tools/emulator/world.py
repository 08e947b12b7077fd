"""The running world: its store, which follows the calendar, and who may see what. Shared by all services."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tools.emulator import network
from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.faults import FaultBook
from tools.emulator.fixtures import Fixtures
from tools.emulator.store import Store, open_store
from tools.emulator.users import google_users


@dataclass(frozen=True, slots=True)
class Owner:
    """A property or account: its number in the store and what reports say about it."""

    id: str
    number: int
    name: str
    currency: str
    timezone: str
    manager_id: str | None = None
    goal: str = ""
    is_manager: bool = False
    status: str = "ENABLED"


class World:
    """`pinned` is the business date everywhere; without it each owner's own calendar counts."""

    def __init__(
        self, data_dir: Path, fixtures: Fixtures | None, pinned: date | None, faults: FaultBook | None = None
    ) -> None:
        self.faults = faults or FaultBook()
        self._data_dir, self._fixtures, self._pinned = data_dir, fixtures, pinned
        self._lock = threading.Lock()
        clients = [*DEMO_CLIENTS, *(fixtures.clients if fixtures else ())]
        self._zones = sorted({c.timezone for c in clients})
        self._store = open_store(data_dir, self._ahead(), fixtures)
        self.properties = self._owners("SELECT property_id, p, name, currency, timezone FROM property ORDER BY p")
        self.accounts = self._owners(
            "SELECT customer_id, a, name, currency, timezone, manager_id, goal, is_manager, status"
            " FROM account ORDER BY a"
        )

        direct = [own.id for own in self.accounts.values() if own.manager_id is None and own.id not in network.IDS]
        self.users = google_users(self.properties, direct, fixtures.clients if fixtures else ())

    @property
    def store(self) -> Store:
        """The store of the current date; made again when the date has moved on."""
        with self._lock:
            if self._store.today != self._ahead():
                self._store = open_store(self._data_dir, self._ahead(), self._fixtures)
            return self._store

    def today(self, owner: Owner) -> date:
        return self._pinned or self.now(owner).date()

    def now(self, owner: Owner) -> datetime:
        return datetime.now(ZoneInfo(owner.timezone))

    def close(self) -> None:
        self._store.close()

    def _ahead(self) -> date:
        """The date where it is latest: data must reach to the day before it."""
        now = datetime.now(UTC)
        return self._pinned or max(now.astimezone(ZoneInfo(zone)).date() for zone in self._zones)

    def _owners(self, sql: str) -> dict[str, Owner]:
        return {row[0]: Owner(*row) for row in self._store.query(sql)}
