from tools.connectors.breaker import Breaker


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def opened(clock: Seconds) -> Breaker:
    breaker = Breaker(failures=3, pause=10.0, clock=clock)
    for _ in range(3):
        breaker.failed(breaker.now())
    return breaker


def test_it_lets_calls_pass_until_it_failed_often_enough() -> None:
    breaker = Breaker(failures=3, pause=10.0, clock=Seconds())
    breaker.failed(breaker.now())
    breaker.failed(breaker.now())
    assert breaker.wait() == 0


def test_it_opens_and_says_how_long() -> None:
    assert 9 < opened(Seconds()).wait() <= 10


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = Breaker(failures=2, pause=10.0, clock=Seconds())
    breaker.failed(breaker.now())
    breaker.succeeded()
    breaker.failed(breaker.now())
    assert breaker.wait() == 0


def test_calls_that_fail_together_count_once() -> None:
    breaker = Breaker(failures=3, pause=10.0, clock=Seconds())
    started = breaker.now()
    for _ in range(6):
        breaker.failed(started)
    assert breaker.wait() == 0


def test_after_the_pause_one_call_probes_and_the_others_wait() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.wait() == 0
    assert breaker.wait() > 0


def test_a_good_probe_closes_it_and_a_bad_one_opens_it_again() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.wait() == 0
    breaker.failed(breaker.now())
    assert breaker.wait() > 9
    clock.now += 11
    assert breaker.wait() == 0
    breaker.succeeded()
    assert breaker.wait() == 0


def test_an_abandoned_probe_leaves_room_for_another() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.wait() == 0
    breaker.abandoned()
    assert breaker.wait() == 0
