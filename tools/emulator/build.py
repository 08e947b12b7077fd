"""Making the world's database: demo clients from their shapes, fixture clients from their totals."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tools.emulator.agency import MANAGER_ID, MANAGER_NAME, DemoClient
from tools.emulator.fixtures import Fixtures
from tools.emulator.network import NETWORK
from tools.emulator.worlds import season
from tools.emulator.worlds.account import FACT_COLUMNS, AccountData
from tools.emulator.worlds.catalog import SEED, WORLDS
from tools.emulator.worlds.changes import Change, changes_of
from tools.emulator.worlds.clicks import draw_account
from tools.emulator.worlds.dice import Dice, Ints
from tools.emulator.worlds.events import EVENTS, KEY_EVENTS
from tools.emulator.worlds.places import AGES, GENDERS, PLACES, TECH
from tools.emulator.worlds.property import PropertyData, Sessions, make_events
from tools.emulator.worlds.shape import DEVICES, Shape
from tools.emulator.worlds.spread import spread_account, spread_property
from tools.emulator.worlds.visits import draw_property

_SCHEMA = Path(__file__).with_name("schema.sql")
_MANAGER = 0  # number of the manager account
_ZONE = "Europe/Bucharest"  # of accounts that belong to no client
_FIRST_NETWORK = 50  # number of the network's first account
_FIRST_FIXTURE = 100  # number of the first fixture client; demo clients are counted from 1


def build(path: Path, today: date, fixtures: Fixtures | None) -> None:
    """Write the world of `today` to a new DuckDB file."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET threads = 1")
        connection.execute(_SCHEMA.read_text(encoding="utf-8"))
        writer = _Writer(connection)
        writer.lists()
        for number, shape in enumerate(WORLDS, start=1):
            _demo(writer, number, shape, today)
        for index, client in enumerate(fixtures.clients if fixtures else ()):
            assert fixtures is not None
            _fixture(writer, _FIRST_FIXTURE + index, client, fixtures)
        connection.execute("CHECKPOINT")


def _demo(writer: _Writer, number: int, shape: Shape, today: date) -> None:
    dice = Dice(f"{SEED}/{shape.client.id}")
    end = season.day_number(today)
    days = np.arange(end - season.HISTORY_DAYS, end, dtype=np.int64)
    account = draw_account(shape, number, dice, days, today) if shape.campaigns else None
    if account:
        writer.account(number, shape.client, shape.goal, account)
        writer.changes(number, changes_of(shape, account, today))
    if shape.client.ga4:
        data, sessions = draw_property(shape, dice, days, today, account)
        writer.property(number, shape.client, shape.host, data, sessions, make_events(data, sessions, dice))


def _fixture(writer: _Writer, number: int, client: DemoClient, fixtures: Fixtures) -> None:
    dice = Dice(f"{SEED}/fixture/{client.id}")
    if client.id in fixtures.google_ads:
        account = spread_account(fixtures.google_ads[client.id], number, dice, fixtures.today)
        writer.account(number, client, "purchase", account)
    if client.id in fixtures.ga4:
        data, sessions = spread_property(fixtures.ga4[client.id], dice, fixtures.today)
        writer.property(number, client, "www.example.com", data, sessions, make_events(data, sessions, dice))


