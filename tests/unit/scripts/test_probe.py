"""What the operators' scripts ask with: repeats, cookies, and a table that tells the truth."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))

from probe import RETRIES_AN_HOUR, Failed, Site, Tally, cookies_of


class Scripted(ThreadingHTTPServer):
    """Answers with the statuses it was given, then with 200, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []
        self.seen: list[dict[str, str]] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers.items()))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        body = json.dumps({"status": status}).encode()
        self.send_response(status)
        self.send_header("Set-Cookie", "kept=1; Path=/; HttpOnly")
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def site(server: Scripted) -> Site:
    return Site(server.base, sleep=lambda _: None)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_unwell_server_is_asked_again(server: Scripted, site: Site, status: int) -> None:
    server.statuses = [status, status]
    assert site.get("/x").json() == {"status": 200}
    assert site.retries == 2


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_an_answer_that_means_something_is_taken_as_it_is(server: Scripted, site: Site, status: int) -> None:
    server.statuses = [status]
    assert site.get("/x").status == status
    assert site.retries == 0


def test_a_run_repeats_no_more_than_google_forgives(server: Scripted, site: Site) -> None:
    server.statuses = [503] * 100
    for _ in range(5):
        assert site.get("/x").status == 503
    assert site.retries == RETRIES_AN_HOUR < 10
    assert len(server.seen) == 5 + RETRIES_AN_HOUR


def test_pauses_grow(server: Scripted) -> None:
    slept: list[float] = []
    server.statuses = [503, 503, 503]
    Site(server.base, sleep=slept.append).get("/x")
    assert slept == [0.5, 1.0, 2.0]


def test_cookies_come_back_with_the_next_call(server: Scripted, site: Site) -> None:
    site.csrf, site.client_id = "token", "client"
    site.get("/x")
    site.get("/x", Accept="text/html")
    sent = server.seen[1]
    assert sent["Cookie"] == "kept=1"
    assert (sent["X-Csrf-Token"], sent["X-Client-Id"], sent["Accept"]) == ("token", "client", "text/html")


def test_a_redirect_is_an_answer(server: Scripted, site: Site) -> None:
    server.statuses = [303]
    assert site.get("/x").expect(303).header("Location") == "/elsewhere"


def test_a_server_that_is_not_there_is_a_failed_check() -> None:
    tally = Tally()
    assert not tally.check("health", lambda: Site("http://127.0.0.1:9").get("/healthz"))
    assert tally.failed == 1
    assert "cannot be reached" in tally.table()


def test_the_table_names_what_failed_and_why(server: Scripted, site: Site) -> None:
    tally = Tally()
    assert tally.check("well", lambda: site.get("/x").expect(200))
    assert not tally.check("ill", lambda: site.get("/x").expect(404))
    tally.skip("left out", "no token")
    lines = tally.table().splitlines()
    assert lines[1].split()[:3] == ["well", "1", "0"]
    assert "FAILED: expected 404, got 200" in lines[2]
    assert lines[3].endswith("skipped: no token")


def test_a_header_that_is_missing_fails(site: Site) -> None:
    with pytest.raises(Failed, match="Cache-Control"):
        site.get("/x").expect_header("Cache-Control", "no-store")


@pytest.mark.parametrize("header", ["a=1; b=2=3", "Cookie: a=1; b=2=3", " cookie: a=1;b=2=3;"])
def test_the_cookie_header_may_be_pasted_whole(header: str) -> None:
    assert cookies_of(header) == {"a": "1", "b": "2=3"}
