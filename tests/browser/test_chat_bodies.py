"""What nobody's page sends to the chat's routes is refused in words, never with a 500."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOME = "/c/demo-lampadar/chat"
SURROGATE = '"\\ud800"'


@pytest.fixture
def http(product: Product) -> Iterator[httpx.Client]:
    headers = {"origin": product.url, "content-type": "application/json"}
    with httpx.Client(base_url=product.url, headers=headers) as made:
        assert made.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD}).is_success
        yield made


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/feedback", "[" * 200_000),
        ("PUT", "/feedback", f'{{"feedback": {{"forId": {SURROGATE}, "value": 1, "comment": {SURROGATE}}}}}'),
        ("DELETE", "/feedback", f'{{"feedbackId": {SURROGATE}}}'),
        ("POST", "/project/threads", '{"pagination": NaN}'),
        ("POST", "/project/threads", f'{{"pagination": {{"first": {SURROGATE}}}}}'),
        ("POST", "/project/threads", '{"pagination": {"first": 5, "cursor": "2020-01-01"}, "filter": {}}'),
        (
            "POST",
            "/project/threads",
            '{"pagination": {"first": 5, "cursor": "0001-01-01T00:00:00+14:00"}, "filter": {}}',
        ),
        ("POST", "/project/threads", f'{{"pagination": {{"first": 5}}, "filter": {{"search": {SURROGATE}}}}}'),
        ("PUT", "/project/thread", f'{{"threadId": {SURROGATE}, "name": "x"}}'),
        ("DELETE", "/project/thread", f'{{"threadId": {SURROGATE}}}'),
    ],
)
def test_odd_bodies_are_refused_in_words(http: httpx.Client, method: str, path: str, body: str) -> None:
    answer = http.request(method, HOME + path, content=body)
    assert answer.status_code < 500, answer.text


def test_a_title_that_cannot_be_kept_is_refused_in_words(http: httpx.Client) -> None:
    made = http.post("/api/conversations/new", json={}, headers={**csrf(http), "x-client-id": "demo-lampadar"})
    thread = made.json()["conversation"]["id"]
    answer = http.put(f"{HOME}/project/thread", json={"threadId": thread, "name": "x" * 5000})
    assert answer.status_code == 422 and answer.json()["error"]["code"] == "invalid_input"
    unknown = http.put(f"{HOME}/project/thread", json={"threadId": str(uuid.uuid4()), "name": "x"})
    assert unknown.status_code == 404


def csrf(http: httpx.Client) -> dict[str, str]:
    return {"x-csrf-token": http.get("/api/auth/status").json()["csrf_token"]}
