"""The Google emulator for tests: a process of the session, its faults, and totals computed apart from its own code.

`truth` reads the stored events and facts row by row in plain Python; no SQL expression of the emulator is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import httpx
import pytest

from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess, start_emulator

TODAY = date(2026, 11, 20)
AUTHORIZATION = (("authorization", "Bearer demo"),)
_KINDS = ("channel", "landing", "device", "country", "city")  # as `_sessions` gives them
_KEY_EVENTS = ("purchase", "generate_lead", "sign_up")


@pytest.fixture(scope="session")
def emulator_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the session's emulator."""
    return tmp_path_factory.mktemp("emulator")


@pytest.fixture(scope="session")
def emulator(emulator_data: Path) -> Iterator[EmulatorProcess]:
    """A running emulator whose date is TODAY; shared, so use `emulator_faults` to change what it does."""
    process = start_emulator(emulator_data, today=TODAY)
    yield process
    process.stop()


@pytest.fixture
def emulator_faults(emulator: EmulatorProcess) -> Iterator[ControlClient]:
    """Switch faults with `.add(method, code, times, delay_s)`; read `.calls()`. Clean before and after each test."""
    with emulator.control() as control:
        control.clear()
        yield control
        control.clear()


@pytest.fixture
def oauth_url(emulator: EmulatorProcess, emulator_faults: ControlClient) -> Iterator[str]:
    """Where the emulator's sign-in is served; nobody has consented to anything before and after each test."""
    emulator_faults.forget_grants()
    yield emulator.oauth_url
    emulator_faults.forget_grants()


@pytest.fixture(scope="session")
def truth(emulator: EmulatorProcess, emulator_data: Path) -> Iterator[Truth]:
    with opened(emulator_data) as found:
        yield found


def consent(
    authorize_url: str, user: str, untick: Iterable[str] = (), deny: bool = False, client: httpx.Client | None = None
) -> str:
    """Walk Google's consent page without a browser; gives the address that the person is sent back to.

    `untick` takes whole scopes. A `client` of one's own keeps the cookie of who signed in, for `prompt=none`.
    """
    own = client or httpx.Client()
    try:
        page = own.get(authorize_url)
        if page.is_redirect:
            return page.headers["location"]
        assert page.status_code == 200, f"{page.status_code}: {page.text}"
        values = _Inputs(page.text).values
        assert user in values["account"], f"{user} is not among {values['account']}"
        ticked = [scope for scope in values.get("scope", []) if scope not in set(untick)]
        form = {"account": user, "scope": ticked, "decision": "deny" if deny else "allow"}
        answer = own.post(authorize_url, data=form)
        assert answer.is_redirect, f"{answer.status_code}: {answer.text}"
        return answer.headers["location"]
    finally:
        if client is None:
            own.close()


