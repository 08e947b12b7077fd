from datetime import date, timedelta

from tools.anomalies import score, unusual_days, usual

DAY = date(2026, 11, 19)


def flat(weeks: int = 10, value: float = 100.0) -> dict[date, float]:
    return {DAY - timedelta(days=n): value + n % 3 for n in range(weeks * 7)}


def test_a_day_is_compared_with_its_own_weekday() -> None:
    series = {
        DAY - timedelta(days=n): (1000.0 if (DAY - timedelta(days=n)).weekday() == 5 else 100.0) for n in range(70)
    }
    assert unusual_days(series, [DAY - timedelta(days=n) for n in range(7)]) == []


def test_a_spike_is_found_with_what_is_usual() -> None:
    series = flat() | {DAY: 260.0}
    (found,) = unusual_days(series, [DAY - timedelta(days=1), DAY])
    assert found.day == DAY
    assert found.value == 260.0
    assert 100 <= found.usual <= 102
    assert found.score > 3.5


def test_a_drop_has_a_negative_score() -> None:
    (found,) = unusual_days(flat() | {DAY: 10.0}, [DAY])
    assert found.score < -3.5


def test_an_even_history_does_not_make_noise_loud() -> None:
    assert abs(score(104.0, [100.0] * 8)) < 3.5


def test_one_odd_week_in_the_past_does_not_hide_a_spike() -> None:
    series = flat() | {DAY - timedelta(weeks=3): 900.0, DAY: 260.0}
    assert [each.day for each in unusual_days(series, [DAY])] == [DAY]


def test_a_day_with_too_short_a_history_is_not_judged() -> None:
    assert unusual_days(flat(weeks=3) | {DAY: 5000.0}, [DAY]) == []
    assert len(usual(flat(weeks=3), DAY)) == 2
