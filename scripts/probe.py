"""Asking a running Camarad over HTTP, with the standard library alone, and counting what came of it.

A busy or restarting server answers 502, 503 or 504; such an answer is asked for again, but never more than
`RETRIES_AN_HOUR` times in a run, because Google stops answering a property after ten server errors an hour.
"""

from __future__ import annotations

import json
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin

AGAIN = frozenset({502, 503, 504})
RETRIES_AN_HOUR = 8
PAUSE = 0.5  # seconds, doubled with each repeat of one request
LONGEST_PAUSE = 8.0
TIMEOUT = 60


class Failed(Exception):
    """A check did not hold; its text says what was expected and what came."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes
    url: str

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Failed(f"{self.url} did not answer with JSON (HTTP {self.status})") from error

    def text(self) -> str:
        return self.body.decode(errors="replace")

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))

    def expect(self, *statuses: int) -> Answer:
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise Failed(f"expected {wanted}, got {self.status} from {self.url}: {self._said()}")
        return self

    def expect_header(self, name: str, part: str) -> Answer:
        if part not in self.header(name):
            raise Failed(f"expected {name} with {part!r}, got {self.header(name)!r} from {self.url}")
        return self

    def _said(self) -> str:
        return " ".join(self.text().split())[:160]


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here, to be looked at."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Site:
    """One server and what goes with every call to it: cookies, CSRF token, client."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    client_id: str = ""
    retries: int = 0
    sleep: Callable[[float], None] = time.sleep
    _opener: urllib.request.OpenerDirector = field(default_factory=lambda: urllib.request.build_opener(_Stay))

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def head(self, path: str, **headers: str) -> Answer:
        return self.call("HEAD", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, json.dumps(body).encode(), **{"Content-Type": "application/json", **headers})

    def form(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, urlencode(fields).encode(), **kind)

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One answer, asked for again while the server is unwell and the run's allowance lasts."""
        pause = PAUSE
        while True:
            answer = self._once(method, path, body, headers)
            if answer.status not in AGAIN or self.retries >= RETRIES_AN_HOUR:
                return answer
            self.retries += 1
            self.sleep(min(LONGEST_PAUSE, pause))
            pause *= 2

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        url = urljoin(self.base, path)
        request = urllib.request.Request(url, body, self._headers(headers), method=method)
        try:
            with self._opener.open(request, timeout=TIMEOUT) as reply:
                answer = Answer(reply.status, reply.headers, reply.read(), url)
        except urllib.error.HTTPError as reply:
            answer = Answer(reply.code, reply.headers, reply.read(), url)
        except OSError as error:
            raise Failed(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from error
        self._keep(answer)
        return answer

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "X-CSRF-Token": self.csrf}
        sent |= {"X-Client-ID": self.client_id, **{name.replace("_", "-"): value for name, value in given.items()}}
        return {name: value for name, value in sent.items() if value}

    def _keep(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


def cookies_of(header: str) -> dict[str, str]:
    """The cookies of a header's value, with or without `Cookie:` before it."""
    value = header.strip().removeprefix("Cookie:").removeprefix("cookie:").strip()
    pairs = (part.strip().partition("=") for part in value.split(";"))
    return {name: content for name, _, content in pairs if name and content}


@dataclass
class _Row:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: list[float] = field(default_factory=list)
    trouble: str = ""


class Tally:
    """Checks by name, over many attempts."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def check(self, name: str, run: Callable[[], object]) -> bool:
        """Run one check; whether it held."""
        row = self._rows.setdefault(name, _Row())
        began = time.perf_counter()
        try:
            run()
        except Failed as error:
            row.failed += 1
            row.trouble = str(error)
            return False
        finally:
            row.seconds.append(time.perf_counter() - began)
        row.passed += 1
        return True

    def skip(self, name: str, why: str) -> None:
        row = self._rows.setdefault(name, _Row())
        row.skipped += 1
        row.trouble = why

    @property
    def failed(self) -> int:
        return sum(row.failed for row in self._rows.values())

    def table(self) -> str:
        wide = max(map(len, self._rows), default=5)
        lines = [f"{'check':<{wide}}  passed  failed  median  slowest"]
        for name, row in self._rows.items():
            lines.append(
                f"{name:<{wide}}  {row.passed:>6}  {row.failed:>6}  {_times(row.seconds)}  {_remark(row)}".rstrip()
            )
        return "\n".join(lines)


def _times(seconds: list[float]) -> str:
    if not seconds:
        return f"{'–':>6}  {'–':>7}"
    return f"{statistics.median(seconds) * 1000:>3.0f} ms  {max(seconds) * 1000:>4.0f} ms"


def _remark(row: _Row) -> str:
    if row.failed:
        return f"FAILED: {row.trouble}"
    return f"skipped: {row.trouble}" if row.skipped else ""
