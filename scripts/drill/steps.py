"""The drill, step by step. Each notes what it did; what it finds wrong goes on the list that decides the verdict."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from billing.audit import audit
from billing.meter import Meter
from billing.renewal import set_daily_cap
from billing.wallet import set_balance
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.settings import load_settings
from drill import expected, recount
from drill.server import HOLD_SECONDS, DrillServer
from drill.traffic import QUESTIONS, Person, finish, telemetry, together

SPENDERS: Final = 3
KILLS: Final = 2
LONGEST_WAIT: Final = 10  # seconds until a call is seen under way
COPIES: Final = 3
REFUSED: Final = {
    "wordy": ("max_ct_per_request", "k7 q3 " * 2_600),
    "capped": ("max_daily_ct_per_workspace", QUESTIONS[0]),
    "poor": ("insufficient_ct", QUESTIONS[0]),
}
HELD_AND_DONE: Final = "SELECT (SELECT count(*) FROM ct_holds WHERE state = 'held'), (SELECT count(*) FROM usage)"


@dataclass
class Drill:
    data: Path
    server: DrillServer
    people: list[Person] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # (step, what happened)
    findings: list[str] = field(default_factory=list)
    telemetry: dict[str, Any] = field(default_factory=dict)

    def note(self, step: str, words: str) -> None:
        self.notes.append((step, words))
        print(f"{step}: {words}", flush=True)

    @property
    def spenders(self) -> list[Person]:
        return self.people[:SPENDERS]

    def run(self) -> None:
        try:
            self._start()
            self._traffic("shadow", duplicates=True)
            self._open()
            self._traffic("dear", duplicates=True)
            self._caps()
            for n in range(KILLS):
                self._kill(n)
            self._close()
            self._traffic("after", duplicates=False)
            self.telemetry = telemetry(self.server)["phase3"]
        finally:
            self.server.stop()

    def _start(self) -> None:
        self.server.start()
        names = [f"spender-{n}" for n in range(1, SPENDERS + 1)]
        self.people = [Person(self.server, name) for name in (*names, *REFUSED)]
        for person in self.people:
            person.sign_up()
        self.note("start", f"a server over {self.data.name}, {len(self.people)} workspaces")

    def _traffic(self, step: str, *, duplicates: bool) -> None:
        """Every spender asks at once; the first question of each is sent several times over, and again afterwards."""
        asking = [(who, f"{step}-{who.name}-{n}", QUESTIONS[n]) for who in self.spenders for n in range(2)]
        for person, key, _ in asking:
            person.place(key)
        copied = [each for each in asking if each[1].endswith("-0")] if duplicates else []
        finish(together(asking + copied * (COPIES - 1)))
        finish(together(copied))
        self.note(step, f"{len(asking)} questions and {len(copied) * COPIES} repeats under the same keys")

    def _open(self) -> None:
        """The window opens while questions are being answered: each call is charged by the phase it was held in."""
        asking = [(who, f"opening-{who.name}", QUESTIONS[2]) for who in self.spenders]
        waiting = together(asking)
        said = self.server.command("billing", "phase3", "open", "--hours", "1", "--note", "drill")
        finish(waiting)
        self.note("open", f"{said} {len(asking)} questions were under way")

    def _caps(self) -> None:
        """A cap and an empty balance refuse before the model is called, and touch nothing."""
        _, capped, poor = refused = self.people[SPENDERS:]
        poor.set_to = 1
        asyncio.run(_straiten(self.data, capped.workspace_id, poor.workspace_id, poor.set_to))
        before = recount.read(self.data)
        for person in refused:
            code, text = REFUSED[person.name]
            finish(together([(person, f"refused-{person.name}", text)]))
            if [told for _, told in person.refused] != [code]:
                self.findings.append(f"{person.name} should have been told {code}, and was told {person.refused}")
        after = recount.read(self.data)
        for person in refused:
            if _owned(before, person.workspace_id) != _owned(after, person.workspace_id):
                self.findings.append(f"the refusal of {person.name} touched its books")
        self.note("caps", "refused with " + ", ".join(sorted(_codes(self.people))) + "; nothing was touched")

    def _kill(self, number: int) -> None:
        """SIGKILL in the middle of it. Everybody asks again under the same key until there is an answer."""
        asking = [(who, f"kill-{number}-{who.name}-{n}", QUESTIONS[n]) for who in self.spenders for n in range(3)]
        before = len(recount.read(self.data).usage)
        waiting = together(asking)
        _until_one_is_held(self.data, before)
        self.server.kill()
        books = recount.read(self.data)
        under_way = sum(hold["state"] == "held" for hold in books.holds.values())
        self.findings += [f"right after the kill: {each}" for each in recount.findings(books)]
        self.server.start()
        finish(waiting)
        settled = len(books.usage) - before
        self.note("kill -9", f"{settled} calls settled and {under_way} under way when it was killed; all were answered")

    def _close(self) -> None:
        """The rollback, while questions are being answered."""
        asking = [(who, f"closing-{who.name}", QUESTIONS[3]) for who in self.spenders]
        waiting = together(asking)
        said = self.server.command("billing", "phase3", "close")
        finish(waiting)
        self.note("rollback", f"{said} {len(asking)} questions were under way")

    def reconcile(self) -> None:
        """What nobody will settle any more is freed; then the books are audited, and recounted from raw rows."""
        self.findings += asyncio.run(_freed_and_audited(self.data))
        books = recount.read(self.data)
        self.findings += recount.findings(books)
        told = [answered for person in self.people for answered in person.answered]
        self.findings += recount.unpaid(books, told)
        self.findings += expected.surprises(books, self.people)
        self.findings += self._compared(books)
        self.findings += [
            f"the hold of {key[1]}, {hold['amount']} CT, did not cover its {hold['actual']}"
            for key, hold in books.holds.items()
            if (hold["actual"] or 0) > hold["amount"]
        ]
        held = sum(wallet["held"] for wallet in books.wallets.values())
        if held:
            self.findings.append(f"{held} CT are still held")
        self.note("reconcile", f"{len(books.usage)} calls recounted, {len(self.findings)} findings")

    def _compared(self, books: recount.Books) -> list[str]:
        """Telemetry said the same while the server ran, and the refusals are on record."""
        dear = [row for row in books.usage.values() if row["phase"] == 3]
        wanted = {
            "applied": len(dear),
            "debited_ct": sum(row["ct_actual_debit"] for row in dear),
            "refused": dict(Counter(row["code"] for row in books.refusals)),
        }
        wrong = [
            f"telemetry says {name} is {self.telemetry.get(name)}, its rows say {value}"
            for name, value in wanted.items()
            if self.telemetry.get(name) != value
        ]
        if _codes(self.people) != set(wanted["refused"]):
            wrong.append(f"people were refused with {_codes(self.people)}, on record is {wanted['refused']}")
        if not dear or len(dear) == len(books.usage):
            wrong.append("the drill proved nothing: all calls were of one phase")
        return wrong


def _until_one_is_held(data: Path, settled: int) -> None:
    """Some calls are done, and at least one is between its hold and its debit."""
    with closing(sqlite3.connect(f"file:{data / 'camarad.db'}?mode=ro", uri=True)) as database:
        end = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < end:
            held, done = database.execute(HELD_AND_DONE).fetchone()
            if held and done > settled:
                return


def _codes(people: list[Person]) -> set[str]:
    return {code for person in people for _, code in person.refused}


def _owned(books: recount.Books, workspace: str) -> tuple[Any, ...]:
    """Everything of a workspace that a refusal must leave as it was."""
    return (
        books.wallets[workspace],
        [hold for key, hold in books.holds.items() if key[0] == workspace],
        [entry for entry in books.ledger if entry["workspace_id"] == workspace],
        [row for key, row in books.usage.items() if key[0] == workspace],
    )


def _database(data: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{(data / 'camarad.db').resolve()}")


async def _straiten(data: Path, capped: str, poor: str, left: int) -> None:
    database = _database(data)
    async with database.write() as session:
        await set_daily_cap(session, capped, 1)
    await set_balance(database, poor, left, "drill")
    await database.close()


async def _freed_and_audited(data: Path) -> list[str]:
    await asyncio.sleep(HOLD_SECONDS)  # the last hold that nobody settles has expired by then
    database = _database(data)
    meter = Meter(database, load_settings(_env_file=None, camarad_data_dir=data), SystemClock())
    await meter.start()
    await meter.sweep()
    await meter.close()
    found = await audit(database)
    await database.close()
    return [f"the audit says: {each}" for each in found]
