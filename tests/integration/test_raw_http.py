"""Requests that no HTTP client would send, byte by byte: refused or cut off, once, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.support.product import Product, running_product
from tests.support.raw_http import Heard, say

pytestmark = pytest.mark.slow

NEXT = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"  # what a smuggler hides behind the first request
LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
BENT = {
    "Content-Length and Transfer-Encoding": LOGIN
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + NEXT,
    "Transfer-Encoding and Content-Length": LOGIN
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
    + NEXT,
    "two differing Content-Lengths": LOGIN + b"Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + NEXT,
    "a Content-Length of two numbers": LOGIN + b"Content-Length: 2, 50\r\n\r\n{}" + NEXT,
    "a Content-Length with a sign": LOGIN + b"Content-Length: +2\r\n\r\n{}" + NEXT,
    "a Content-Length beyond 64 bits": LOGIN + b"Content-Length: 18446744073709551618\r\n\r\n{}" + NEXT,
    "an encoding nobody knows": LOGIN + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + NEXT,
    "chunked twice": LOGIN + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + NEXT,
    "a space before the colon": LOGIN + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "a chunk size beyond 64 bits": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk size that is no number": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n" + NEXT,
    "two Hosts": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "the same Host twice": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "no Host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "another host in the target": b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "this host in the target alone": b"GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an asterisk as the target": b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header of 100 KB": GET + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    "a header name of 100 KB": GET + b"X" * 100_000 + b": x\r\n\r\n",
    "ten thousand headers": GET + b"".join(b"X-%d: x\r\n" % number for number in range(10_000)) + b"\r\n",
    "three hundred headers": GET + b"X-Same: x\r\n" * 300 + b"\r\n",
    "a target of 200 KB": b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in the request line": b"GET /heal\0thz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in a header": GET + b"X-Nul: a\0b\r\n\r\n",
    "a line end in the request line": b"GET /healthz\r\nX: y HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a bare CR in a header": GET + b"X-Cr: a\rSet-Cookie: b\r\n\r\n",
    "a folded header": GET + b"X-Fold: a\r\n b\r\n\r\n",
    "a header without a name": GET + b": x\r\n\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "another version": b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(64),
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("raw"), CAMARAD_DEMO="false") as running:
        yield running


def refused_once(heard: Heard) -> bool:
    """With one answer of the 4xx, or cut off without any."""
    return all(400 <= status < 500 for status in heard.statuses) and (
        len(heard.statuses) == 1 or (not heard.statuses and heard.closed)
    )


@pytest.mark.parametrize("how", BENT)
def test_what_is_no_proper_request_is_refused_once_and_the_server_goes_on(product: Product, how: str) -> None:
    heard = say(product.url, BENT[how])
    assert refused_once(heard), (heard.statuses, heard.closed, heard.raw[:600])
    assert httpx.get(f"{product.url}/readyz", trust_env=False).status_code == 200
    assert b"set-cookie" not in heard.raw.lower()
    if heard.statuses == [400]:
        error = json.loads(heard.raw.split(b"\r\n\r\n", 1)[1])["error"]
        assert error["code"] == "bad_request" and error["message"] and error["hint"] and error["request_id"]


def test_a_header_that_never_ends_is_cut_off(product: Product) -> None:
    """Nothing is kept of it beyond the limit, however long it goes on."""
    heard = say(product.url, GET + b"X-Long: " + b"x" * 5_000_000)
    assert heard.closed and refused_once(heard)


def test_proper_requests_in_one_piece_are_answered_in_turn(product: Product) -> None:
    """What all of these would be mistaken for, if they were not refused."""
    assert say(product.url, GET + b"\r\n" + NEXT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")).statuses == [
        200,
        200,
    ]


def test_this_host_may_stand_in_the_target(product: Product) -> None:
    """RFC 9112, section 3.2.2: a server has to take that form."""
    request = b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert say(product.url, request).statuses == [200]


def test_a_large_body_in_the_same_piece_as_its_head_is_no_long_head(product: Product) -> None:
    body = b'{"email": "%s"}' % (b"x" * 300_000)
    request = LOGIN + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
    assert say(product.url, request).statuses == [422]


def test_a_head_that_is_only_long_is_answered(product: Product) -> None:
    cookies = b"Cookie: " + b"; ".join(b"c%d=%s" % (number, b"x" * 400) for number in range(40))
    assert say(product.url, GET + cookies + b"\r\nConnection: close\r\n\r\n").statuses == [200]


def test_none_of_it_was_logged_as_a_crash(product: Product) -> None:
    logged = (product.data / "logs" / "camarad.jsonl").read_text()
    assert '"event": "crashed"' not in logged and "Traceback" not in logged
