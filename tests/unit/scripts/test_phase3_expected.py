"""The drill finds what its books agree on among themselves and nobody asked for."""

from __future__ import annotations

import copy
import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOME = "workspace-ana"


@pytest.fixture(scope="module")
def drill():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield {name: importlib.import_module(f"drill.{name}") for name in ("expected", "recount", "traffic")}
    sys.path.remove(str(ROOT / "scripts"))


def entry(kind, request, amount):
    return {"workspace_id": HOME, "request_id": request, "kind": kind, "amount": amount, "at": "2026-11-24 04:00:00"}


@pytest.fixture
def books(drill):
    """Two calls of one question and one of another, that was asked twice."""
    calls = (("k1", 1), ("k1", 2), ("k2", 1), ("k3", 1))
    rows = {(HOME, f"{key}:{n}-{key}"): {"turn_id": key, "request_id": f"{key}:{n}-{key}"} for key, n in calls}
    debits = [entry("debit", request, -3) for _, request in rows]
    return drill["recount"].Books(
        wallets={HOME: {"day_used": 12}},
        holds={},
        ledger=[entry("grant", "welcome", 20_000), entry("adjust", "drill", 1 - 20_000), *debits],
        usage=rows,
        stamps={"a stamp": {**drill["expected"].STAMPED, "source": "settings"}},
        windows=[],
        refusals=[],
        turns={(HOME, key): key for key in ("k1", "k2", "k3", "k4")},
    )


@pytest.fixture
def people(drill):
    asked = {"k1": "long", "k2": "short", "k3": "short", "k4": "short"}
    refused = [("k4", "insufficient_ct")]
    return [drill["traffic"].Person(None, "ana", HOME, refused=refused, asked=asked, set_to=1)]


def charge_again(books, request, turn):
    books.usage[HOME, request] = {"turn_id": turn, "request_id": request}
    books.ledger.append(entry("debit", request, -3))
    books.wallets[HOME]["day_used"] += 3


FALSIFIED = {
    "a whole charge that belongs to no question": lambda books: charge_again(books, "k1:2-k1:again", None),
    "a whole charge under a name of its own": lambda books: charge_again(books, "k1:2-k1:again", "k1"),
    "a whole charge under the next number": lambda books: charge_again(books, "k2:2-k2", "k2"),
    "a charge for what was refused": lambda books: charge_again(books, "k4:1-k4", "k4"),
    "a fee": lambda books: books.ledger.append(entry("fee", "k1:1-k1", -1)),
    "a second welcome": lambda books: books.ledger.append(entry("grant", "welcome", 20_000)),
    "a welcome of another size": lambda books: books.ledger[0].update(amount=20_001),
    "no welcome": lambda books: books.ledger.pop(0),
    "a stranger's entry": lambda books: books.ledger.append(entry("grant", "gift", 1) | {"workspace_id": "other"}),
    "a CT of today's use": lambda books: books.wallets[HOME].update(day_used=13),
    "another tariff": lambda books: books.stamps["a stamp"].update(flat=[1, 5]),
    "another price": lambda books: books.stamps["a stamp"].update(input=5_000_001),
    "another rate of the debit": lambda books: books.stamps["a stamp"].update(debit={"margin_bp": 4001}),
}


def test_what_was_asked_set_and_granted_is_no_surprise(drill, books, people):
    assert drill["expected"].surprises(books, people) == []


@pytest.mark.parametrize("what", FALSIFIED)
def test_what_no_other_row_contradicts_is_found(drill, books, people, what):
    changed = copy.deepcopy(books)
    FALSIFIED[what](changed)
    assert len(drill["expected"].surprises(changed, people)) >= 1
