"""Retry rules, on the exceptions Google's clients raise; the waits are recorded and not slept."""

import asyncio

import pytest
from google.api_core import exceptions as google

from tools.connectors.breaker import Breaker
from tools.connectors.calls import CAP, GA4_REPEATS_AN_HOUR, Calls
from tools.connectors.errors import ConnectorError
from tools.record import Provider


class Script:
    """Answers each attempt with the next of `outcomes`; the last one repeats."""

    def __init__(self, *outcomes: object) -> None:
        self.outcomes, self.attempts, self.timeouts = list(outcomes), 0, list[float]()

    async def __call__(self, seconds: float) -> object:
        self.attempts += 1
        self.timeouts.append(seconds)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def calls(provider: Provider = "ga4", waits: list[float] | None = None, **more: object) -> Calls:
    async def sleep(seconds: float) -> None:
        (waits if waits is not None else []).append(seconds)

    return Calls(provider, 20.0, 2, sleep=sleep, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "trouble",
    [
        google.ServiceUnavailable("down"),
        google.InternalServerError("oops"),
        google.BadGateway("bad"),
        google.GatewayTimeout("late"),
        google.DeadlineExceeded("late"),
        google.Aborted("again"),
        google.ResourceExhausted("Exhausted concurrent requests quota."),
    ],
)
async def test_what_passes_is_tried_again(trouble: Exception) -> None:
    script = Script(trouble, trouble, "good")
    assert await calls().run("1", script) == "good"
    assert script.attempts == 3


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (google.InvalidArgument("Field x is not a valid metric."), "ga4_invalid"),
        (google.PermissionDenied("no"), "ga4_permission"),
        (google.Unauthenticated("expired"), "ga4_reconnect"),
        (google.ResourceExhausted("Exhausted property tokens per hour."), "ga4_quota"),
    ],
)
async def test_a_refusal_is_not_tried_again(refusal: Exception, code: str) -> None:
    script = Script(refusal)
    with pytest.raises(ConnectorError) as caught:
        await calls().run("1", script)
    assert (script.attempts, caught.value.code) == (1, code)


async def test_after_the_last_attempt_the_error_says_when_to_come_back() -> None:
    script = Script(google.ServiceUnavailable("down"))
    with pytest.raises(ConnectorError) as caught:
        await calls().run("1", script)
    assert script.attempts == 3
    assert caught.value.code == "ga4_unavailable"
    assert caught.value.status == 503
    assert caught.value.retry_after


async def test_waits_are_jittered_and_bounded() -> None:
    waits: list[float] = []
    for _ in range(4):
        with pytest.raises(ConnectorError):
            await calls(waits=waits).run("1", Script(google.ServiceUnavailable("down")))
    assert len(waits) == 8
    assert len(set(waits)) > 4
    assert all(0 <= wait <= CAP for wait in waits)


async def test_a_wait_google_asks_for_is_kept_to() -> None:
    waits: list[float] = []
    busy = google.ResourceExhausted("Exhausted concurrent requests quota.")
    await calls(waits=waits).run("1", Script(busy, "good"))
    assert waits[0] >= 1.0


async def test_an_attempt_that_stalls_leaves_time_for_another() -> None:
    script = Script("good")
    await calls().run("1", script)
    assert script.timeouts == [12.0]


async def test_a_call_that_never_answers_ends_in_a_timeout() -> None:
    async def stalls(_: float) -> None:
        await asyncio.Event().wait()

    with pytest.raises(ConnectorError) as caught:
        await Calls("ga4", 0.1, 0).run("1", stalls)
    assert (caught.value.code, caught.value.status) == ("ga4_timeout", 504)


async def test_a_failing_ga4_property_is_not_driven_into_its_hourly_limit() -> None:
    made = calls(breaker=Breaker(failures=1000))
    script = Script(google.InternalServerError("oops"))
    for _ in range(20):
        with pytest.raises(ConnectorError):
            await made.run("1", script)
    assert script.attempts == 20 + GA4_REPEATS_AN_HOUR


async def test_repeated_trouble_opens_the_breaker_and_calls_fail_at_once() -> None:
    made, script = calls("google-ads"), Script(google.ServiceUnavailable("down"))
    for _ in range(2):
        with pytest.raises(ConnectorError):
            await made.run("1", script)
    attempts = script.attempts
    with pytest.raises(ConnectorError) as caught:
        await made.run("1", script)
    assert script.attempts == attempts
    assert caught.value.code == "google_ads_unavailable"
    assert caught.value.retry_after is not None


async def test_refusals_never_open_the_breaker() -> None:
    made, script = calls(), Script(google.InvalidArgument("bad"))
    for _ in range(10):
        with pytest.raises(ConnectorError, match="refused"):
            await made.run("1", script)
    assert script.attempts == 10


async def test_a_cancelled_call_stays_cancelled() -> None:
    async def stalls(_: float) -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(calls().run("1", stalls))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