class _Inputs(HTMLParser):
    """The values that a form offers, by the name of the field."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "button") and (name := found.get("name")):
            self.values.setdefault(name, []).append(found.get("value") or "")


@dataclass(frozen=True)
class AdsTruth:
    """Totals of an account or a part of it; money and conversions in units."""

    impressions: int
    clicks: int
    cost: float
    conversions: float
    value: float


@dataclass(frozen=True)
class Ga4Truth:
    sessions: int
    engaged_sessions: int
    engagement_rate: float
    active_users: int
    new_users: int
    views: int
    events: int
    key_events: int
    purchases: int
    revenue: float


@contextmanager
def opened(data_dir: Path) -> Iterator[Truth]:
    """The truth about the world in a data folder."""
    with duckdb.connect(str(data_dir / "emulator.duckdb"), read_only=True) as connection:
        yield Truth(connection)


def last_days(count: int, today: date = TODAY) -> tuple[date, date]:
    """The `count` days before `today`."""
    return today - timedelta(days=count), today - timedelta(days=1)


class Truth:
    """Expected totals by client id, over days with both ends included."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def _rows(self, sql: str, *arguments: object) -> list[tuple]:
        return self._connection.execute(sql, list(arguments)).fetchall()

    def google_ads(
        self,
        client_id: str,
        start: date,
        end: date,
        *,
        campaign: str | None = None,
        term: str | None = None,
        device: str | None = None,
    ) -> AdsTruth:
        """Totals of an account, narrowed to a campaign, a search term or a device (MOBILE, DESKTOP, TABLET)."""
        total = [0, 0, 0, 0, 0]
        for *names, impressions, clicks, cost, conversions, value in self._facts(client_id, start, end):
            wanted = (campaign, term, device)
            if all(want in (None, name) for want, name in zip(wanted, names, strict=True)):
                for index, amount in enumerate((impressions, clicks, cost, conversions, value)):
                    total[index] += amount
        return AdsTruth(total[0], total[1], total[2] / 1e6, total[3] / 1e6, total[4] / 1e6)

    def _facts(self, client_id: str, start: date, end: date, names: str = "c.name, t.text, d.name") -> list[tuple]:
        return self._rows(
            f"""SELECT {names}, f.impressions, f.clicks, f.cost, f.conversions, f.value
            FROM fact f JOIN account a USING (a) JOIN criterion k USING (criterion_id)
            JOIN ad_group g ON g.ad_group_id = k.ad_group_id JOIN campaign c ON c.campaign_id = g.campaign_id
            LEFT JOIN term t USING (term_id) JOIN device d USING (device_id)
            WHERE a.client_id = ? AND f.day BETWEEN ? AND ?""",
            client_id,
            start,
            end,
        )

    def ads_by(self, what: str, client_id: str, start: date, end: date) -> dict[tuple, AdsTruth]:
        """Totals by "campaign", "ad_group", "keyword", "term", "device" or "day"; only what belongs to one."""
        names = {
            "campaign": "c.name",
            "ad_group": "g.name, c.name",
            "keyword": "k.keyword, k.match, g.name",
            "term": "t.text, c.name, g.name",
            "device": "d.name",
            "day": "f.day",
        }[what]
        width, sums = len(names.split(",")), dict[tuple, list[int]]()
        for row in self._facts(client_id, start, end, names):
            key = tuple(str(part) for part in row[:width]) if None not in row[:width] else None
            if key is not None:
                known = sums.setdefault(key, [0] * 5)
                for place, amount in enumerate(row[-5:]):
                    known[place] += amount
        return {k: AdsTruth(n[0], n[1], n[2] / 1e6, n[3] / 1e6, n[4] / 1e6) for k, n in sums.items()}

    def campaigns(self, client_id: str) -> list[str]:
        rows = self._rows(
            "SELECT c.name FROM campaign c JOIN account a USING (a) WHERE a.client_id = ? ORDER BY 1", client_id
        )
        return [name for (name,) in rows]

    def wasted_terms(self, client_id: str, start: date, end: date) -> dict[str, float]:
        """Search terms that cost something and brought nothing, with their cost."""
        cost: dict[str, int] = {}
        gain: dict[str, int] = {}
        for _, term, _, _, _, spent, conversions, _ in self._facts(client_id, start, end):
            if term:
                cost[term] = cost.get(term, 0) + spent
                gain[term] = gain.get(term, 0) + conversions
        return {term: spent / 1e6 for term, spent in cost.items() if spent and not gain[term]}

    def ga4(self, client_id: str, start: date, end: date, **narrowed: str | None) -> Ga4Truth:
        """Totals of a property, narrowed to a `channel`, `landing`, `device`, `country` or `city` of the sessions."""
        sessions = {
            session: (user, fresh, engaged)
            for session, user, fresh, engaged, *values in self._sessions(client_id, start, end)
            if all(narrowed.get(kind) in (None, value) for kind, value in zip(_KINDS, values, strict=True))
        }
        engaged = sum(part for _, _, part in sessions.values())
        active = {user for user, fresh, part in sessions.values() if fresh or part}
        events = [e for e in self._events(client_id, start, end) if e[0] in sessions]
        names = [name for _, name, _ in events]
        return Ga4Truth(
            sessions=len(sessions),
            engaged_sessions=(engaged + 500_000) // 1_000_000,
            engagement_rate=engaged / 1e6 / len(sessions) if sessions else 0.0,
            active_users=len(active),
            new_users=names.count("first_visit"),
            views=names.count("page_view"),
            events=len(names),
            key_events=sum(names.count(name) for name in _KEY_EVENTS),
            purchases=names.count("purchase"),
            revenue=sum(value for _, name, value in events if name == "purchase") / 1e6,
        )

    def _sessions(self, client_id: str, start: date, end: date) -> list[tuple]:
        return self._rows(
            """SELECT s.session_id, s.user_id, s.is_new, s.engaged, o.channel, l.path, x.device, pl.country, pl.city
            FROM session s JOIN tech x USING (tech_id) JOIN place pl USING (place_id)
            JOIN property p USING (p) JOIN source o USING (source_id) JOIN page l ON l.page_id = s.landing_id
            WHERE p.client_id = ? AND s.day BETWEEN ? AND ?""",
            client_id,
            start,
            end,
        )

    def _events(self, client_id: str, start: date, end: date) -> list[tuple]:
        return self._rows(
            """SELECT e.session_id, k.name, e.value FROM event e JOIN property p USING (p) JOIN kind k USING (kind_id)
            WHERE p.client_id = ? AND e.day BETWEEN ? AND ?""",
            client_id,
            start,
            end,
        )

    def events_of_users(self, client_id: str, start: date, end: date) -> list[tuple[int, str]]:
        """Users and names of all events in the order they happened."""
        return self._rows(
            """SELECT s.user_id, k.name FROM event e JOIN property p USING (p) JOIN kind k USING (kind_id)
            JOIN session s ON s.session_id = e.session_id
            WHERE p.client_id = ? AND e.day BETWEEN ? AND ? ORDER BY e.day, e.second, e.session_id""",
            client_id,
            start,
            end,
        )

    def events_by(self, what: str, client_id: str, start: date, end: date) -> dict[str, list[tuple[str, int]]]:
        """The names and users of events by "page", "device", "country" or "name"."""
        field = {"page": "g.path", "device": "x.device", "country": "pl.country", "name": "k.name"}[what]
        found: dict[str, list[tuple[str, int]]] = {}
        rows = self._rows(
            f"""SELECT {field}, k.name, s.user_id FROM event e JOIN property p USING (p) JOIN kind k USING (kind_id)
            JOIN session s ON s.session_id = e.session_id JOIN page g ON g.page_id = e.page_id
            JOIN tech x ON x.tech_id = s.tech_id JOIN place pl ON pl.place_id = s.place_id
            WHERE p.client_id = ? AND e.day BETWEEN ? AND ?""",
            client_id,
            start,
            end,
        )
        for key, name, user in rows:
            found.setdefault(str(key), []).append((name, user))
        return found

    def channels(self, client_id: str, start: date, end: date) -> dict[str, int]:
        """Sessions by default channel group."""
        found: dict[str, int] = {}
        for _, _, _, _, channel, *_ in self._sessions(client_id, start, end):
            found[channel] = found.get(channel, 0) + 1
        return found
