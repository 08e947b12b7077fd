from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphs.owners import SILENCE, Owner

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HERE = Owner(host="a", pid=1)


def test_a_process_is_there_to_itself_until_its_turn_has_been_silent() -> None:
    assert not HERE.is_gone(HERE.name, NOW - SILENCE, NOW)
    assert HERE.is_gone(HERE.name, NOW - timedelta(days=1), NOW)


def test_an_earlier_process_of_the_same_pid_is_gone_at_once() -> None:
    assert HERE.is_gone(Owner(host="a", pid=1).name, NOW, NOW)


def test_a_pid_of_this_host_that_no_longer_exists_is_gone_at_once() -> None:
    assert HERE.is_gone("a/4194399/x", NOW, NOW)


def test_another_host_is_gone_only_when_it_has_been_silent() -> None:
    other = Owner(host="b", pid=1).name
    assert not HERE.is_gone(other, NOW - SILENCE, NOW)
    assert HERE.is_gone(other, NOW - SILENCE - timedelta(seconds=1), NOW)
