"""What travels with the browser: sealed, short-lived, of one kind, and read strictly on the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.requests import Request

from camarad.clock import ManualClock
from tests.support.oauth import flow
from web.oauth.outcomes import OAuthProblem
from web.oauth.returned import opened, read
from web.oauth.state import PendingLink, StateRefused, States

SECRET = "a secret of at least some length"
CALLBACK = "/api/connectors/ga4/oauth/callback"


@pytest.fixture
def states(clock: ManualClock) -> States:
    return States(SECRET, clock)


def back(query: str, path: str = CALLBACK) -> Request:
    return Request({"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []})


def test_a_state_opens_as_it_was_sealed_and_hides_what_is_in_it(states: States, clock: ManualClock) -> None:
    made = flow(clock)
    sealed = states.seal(made)
    assert states.open(sealed) == made
    assert not any(word in sealed for word in (made.user, made.client, made.verifier, made.nonce))
    assert len(sealed) < 1500, "Google and proxies take addresses of a few thousand characters"


def test_another_worker_with_the_same_secret_opens_it_and_one_with_another_does_not(
    states: States, clock: ManualClock
) -> None:
    made = flow(clock)
    assert States(SECRET, clock).open(states.seal(made)) == made
    with pytest.raises(StateRefused) as refused:
        States(SECRET + "!", clock).open(states.seal(made))
    assert refused.value.why == "tampered"


@pytest.mark.parametrize("place", [0, 10, 60, 200, -1])
def test_one_changed_character_is_enough_to_refuse(states: States, clock: ManualClock, place: int) -> None:
    sealed = states.seal(flow(clock))
    at = place % len(sealed)
    other = "A" if sealed[at] != "A" else "B"
    with pytest.raises(StateRefused) as refused:
        states.open(sealed[:at] + other + sealed[at + 1 :])
    assert refused.value.why == "tampered"


@pytest.mark.parametrize("text", ["", "x", "gAAAAA", "=" * 40, "ă" * 40, "x" * 100_000, "\x00", "a b c"])
def test_what_was_never_sealed_is_refused(states: States, text: str) -> None:
    with pytest.raises(StateRefused):
        states.open(text)


def test_a_state_is_good_for_ten_minutes(states: States, clock: ManualClock) -> None:
    sealed = states.seal(flow(clock))
    clock.advance(timedelta(minutes=10))
    states.open(sealed)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(StateRefused) as refused:
        states.open(sealed)
    assert refused.value.why == "expired"


def test_a_state_from_a_clock_far_ahead_is_not_good_for_longer(states: States, clock: ManualClock) -> None:
    ahead = replace(flow(clock), at=flow(clock).at + 120)
    with pytest.raises(StateRefused):
        states.open(states.seal(ahead))


def test_a_pending_link_is_no_state_and_a_state_no_pending_link(states: States, clock: ManualClock) -> None:
    link = PendingLink("id", "user", "1", "a@example.com", "browser", "/app", int(clock.now().timestamp()))
    assert states.open_link(states.seal_link(link)) == link
    with pytest.raises(StateRefused):
        states.open(states.seal_link(link))
    with pytest.raises(StateRefused):
        states.open_link(states.seal(flow(clock)))


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("", "bare"),
        ("state=x", "bare"),
        ("error=access_denied", "bare"),
        ("state=&code=&error=", "bare"),
        ("code=x", "tampered"),
        ("state=a&state=b&code=x", "tampered"),
        ("state=a&code=x&code=y", "tampered"),
        ("state=a&error=%3Cscript%3E", "tampered"),
        ("state=a&error=ACCESS", "tampered"),
        (f"state=a&code={'x' * 5000}", "tampered"),
    ],
)
def test_what_google_never_sends_is_told_apart_from_nothing(query: str, outcome: str) -> None:
    with pytest.raises(OAuthProblem) as problem:
        read(back(query))
    assert problem.value.outcome == outcome and problem.value.status == 400


def test_an_error_wins_over_a_code() -> None:
    found = read(back("state=a&code=x&error=access_denied"))
    assert (found.code, found.error) == ("", "access_denied")


def test_a_state_is_for_the_path_it_was_made_for(states: States, clock: ManualClock) -> None:
    returned = read(back(f"state={states.seal(flow(clock))}&code=x"))
    assert opened(states, returned, CALLBACK).client == "client"
    for path in ("/api/connectors/google-ads/oauth/callback", "/api/auth/google/callback"):
        with pytest.raises(OAuthProblem) as problem:
            opened(states, returned, path)
        assert problem.value.outcome == "tampered"
