"""A flood is told to wait: by address, person, workspace and key, in one process and in several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import LimitReached
from camarad.settings import Settings
from web.throttle import Throttle

LIMITS = {
    "requests_per_minute_address": 2,
    "requests_per_minute_user": 3,
    "requests_per_minute_workspace": 4,
    "requests_per_minute_key": 2,
}


@dataclass
class Caller:
    user_id: str = "ana"
    workspace_id: str = "agency"
    key_id: str = ""


def throttle(settings: Settings, database: Database, clock: ManualClock) -> Throttle:
    return Throttle(settings.model_copy(update=LIMITS), database, clock)


async def passed(made: Throttle, caller: Any) -> int:
    """How many of ten requests at once pass."""
    count = 0
    for _ in range(10):
        try:
            made.person(caller)
            count += 1
        except LimitReached:
            pass
    return count


async def test_an_address_is_told_to_wait_for_the_next_minute(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    made = throttle(settings, sqlite_database, clock)
    clock.advance(timedelta(seconds=45))
    for _ in range(2):
        made.address("203.0.113.9")
    with pytest.raises(LimitReached) as refused:
        made.address("203.0.113.9")
    assert refused.value.retry_after == 15
    made.address("203.0.113.10")
    clock.advance(timedelta(seconds=15))
    made.address("203.0.113.9")


async def test_programs_on_this_machine_are_not_counted(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    made = throttle(settings, sqlite_database, clock)
    for _ in range(50):
        made.address("127.0.0.1")


async def test_a_person_a_workspace_and_a_key_each_have_a_limit(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    assert await passed(throttle(settings, sqlite_database, clock), Caller()) == 3
    assert await passed(throttle(settings, sqlite_database, clock), Caller(key_id="key")) == 2
    crowd = throttle(settings, sqlite_database, clock)
    assert sum([await passed(crowd, Caller(user_id=name)) for name in ("ana", "mia")]) == 4


async def test_processes_learn_of_each_other_through_the_database(
    settings: Settings, postgres_url: str, clock: ManualClock
) -> None:
    database = Database(postgres_url)
    one, other = (throttle(settings, database, clock) for _ in range(2))
    try:
        for made in (one, other, one):
            made.person(Caller())
        await one.share()
        await other.share()
        with pytest.raises(LimitReached):
            other.person(Caller())
        one.person(Caller())  # not told yet
        await one.share()
        with pytest.raises(LimitReached):
            one.person(Caller())
    finally:
        await one.close()
        await other.close()
        await database.close()


async def test_addresses_of_one_ipv6_network_share_a_limit(settings, sqlite_database, clock) -> None:
    made = throttle(settings, sqlite_database, clock)
    for host in range(2):
        made.address(f"2001:db8::{host + 1}")
    with pytest.raises(LimitReached):
        made.address("2001:db8::ffff:1")
    made.address("2001:db8:0:1::1")
