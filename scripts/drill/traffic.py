"""People of the drill: each has a workspace of its own and asks over HTTP, some things more than once."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any, Final

from drill.server import TOKEN, DrillFailed, DrillServer

QUESTIONS: Final = (
    "What can you do for this client?",
    "Which keywords should we pause this month?",
    "Scrie-mi un plan de conținut pentru pagina principală.",
    "Compare last week with the week before, please.",
)
PATIENCE: Final = 90  # seconds until an unanswered question counts as lost
PAUSE: Final = 0.5


@dataclass(frozen=True)
class Answered:
    """What the product told a person about one turn."""

    key: str
    workspace_id: str
    ct_actual: int
    ct_shadow: int
    requests: int


@dataclass
class Person:
    server: DrillServer
    name: str
    workspace_id: str = ""
    answered: list[Answered] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)  # (key, code)
    asked: dict[str, str] = field(default_factory=dict)  # key → text
    set_to: int | None = None  # CT that the drill left it
    _headers: dict[str, str] = field(default_factory=dict)
    _http: Any = None
    _places: dict[str, str] = field(default_factory=dict)  # key → conversation

    def sign_up(self) -> None:
        self._http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        told = self.call(
            "POST",
            "/api/auth/signup",
            {"email": f"{self.name}@drill.example", "password": "a long drill password", "workspace": self.name},
        )
        self.workspace_id = told["workspace"]["id"]
        self._headers["X-CSRF-Token"] = told["csrf_token"]
        client = self.call("POST", "/api/clients", {"name": f"Client of {self.name}"})["client"]
        self._headers["X-Client-ID"] = client["id"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **self._headers, **headers}
        request = urllib.request.Request(self.server.url + path, data, given, method=method)
        with self._http.open(request, timeout=PATIENCE) as answer:
            document: dict[str, Any] = json.load(answer)
        return document

    def place(self, key: str) -> None:
        """A conversation for a question that is yet to be asked."""
        if key not in self._places:
            self._places[key] = self.call("POST", "/api/conversations/new", {})["conversation"]["id"]

    def ask(self, key: str, text: str) -> None:
        """Ask until there is an answer, under the same key: the server may be killed meanwhile."""
        end = time.monotonic() + PATIENCE
        self.asked[key] = text
        while not self._asked(key, text):
            if time.monotonic() > end:
                raise DrillFailed(f"{self.name} had no answer to {key} within {PATIENCE} seconds.")
            time.sleep(PAUSE)

    def _asked(self, key: str, text: str) -> bool:
        path = f"/api/conversations/{self._places[key]}/messages"
        try:
            told = self.call("POST", path, {"text": text}, **{"Idempotency-Key": key})
        except urllib.error.HTTPError as error:
            return self._answered_badly(key, error.code, error.read())
        except (OSError, HTTPException, ValueError):  # it was killed while it answered
            return False
        usage = told["usage"]
        paid = Answered(key, self.workspace_id, usage["ct_actual"], usage["ct_shadow"] or 0, usage["requests"])
        self.answered.append(paid)
        return True

    def _answered_badly(self, key: str, status: int, body: bytes) -> bool:
        code = json.loads(body)["error"]["code"]
        if status == 429:
            self.refused.append((key, code))
            return True
        if status in {409, 502, 503, 504}:  # it is still being answered, or taken up again after a kill
            return False
        raise DrillFailed(f"{self.name} was told {status} {code} for {key}.")


def together(asking: Sequence[tuple[Person, str, str]]) -> list[threading.Thread]:
    """Ask all of it at once; the threads that wait for the answers."""
    for person, key, _ in asking:
        person.place(key)
    threads = [threading.Thread(target=person.ask, args=(key, text), daemon=True) for person, key, text in asking]
    for thread in threads:
        thread.start()
    return threads


def finish(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(PATIENCE + 10)
        if thread.is_alive():
            raise DrillFailed("A question was never answered.")


def telemetry(server: DrillServer) -> dict[str, Any]:
    request = urllib.request.Request(
        server.url + "/api/billing/cost-telemetry?window=24", headers={"X-Internal-Token": TOKEN}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