@dataclass(slots=True)
class _Writer:
    """Appends rows; ids of pages, sources, terms and sessions are unique over all clients."""

    connection: duckdb.DuckDBPyConnection
    pages: int = 0
    sources: int = 0
    terms: int = 0
    sessions: int = 0

    def rows(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            marks = ",".join("?" * len(rows[0]))
            self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def lists(self) -> None:
        self.rows(
            "place",
            [(i, p.city, p.region, p.country, p.country_id, p.continent, p.language) for i, p in enumerate(PLACES)],
        )
        self.rows("tech", [(i, t.device, t.browser, t.system) for i, t in enumerate(TECH)])
        self.rows("age", [(i, name) for i, (name, _) in enumerate(AGES)])
        self.rows("gender", [(i, name) for i, (name, _) in enumerate(GENDERS)])
        self.rows("kind", [(i, name, name in KEY_EVENTS) for i, name in enumerate(EVENTS)])
        self.rows(
            "account", [(MANAGER_ID, None, MANAGER_NAME, "EUR", _ZONE, None, "", _MANAGER, True, "ENABLED", False)]
        )
        self.rows(
            "account",
            [
                (n.customer_id, None, n.name, n.currency, _ZONE, n.manager_id, "", i, n.is_manager, n.status, n.is_test)
                for i, n in enumerate(NETWORK, start=_FIRST_NETWORK)
            ],
        )
        self.rows("device", [(i, name.upper()) for i, name in enumerate(DEVICES)])

    def account(self, number: int, client: DemoClient, goal: str, data: AccountData) -> None:
        own = client.google_ads
        assert own is not None
        customer = own.customer_id.replace("-", "")
        row = (customer, client.id, own.name, client.currency, client.timezone, own.login_customer_id, goal, number)
        self.rows("account", [(*row, False, "ENABLED", False)])
        self.rows(
            "campaign",
            [
                (c.campaign_id, number, c.name, c.status, c.type, c.bidding, c.budget_id, c.budget)
                for c in data.campaigns
            ],
        )
        self.rows("ad_group", [(g.ad_group_id, number, g.campaign_id, g.name, g.landing) for g in data.ad_groups])
        self.rows(
            "criterion",
            [(c.criterion_id, number, c.ad_group_id, c.keyword, c.match, c.quality, c.bid) for c in data.criteria],
        )
        self.rows("term", [(self.terms + i, text) for i, text in enumerate(data.terms)])
        if data.facts:
            self._facts(number, data.facts)
        self.terms += len(data.terms)

    def _facts(self, number: int, facts: dict[str, Ints]) -> None:
        columns = {name: facts[name] for name in FACT_COLUMNS}
        columns["term"] = np.where(columns["term"] < 0, -1, columns["term"] + self.terms)
        self.connection.execute(
            f"""INSERT INTO fact SELECT {number}, DATE '1970-01-01' + day::INTEGER, criterion_id,
            nullif(term, -1), device, impressions, clicks, cost, conversions, value, eligible, lost_budget
            FROM columns ORDER BY day, criterion_id, term, device"""
        )

    def changes(self, number: int, changes: list[Change]) -> None:
        self.rows("change", [(number, *astuple(change)) for change in changes])

    def property(
        self,
        number: int,
        client: DemoClient,
        host: str,
        data: PropertyData,
        sessions: Sessions,
        events: dict[str, Ints],
    ) -> None:
        own = client.ga4
        assert own is not None
        row = (own.property_id, client.id, own.name, client.currency, client.timezone, host, number)
        self.rows("property", [row])
        self.rows("page", [(self.pages + i, number, path, title) for i, (path, title) in enumerate(data.pages)])
        self.rows("source", [(self.sources + i, number, *row) for i, row in enumerate(data.sources)])
        if len(sessions.key):
            self._sessions(number, sessions)
            self._events(number, sessions, events)
        self.pages += len(data.pages)
        self.sources += len(data.sources)
        self.sessions += len(sessions.key)

    def _sessions(self, number: int, s: Sessions) -> None:
        columns = {
            name: getattr(s, name)
            for name in ("day", "start", "user", "is_new", "engaged", "source", "first_source", "landing")
        }
        columns |= {name: getattr(s, name) for name in ("place", "tech", "age", "gender")}
        columns["n"] = np.arange(len(s.key)) + self.sessions
        self.connection.execute(
            f"""INSERT INTO session SELECT n, {number}, DATE '1970-01-01' + day::INTEGER, start,
            "user", is_new, engaged,
            source + {self.sources}, first_source + {self.sources}, landing + {self.pages}, place, tech, age, gender
            FROM columns ORDER BY day, n"""
        )

    def _events(self, number: int, s: Sessions, events: dict[str, Ints]) -> None:
        columns = dict(events)
        columns["day"] = s.day[events["session"]]
        self.connection.execute(
            f"""INSERT INTO event SELECT session + {self.sessions}, {number}, DATE '1970-01-01' + day::INTEGER,
            second, kind,
            page + {self.pages}, ms, value FROM columns ORDER BY day, session, second"""
        )
