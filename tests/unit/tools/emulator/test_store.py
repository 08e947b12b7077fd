from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.support.emulator import TODAY
from tools.emulator.store import open_store

TABLES = ("session", "event", "fact", "campaign", "page", "source", "change")


def fingerprint(store) -> list:
    """A hash of every table's rows."""
    return [store.query(f"SELECT count(*), bit_xor(hash(t)) FROM {table} t")[0] for table in TABLES]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    open_store(folder, TODAY).close()
    return folder


def tiny(path: Path, today: date, fixtures: object) -> None:
    """Stands in for `build` where only the keeping of the file is tested."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE event AS SELECT range AS n FROM range(100000)")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr("tools.emulator.store.build", tiny)
    open_store(tmp_path, TODAY).close()
    return tmp_path


def test_the_same_seed_and_date_make_the_same_world(made, emulator, emulator_data):
    first, second = open_store(made, TODAY), open_store(emulator_data, TODAY)
    assert fingerprint(first) == fingerprint(second)
    first.close()
    second.close()


def test_a_whole_file_is_not_made_again(folder):
    before = (folder / "emulator.duckdb").stat().st_mtime_ns
    open_store(folder, TODAY).close()
    assert (folder / "emulator.duckdb").stat().st_mtime_ns == before


@pytest.mark.parametrize("other", [{"today": TODAY + timedelta(days=1)}, {"fixtures": "some"}])
def test_another_date_or_fixture_file_makes_another_world(folder, other):
    before = (folder / "emulator.duckdb").stat().st_mtime_ns
    open_store(folder, **{"today": TODAY} | other).close()
    assert (folder / "emulator.duckdb").stat().st_mtime_ns != before


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "no-manifest", "bad-manifest"])
def test_a_damaged_world_is_made_again(folder, damage):
    file, manifest = folder / "emulator.duckdb", folder / "emulator.json"
    if damage == "flip":
        body = bytearray(file.read_bytes())
        body[len(body) // 2] ^= 0xFF
        file.write_bytes(body)
    elif damage == "cut":
        os.truncate(file, 10_000)
    elif damage == "gone":
        file.unlink()
    else:
        manifest.unlink()
        if damage == "bad-manifest":
            manifest.write_text("[1]", encoding="utf-8")
    store = open_store(folder, TODAY)
    assert store.query("SELECT count(*), sum(n) FROM event")[0] == (100_000, 4_999_950_000)
    store.close()
    assert not list(folder.glob("*.new"))


def test_a_new_date_adds_a_day_and_keeps_the_others(made, tmp_path):
    old = open_store(made, TODAY)
    days = (TODAY - timedelta(days=400), TODAY - timedelta(days=1))
    sql = "SELECT a, sum(cost), bit_xor(hash(day, clicks)) FROM fact WHERE day BETWEEN ? AND ? GROUP BY a"
    before = sorted(old.query(sql, days))
    old.close()
    new = open_store(tmp_path, TODAY + timedelta(days=1))
    assert sorted(new.query(sql, days)) == before
    assert new.query("SELECT max(day) FROM fact")[0][0] == TODAY
    new.close()


def test_history_is_long_enough_for_ninety_days_a_year_ago(made):
    store = open_store(made, TODAY)
    (first, last), *_ = store.query("SELECT min(day), max(day) FROM session")
    assert first <= TODAY - timedelta(days=364 + 90)
    assert last == date(2026, 11, 19)
    store.close()
