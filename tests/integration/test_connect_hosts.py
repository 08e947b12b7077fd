"""Two hosts served by two workers: each worker knows both hosts, and nothing is in the memory of one alone.

The workers are processes of their own on one PostgreSQL, with their own data folders, as behind a load balancer. Which
host a browser means stands in the Host header, as it would behind one.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.support.emulator import consent
from tests.support.oauth import AGENCY, ONE_CLIENT, path_of
from tests.support.postgres import PostgresServer
from tests.support.product import ROOT
from tests.support.serving import address, launch, until
from tools.emulator.process import EmulatorProcess

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(400)]

HOSTS = ("one.localhost", "two.localhost")
AUDIT = ROOT / "docs" / "OAUTH_CLOUDFLARE_AUDIT.md"


@pytest.fixture(scope="module")
def workers(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, emulator: EmulatorProcess
) -> Iterator[tuple[str, str]]:
    """The addresses of two servers that share a database, the key of cookies and states, and the vault's key."""
    with postgres.database("two_workers", "template0") as url:
        shared = {
            "DATABASE_URL": url,
            "SECRET_KEY": "shared by both workers of this test",
            "VAULT_KEYS": json.dumps([Fernet.generate_key().decode()]),
            "EMULATOR_ADDRESS": emulator.address,
            "EMULATOR_OAUTH_URL": emulator.oauth_url,
            "CAMARAD_EMBEDDINGS": "false",
        }
        started = []
        try:
            for name in ("a", "b"):
                started.append(launch(tmp_path_factory.mktemp(name), **shared))
                started[-1].found = address(until(started[-1], "READY"))  # type: ignore[attr-defined]
            yield tuple(process.found for process in started)  # type: ignore[attr-defined]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.communicate(timeout=60)


@dataclass
class Person:
    """One browser: cookies by host, whichever worker the balancer picks."""

    workers: tuple[str, str]
    jars: dict[str, httpx.Client] = field(default_factory=dict)
    csrf: str = ""
    client: str = ""

    def call(self, method: str, host: str, worker: int, path: str, **more: Any) -> httpx.Response:
        jar = self.jars.setdefault(host, httpx.Client(timeout=60, trust_env=False))
        headers = {"Host": host, "Accept": "text/html", **more.pop("headers", {})}
        if self.csrf and method == "POST":
            headers["X-CSRF-Token"] = self.csrf
        if self.client:
            headers["X-Client-ID"] = self.client
        return jar.request(method, f"{self.workers[worker]}{path}", headers=headers, **more)

    def get(self, host: str, worker: int, path: str) -> httpx.Response:
        return self.call("GET", host, worker, path)

    def sign_in(self, host: str, user: str = AGENCY, first: int = 0, last: int = 1) -> httpx.Response:
        """Begin at one worker and end at the other."""
        begun = self.get(host, first, "/api/auth/google/start")
        answer = self.get(host, last, path_of(consent(begun.headers["location"], user)))
        self.csrf = self.get(host, first, "/api/auth/status").json().get("csrf_token", "")
        return answer

    def new_client(self, host: str, name: str) -> None:
        made = self.call("POST", host, 0, "/api/clients", json={"name": name})
        assert made.status_code == 201, made.text
        self.client = made.json()["client"]["id"]

    def begin(self, host: str, worker: int, provider: str) -> str:
        answer = self.get(host, worker, f"/connectors/{provider}/connect?client={self.client}")
        assert answer.status_code == 303, answer.text
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        assert asked["redirect_uri"] == [f"http://{host}/api/connectors/{provider}/oauth/callback"]
        found: str = answer.headers["location"]
        return found

    def archive(self, host: str) -> None:
        self.call("POST", host, 0, f"/app/clients/{self.client}/archive", data={"csrf_token": self.csrf})

    def state(self, host: str, worker: int, provider: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(host, worker, f"/api/connectors/{provider}/status").json()
        return found


def outcome(answer: httpx.Response) -> str:
    assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:400]}"
    return parse_qs(urlsplit(answer.headers["location"]).query)["outcome"][0]


@pytest.fixture
def person(workers: tuple[str, str], oauth_url: str) -> Iterator[Person]:
    made = Person(workers)
    yield made
    for jar in made.jars.values():
        jar.close()


