"""The matrix: every route of the running product against every situation, for each of four sides."""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.isolation.asking import SAME_ID, Ask, leaks, send
from tests.isolation.books import Books
from tests.isolation.entries import ENTRIES, Entry, classes, missing
from tests.isolation.situations import REFUSED, Attempt, Dead, attempts
from tests.isolation.stores import knows_file
from tests.isolation.world import UNKNOWN, Side, World, api_key

TIMED = (
    "/api/conversations/{conversation_id}",
    "/api/conversations/{conversation_id}/messages",
    "/api/clients/{client_id}",
)
ROUNDS = 41
DATABASES = (".db", ".db-wal", ".db-shm")
STAND_INS = ("emulator", "stripe-emulator")  # they hold everybody's, as Google and Stripe do
SLOWEST_DIFFERENCE = 0.35  # of the median, or
SMALLEST_NOTICED = 0.0015  # seconds


@dataclass
class Report:
    """`tried` counts (route, method, situation) pairs with what they were tried for; `findings` have to be none."""

    tried: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    classes: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    alive: set[str] = field(default_factory=set)
    timings: list[tuple[str, float, float]] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        return len(self.tried)

    @property
    def requests(self) -> int:
        return sum(self.tried.values())

    def note(self, method: str, route: str, situation: str) -> None:
        self.tried[method, route, situation] += 1


def run(world: World, report: Report, only: Callable[[Entry], bool] = lambda _: True) -> Report:
    document = world.http.get("/openapi.json").json()
    report.classes |= classes(document)
    report.findings += missing(document)
    dead = ended(world)
    for entry in filter(only, ENTRIES):
        access = report.classes.get(entry.key, "undeclared")
        if access not in ("public", "user", "client", "internal"):
            report.findings.append(f"{entry.method} {entry.path} declares no class")
            continue
        declared = frozenset(method for method, path in report.classes if path == entry.path)
        for me in world.sides:
            _one(world, report, entry, access, me, dead, declared)
    return report


def ended(world: World) -> Dead:
    some = world.sides[0]
    key_id, key = api_key(world, some, some.client_id)
    dead = Dead(world.again(some.person), world.again(some.person), key)
    world.call(some.person, "DELETE", f"/api/keys/{key_id}")
    world.expire(dead.expired)
    world.call(dead.signed_out, "POST", "/api/auth/logout")
    return dead


def _one(
    world: World, report: Report, entry: Entry, access: str, me: Side, dead: Dead, declared: frozenset[str]
) -> None:
    strangers = [side for side in world.sides if side.client_id != me.client_id]
    before = {side.name: world.rows(side) for side in strangers} if entry.unsafe else {}
    for attempt in attempts(world, entry, access, me, dead, declared):
        report.note(entry.method if attempt.ask.method is None else attempt.ask.method, entry.path, attempt.situation)
        report.findings += judged(world, report, entry, access, me, attempt)
    for side in strangers if entry.unsafe else ():
        changed = [name for name, rows in world.rows(side).items() if before[side.name][name] != rows]
        if changed:
            report.findings.append(f"{entry.method} {entry.path} as {me.name} changed {changed} of {side.name}")


def judged(world: World, report: Report, entry: Entry, access: str, me: Side, attempt: Attempt) -> list[str]:
    where = f"{entry.method} {entry.path}, {attempt.situation} ({me.name} against {attempt.target or 'nobody'})"
    answer = send(world, attempt.ask, access, SAME_ID if attempt.like else None)
    found = []
    expected = attempt.expected
    if entry.managers and me.person.role == "member":
        expected = REFUSED if attempt.situation == "own" else expected | REFUSED
    if answer.status not in expected:
        found.append(f"{where}: {answer.status}, not {sorted(expected)}: {answer.body[:200]!r}")
    whole = entry.whole_workspace
    found += [f"{where}: {leak}" for leak in leaks(world, answer.text, attempt.reader, attempt.client, whole=whole)]
    if attempt.like is not None:
        ids = _ids(world)
        other = send(world, attempt.like, access, SAME_ID)
        if answer.alike(ids) != other.alike(ids):
            found.append(f"{where}: a foreign id answers otherwise than one that never was")
    if answer.status in (401, 403) or access in ("user", "client"):
        kept = answer.headers.get("cache-control", "")
        if "no-store" not in kept:
            found.append(f"{where}: may be kept by a cache: {kept!r}")
    if attempt.situation == "own":
        report.alive |= {
            kind
            for kind, pattern in (("words", me.canary.words_pattern), ("data", me.canary.data_pattern))
            if pattern and pattern.search(answer.text)
        }
    return found


def _ids(world: World) -> set[str]:
    return {UNKNOWN} | {each for side in world.sides for each in (*side.ids.values(), *side.scope)}


def timings(world: World, report: Report) -> None:
    """Foreign and unknown ids take about the same time: medians of requests sent in turn."""
    me, other = world.sides[0], next(side for side in world.sides if side.name == "cedar")
    for path in TIMED:
        entry = next(entry for entry in ENTRIES if entry.key == ("GET", path))
        access = report.classes[entry.key]
        asks = [Ask(entry, me.person, me.client_id, ids) for ids in (other.ids, dict.fromkeys(other.ids, UNKNOWN))]
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for ask, times in zip(asks, taken, strict=True):
                began = time.perf_counter()
                send(world, ask, access)
                times.append(time.perf_counter() - began)
        foreign, never = (statistics.median(times) for times in taken)
        report.timings.append((path, foreign, never))
        if abs(foreign - never) > max(SMALLEST_NOTICED, SLOWEST_DIFFERENCE * never):
            report.findings.append(f"{path}: a foreign id takes {foreign * 1000:.2f} ms, an unknown {never * 1000:.2f}")


def stored(world: World, report: Report) -> None:
    """After all of that: no row of one client holds another's words or figures, and no log or other file any at all."""
    files = [Books.of_file(file) for file in sorted(world.data.glob("*.db"))]
    for books in files if world.books.name in {each.name for each in files} else (*files, world.books):
        _database(world, report, books)
    for path in sorted(world.data.rglob("*")):
        inside = path.relative_to(world.data).parts[0]
        if path.is_file() and not knows_file(str(path.relative_to(world.data))):
            report.findings.append(
                f"{path.relative_to(world.data)} is a file that tests/isolation/stores.py does not name"
            )
        if path.is_file() and path.suffix not in DATABASES and inside not in STAND_INS:
            report.stores.append(str(path.relative_to(world.data)))
            text = path.read_text("utf-8", "replace")
            report.findings += [f"{path.name}: {leak}" for leak in leaks(world, text, None, None)]


def _database(world: World, report: Report, books: Books) -> None:
    for table in books.tables():
        report.stores.append(f"{table} in {books.name}")
        for row in books.all(f"SELECT * FROM {table}"):
            _row(world, report, table, row)


def _row(world: World, report: Report, table: str, row: dict[str, object]) -> None:
    text = "\n".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row.values()
    )
    for side in world.sides:
        belongs = row.get("client_id") == side.client_id or str(row.get("thread_id", "")).split("/")[1:2] == [
            side.client_id
        ]
        same_person = row.get("user_id") in (None, side.person.user_id)
        data = side.canary.data_pattern
        if side.canary.words_pattern.search(text) and not (belongs and same_person):
            report.findings.append(f"a row of {table} holds words of {side.name}")
        if data and data.search(re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "", text)) and not belongs:
            report.findings.append(f"a row of {table} holds data of {side.name}")
