"""The ledger as a page and a file show it: what was asked for, each entry in words, and the address of each view."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final
from urllib.parse import urlencode

from agents.roster import AGENTS
from billing.statement import KINDS, Choice, Entry
from web import i18n
from web.tabs.download import neutral

SHOWN: Final = 25
FILE: Final = "/settings/billing/ledger.csv"
PAGE: Final = "/settings/billing"
COLUMNS: Final = ("at", "kind", "what", "reference", "ct", "plan_ct", "topup_ct")
NAMES: Final = {agent.slug: agent.name for agent in AGENTS}


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as typed. `wrong` is the end of a key of words (`ledger.bad.<key>`); then nothing is left out."""

    kind: str = ""
    start: str = ""
    end: str = ""
    before: int | None = None
    wrong: str = ""

    @property
    def choice(self) -> Choice:
        if self.wrong:
            return Choice()
        return Choice(self.kind or None, _day(self.start), _day(self.end))

    @property
    def narrowed(self) -> bool:
        return bool(self.kind or self.start or self.end)

    def address(self, path: str = PAGE, **more: object) -> str:
        given = {"kind": self.kind, "start": self.start, "end": self.end, **more}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path


def asked(query: Mapping[str, str]) -> Asked:
    kind, start, end = (query.get(name, "").strip()[:20] for name in ("kind", "start", "end"))
    before = query.get("before", "")
    page = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    wrong = _wrong(Asked(kind, start, end))
    return Asked(kind, start, end, None if wrong else page, wrong)


def _wrong(found: Asked) -> str:
    if found.kind and found.kind not in KINDS:
        return "kind"
    start, end = _day(found.start), _day(found.end)
    if (found.start and start is None) or (found.end and end is None):
        return "day"
    return "reversed" if start and end and end < start else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def what(language: str, entry: Entry) -> str:
    """What an entry is for, in words: an agent and a model, or why CT came and went."""
    say = partial(i18n.translate, language)
    if entry.kind in ("debit", "refund") and entry.agent:
        words = f"{NAMES.get(entry.agent, entry.agent)} · {entry.model}"
        return words if entry.kind == "debit" else say("ledger.what.refund_of", what=words)
    origin = entry.request_id.partition(":")[0]
    for key in (f"ledger.what.{entry.kind}.{origin}", f"ledger.what.{entry.kind}"):
        if i18n.has(language, key):
            return say(key)
    return ""


async def document(language: str, chunks: AsyncIterator[list[Entry]]) -> AsyncIterator[bytes]:
    """The file, in pieces; its last line sums exactly the lines above. UTF-8 with a byte order mark for Excel, and no
    text that a spreadsheet would take for a formula."""
    say = partial(i18n.translate, language)
    yield b"\xef\xbb\xbf" + _line([say(f"ledger.csv.{name}") for name in COLUMNS])
    count, sums = 0, [0, 0, 0]
    async for chunk in chunks:
        yield b"".join(_line(_cells(language, entry)) for entry in chunk)
        count += len(chunk)
        for entry in chunk:
            sums = [a + b for a, b in zip(sums, (entry.amount, entry.plan, entry.topup), strict=True)]
    yield _line([say("ledger.csv.sum", count=count), "", "", "", *sums])


def _cells(language: str, entry: Entry) -> list[str | int]:
    words = (i18n.translate(language, f"ledger.kind.{entry.kind}"), what(language, entry), entry.request_id)
    return [entry.at.isoformat(timespec="seconds"), *words, entry.amount, entry.plan, entry.topup]


def _line(cells: list[str | int]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode()