@pytest.fixture
def ana(person: Person, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Signed in on the first host, with a client of her own for this test."""
    assert person.sign_in(HOSTS[0]).status_code == 303
    person.new_client(HOSTS[0], request.node.name)
    yield person
    person.archive(HOSTS[0])


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("host", HOSTS)
def test_any_worker_finishes_what_any_worker_began(person: Person, first: int, last: int, host: str) -> None:
    assert person.sign_in(host, ONE_CLIENT, first, last).status_code == 303
    person.new_client(host, f"{host} {first} {last}")
    back = path_of(consent(person.begin(host, first, "ga4"), ONE_CLIENT))
    assert outcome(person.get(host, last, back)) == "connected"
    assert outcome(person.get(host, 1 - last, back)) == "already_connected", "used once, for all workers"
    for worker in (0, 1):
        assert person.state(host, worker, "ga4")["account_id"] == "410000001"
        tab = person.get(host, worker, "/api/connectors/ga4/overview?range=7days")
        assert tab.status_code == 200, "tokens sealed by one worker are opened by the other"
    person.archive(host)


def test_an_answer_at_the_sibling_host_goes_to_the_host_it_began_on(ana: Person) -> None:
    back = path_of(consent(ana.begin(HOSTS[0], 0, "ga4"), ONE_CLIENT))
    moved = ana.get(HOSTS[1], 1, back)
    assert (
        moved.status_code == 307 and moved.headers["cache-control"] == moved.headers["cdn-cache-control"] == "no-store"
    )
    assert moved.headers["location"].startswith(f"http://{HOSTS[0]}/api/connectors/ga4/oauth/callback?")
    assert outcome(ana.get(HOSTS[0], 1, path_of(moved.headers["location"]))) == "connected"


def test_signing_in_works_on_each_host_and_signs_in_on_that_host_alone(ana: Person) -> None:
    assert ana.get(HOSTS[0], 1, "/api/auth/status").json()["signed_in"]
    assert not ana.get(HOSTS[1], 0, "/api/auth/status").json()["signed_in"]
    assert ana.sign_in(HOSTS[1], first=1, last=0).status_code == 303
    users = {ana.get(host, 0, "/api/auth/status").json()["user"]["id"] for host in HOSTS}
    assert len(users) == 1


def test_the_same_answer_to_both_workers_at_once_counts_once(ana: Person) -> None:
    back = path_of(consent(ana.begin(HOSTS[0], 0, "google-ads"), ONE_CLIENT))
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: ana.get(HOSTS[0], n % 2, back), range(6)))
    outcomes = sorted(outcome(answer) for answer in answers)
    assert outcomes.count("connected") == 1 and set(outcomes) <= {"connected", "used", "already_connected", "pick"}
    assert ana.state(HOSTS[0], 1, "google-ads")["state"] == "connected"


def test_two_tabs_at_once_on_two_workers_both_end(ana: Person) -> None:
    backs = [path_of(consent(ana.begin(HOSTS[0], n, name), ONE_CLIENT)) for n, name in enumerate(("ga4", "google-ads"))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: ana.get(HOSTS[0], 1 - pair[0], pair[1]), enumerate(backs)))
    assert [outcome(answer) for answer in answers] == ["connected", "connected"]


def blocks() -> list[tuple[list[str], list[str]]]:
    """The document's commands and, for each block of them, what has to be in every output."""
    found = re.findall(r"```bash\n(.*?)```\n\n```expect\n(.*?)```", AUDIT.read_text(), re.DOTALL)
    return [(commands.splitlines(), expected.splitlines()) for commands, expected in found]


def test_the_audit_has_commands_for_every_kind_of_path() -> None:
    commands = [command for listed, _ in blocks() for command in listed]
    assert len(commands) >= 12 and AUDIT.read_text().count("```bash") == len(blocks())
    assert sum("curl -sI" in command for command in commands) >= 6


@pytest.mark.parametrize(("commands", "expected"), blocks())
def test_the_audits_own_commands_show_what_the_audit_says(
    workers: tuple[str, str], commands: list[str], expected: list[str], tmp_path: Path
) -> None:
    for base in workers:
        for command in commands:
            words = [word.replace("$BASE_URL", base) for word in shlex.split(command)]
            assert words[0] == "curl"
            said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path).stdout
            lines = [line.strip().lower() for line in said.splitlines()]
            for wanted in expected:
                name, _, value = wanted.lower().partition(": ")
                fits = [line for line in lines if line.startswith(name) and value in line]
                assert fits, f"{command}\nlacks: {wanted}\n{said}"
            assert not any(line.startswith(("age:", "etag:", "expires:", "last-modified:")) for line in lines)
            assert sum(line.startswith("cache-control:") for line in lines) == 1
