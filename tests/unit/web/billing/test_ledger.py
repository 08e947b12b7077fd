"""The ledger's filter, its words, and its file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest

from billing.statement import KINDS, Choice, Entry
from web import i18n
from web.billing.ledger import COLUMNS, asked, document, what

AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def entry(kind: str = "debit", amount: int = -5, request_id: str = "r1", **more: object) -> Entry:
    given = {"id": 1, "at": AT, "plan": amount, "topup": 0, "agent": None, "model": None} | more
    return Entry(kind=kind, amount=amount, request_id=request_id, **given)


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ({}, Choice()),
        ({"kind": "topup"}, Choice("topup")),
        ({"start": "2026-11-01", "end": "2026-11-01"}, Choice(None, date(2026, 11, 1), date(2026, 11, 1))),
        ({"kind": " debit ", "end": "2026-11-30"}, Choice("debit", None, date(2026, 11, 30))),
    ],
)
def test_a_filter_is_read_as_it_was_typed(query, choice):
    found = asked(query)
    assert (found.choice, found.wrong) == (choice, "")
    assert asked({k: v.strip() for k, v in query.items()}).address("/x").startswith("/x")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"kind": "gift"}, "kind"),
        ({"start": "yesterday"}, "day"),
        ({"end": "2026-02-30"}, "day"),
        ({"start": "2026-11-02", "end": "2026-11-01"}, "reversed"),
    ],
)
def test_a_filter_that_says_nothing_leaves_nothing_out_and_is_named(query, wrong):
    found = asked({**query, "before": "7"})
    assert (found.wrong, found.choice, found.before) == (wrong, Choice(), None)
    for language in i18n.LANGUAGES:
        assert i18n.has(language, f"ledger.bad.{wrong}") and i18n.has(language, f"error.ledger_{wrong}")


@pytest.mark.parametrize("before", ["-1", "x", "", "²", "9" * 19, "1.5"])
def test_a_page_that_is_no_number_is_the_first(before):
    assert asked({"before": before}).before is None


def test_addresses_carry_the_filter_and_nothing_foreign():
    found = asked({"kind": "debit", "start": "2026-11-01", "x": "y"})
    assert found.address(before=9) == "/settings/billing?kind=debit&start=2026-11-01&before=9"
    assert asked({}).address() == "/settings/billing"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_kind_has_words(language):
    for kind in KINDS:
        assert what(language, entry(kind)) and i18n.has(language, f"ledger.kind.{kind}")


def test_entries_are_described_by_where_they_come_from():
    assert what("en", entry("grant", 9, "welcome")) == "To start with"
    assert what("en", entry("grant", 9, "period:in_1")) == "CT of the paid month"
    assert what("en", entry("expire", -9, "period:in_1")) == "Left over from the month before"
    call = {"agent": "ppc-specialist", "model": "camarad/embedded"}
    assert what("en", entry(**call)) == "PPC Specialist · camarad/embedded"
    assert what("ro", entry("refund", 5, **call)) == "Dat înapoi: PPC Specialist · camarad/embedded"
    assert what("en", entry(agent="an-agent-that-left", model="m")) == "an-agent-that-left · m"


async def rows_of(language: str, *chunks: list[Entry]) -> list[list[str]]:
    async def given():
        for chunk in chunks:
            yield chunk

    raw = b"".join([piece async for piece in document(language, given())])
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == raw.count(b"\n")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
async def test_the_last_line_of_a_file_sums_the_lines_above(language):
    chunks = [entry(), entry("topup", 500, plan=0, topup=500)], [entry(amount=-7, plan=-3, topup=-4)]
    rows = await rows_of(language, *chunks)
    assert len(rows) == 1 + 3 + 1 and {len(row) for row in rows} == {len(COLUMNS)}
    for place in (4, 5, 6):
        assert int(rows[-1][place]) == sum(int(row[place]) for row in rows[1:-1])
    assert rows[-1][4:] == ["488", "-8", "496"] and "3" in rows[-1][0]
    assert rows[1][0] == "2026-11-20T12:30:00+00:00"


async def test_an_empty_file_still_says_so():
    rows = await rows_of("en")
    assert rows[1:] == [["Sum of the 0 entries above", "", "", "", "0", "0", "0"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_text_from_outside_never_starts_a_formula(start):
    rows = await rows_of("en", [entry(request_id=f"{start}1+1", agent=f"{start}cmd", model="m")])
    assert rows[1][3] == f"'{start}1+1" and rows[1][2].startswith(f"'{start}cmd")
    assert rows[1][4] == "-5"  # a figure stays a figure
