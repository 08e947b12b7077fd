"""Which addresses are never kept by anybody, and who is a browser's own server."""

from __future__ import annotations

import pytest
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from camarad.clock import ManualClock
from camarad.settings import load_settings
from web.oauth.browser import is_own_address, origin_of
from web.oauth.floods import ADDRESSES, ALLOWED, WINDOW, Floods
from web.oauth.paths import is_oauth, lands_people, never_kept


def asked(host: str, scheme: str = "http") -> Request:
    server = {"type": "http", "scheme": scheme, "path": "/", "query_string": b"", "server": ("127.0.0.1", 80)}
    return Request({**server, "method": "GET", "headers": [(b"host", host.encode())]})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/connectors/ga4/oauth/callback", True),
        ("/api/connectors/nonsense/oauth/callback", True),
        ("/api/auth/google/start", True),
        ("/api/auth/google/callback", True),
        ("/api/connectors/ga4/auth-url", False),
        ("/api/connectors/a/b/oauth/callback", False),
        ("/api/auth/login", False),
    ],
)
def test_people_get_pages_where_browsers_are_sent(path: str, expected: bool) -> None:
    assert lands_people(path) is expected and is_oauth(path)


@pytest.mark.parametrize("path", ["/", "/pricing", "/api/search", "/static/site.css", "/api/authx"])
def test_other_addresses_keep_their_own_headers(path: str) -> None:
    assert not is_oauth(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "Cookie"),
        ("Accept-Language", "Accept-Language, Cookie"),
        ("Accept-Language, Cookie", "Accept-Language, Cookie"),
        ("cookie", "cookie"),
    ],
)
def test_headers_replace_what_allows_keeping_and_add_to_what_varies(before: str | None, after: str) -> None:
    headers = MutableHeaders({"Cache-Control": "public, max-age=60"} | ({"Vary": before} if before else {}))
    never_kept(headers)
    never_kept(headers)
    assert headers["vary"] in (after, "Cookie" if before is None else after)
    assert headers.getlist("cache-control") == ["no-store"] and headers["pragma"] == "no-cache"
    assert headers["cdn-cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "scheme", "origin"),
    [
        ("127.0.0.1:8000", "http", "http://127.0.0.1:8000"),
        ("localhost", "http", "http://localhost"),
        ("[::1]:8000", "http", "http://[::1]:8000"),
        ("One.Example", "http", "https://one.example"),
        ("one.example:443", "https", "https://one.example"),
        ("one.example:8443", "https", "https://one.example:8443"),
    ],
)
def test_the_redirect_goes_to_the_host_as_the_browser_knows_it(host: str, scheme: str, origin: str) -> None:
    assert origin_of(asked(host, scheme)) == origin


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("https://one.example/x", True),
        ("https://TWO.example/x", True),
        ("http://127.0.0.1:9/x", True),
        ("https://evil.example/x", False),
        ("https://one.example.evil.example/x", False),
        ("https://one.example@evil.example/x", False),
        ("//evil.example/x", False),
        ("", False),
    ],
)
def test_an_answer_is_sent_on_to_own_hosts_only(address: str, own: bool) -> None:
    settings = load_settings(_env_file=None, public_hosts=["one.example", "two.example"])
    assert is_own_address(settings, address) is own


def test_a_flood_is_turned_away_until_its_minute_is_over(clock: ManualClock) -> None:
    from datetime import timedelta

    floods = Floods(clock)
    for _ in range(ALLOWED):
        assert floods.wait("a") == 0
        floods.count("a")
    assert 0 < floods.wait("a") <= WINDOW and floods.wait("b") == 0
    clock.advance(timedelta(seconds=WINDOW))
    assert floods.wait("a") == 0


def test_a_flood_from_many_addresses_takes_no_more_memory(clock: ManualClock) -> None:
    floods = Floods(clock)
    for number in range(ADDRESSES * 2):
        floods.count(str(number))
    assert len(floods._seen) == ADDRESSES
