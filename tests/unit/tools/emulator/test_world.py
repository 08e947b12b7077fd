from __future__ import annotations

from datetime import date, timedelta

import duckdb

from tests.support.emulator import TODAY
from tools.emulator.world import World


def empty(path, today, fixtures) -> None:
    """Stands in for `build` where only the calendar is tested."""
    with duckdb.connect(str(path)) as connection:
        columns = "name VARCHAR, currency VARCHAR, timezone VARCHAR"
        connection.execute(f"CREATE TABLE property (property_id VARCHAR, p INTEGER, {columns})")
        connection.execute(
            f"CREATE TABLE account (customer_id VARCHAR, a INTEGER, {columns}, manager_id VARCHAR, goal VARCHAR, "
            "is_manager BOOLEAN, status VARCHAR)"
        )
        connection.execute("INSERT INTO property VALUES ('1', 1, 'One', 'EUR', 'Europe/Bucharest')")


def test_the_store_follows_the_calendar(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.emulator.store.build", empty)
    day = TODAY
    monkeypatch.setattr(World, "_ahead", lambda world: day)
    world = World(tmp_path, None, None)
    first = world.store
    assert world.store is first
    day = TODAY + timedelta(days=1)
    assert world.store.today == date(2026, 11, 21)
    first.close()
    world.close()


def test_a_pinned_date_is_everyones_today(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.emulator.store.build", empty)
    world = World(tmp_path, None, TODAY)
    assert world.today(world.properties["1"]) == TODAY == world.store.today
    world.close()
