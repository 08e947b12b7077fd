from datetime import UTC, date, datetime, timedelta

import pytest

from camarad.clock import ManualClock, SystemClock


def test_now_is_aware_and_in_utc():
    assert SystemClock().now().tzinfo is UTC


def test_a_pinned_date_is_today_in_every_zone():
    clock = SystemClock(date(2026, 11, 20))
    assert clock.today("Pacific/Auckland") == clock.today() == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 20), ("Europe/Bucharest", 21), ("America/New_York", 20), ("Pacific/Kiritimati", 21)]
)
def test_today_follows_the_zone(zone, day):
    assert ManualClock(datetime(2026, 11, 20, 22, 30, tzinfo=UTC)).today(zone) == date(2026, 11, day)


def test_a_manual_clock_moves_when_told():
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    clock.advance(timedelta(hours=25))
    assert clock.today() == date(2026, 11, 21)
