"""What is kept of consents and tokens, for how long, and over a restart."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.emulator import TODAY, consent
from tests.unit.tools.emulator.oauth import AGENCY, Program, answered
from tools.emulator.oauth.keeping import Keeper
from tools.emulator.oauth.serving import listen
from tools.emulator.oauth.tokens import ACCESS_TOKENS, REFRESH_TOKENS, Code, Issued, Kept, Ledger
from tools.emulator.process import EmulatorProcess, start_emulator

DAY = 24 * 3600


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def ledger(clock: Clock, kept: Kept) -> Ledger:
    return Ledger(kept, clock, lambda: None)


def code(family: str = "f", email: str = AGENCY) -> Code:
    return Code("camarad-demo", email, frozenset({"openid"}), "http://127.0.0.1/", True, "", "plain", None, family, 0.0)


def issued(ledger: Ledger, family: str = "f") -> Issued:
    taken = ledger.take_code(ledger.open_code(code(family)))
    assert taken
    return ledger.issue(taken)


def test_a_code_lives_sixty_seconds(ledger, clock):
    early, late = ledger.open_code(code()), ledger.open_code(code())
    clock.now += 59
    assert ledger.take_code(early)
    clock.now += 1
    assert ledger.take_code(late) is None


def test_an_access_token_is_over_after_its_time_and_forgotten_a_day_later(ledger, clock, kept):
    first = issued(ledger).access_token
    token = ledger.access(first)
    clock.now += 3598
    assert not ledger.is_expired(token)
    clock.now += 1
    assert ledger.is_expired(token)
    assert not ledger.revoke(first)
    clock.now += DAY + 1
    issued(ledger, "g")
    assert ledger.access(first) is None


def test_the_oldest_refresh_token_ends_when_there_are_too_many(ledger, kept):
    made = [issued(ledger, f"f{n}").refresh_token for n in range(REFRESH_TOKENS + 1)]
    assert ledger.renew(made[0], "camarad-demo") is None
    assert ledger.renew(made[1], "camarad-demo")


def test_access_tokens_of_one_consent_do_not_grow_without_end(ledger, kept):
    given = issued(ledger)
    for _ in range(ACCESS_TOKENS):
        latest = ledger.renew(given.refresh_token, "camarad-demo")
    assert ledger.access(given.access_token) is None
    assert ledger.access(latest.access_token)
    assert len(kept.tokens) == ACCESS_TOKENS + 1


def test_no_token_stands_in_what_is_kept(ledger, kept):
    given = issued(ledger)
    assert given.access_token not in str(kept)
    assert given.refresh_token not in str(kept)


def test_a_file_that_cannot_be_read_is_started_anew(tmp_path):
    for text in ("", "[]", "{", '{"format": 1}', '{"format": 1, "consents": [], "tokens": {"a": {}}}', '{"format": 9}'):
        (tmp_path / "oauth.json").write_text(text, encoding="utf-8")
        assert Keeper(tmp_path / "oauth.json").kept == Kept()


def restarted(folder: Path, process: EmulatorProcess) -> EmulatorProcess:
    process.stop()
    return start_emulator(folder, today=TODAY)


async def test_a_connection_of_yesterday_works_after_a_restart(tmp_path, emulator_data, emulator):
    for name in ("emulator.duckdb", "emulator.json"):
        (tmp_path / name).symlink_to(emulator_data / name)
    process = start_emulator(tmp_path, today=TODAY)
    try:
        program = Program(process.oauth_url)
        token = await program.tokens()
        kid = keys(program)
        process = restarted(tmp_path, process)
        later = Program(process.oauth_url)
        assert later.userinfo(token)["email"] == AGENCY
        assert later.renew(token["refresh_token"]).json()["access_token"]
        assert keys(later) == kid
        assert "refresh_token" not in await later.tokens(), "the consent is remembered"
        file = tmp_path / "oauth.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert token["refresh_token"] not in file.read_text(encoding="utf-8")
        await program.aclose()
        await later.aclose()
    finally:
        process.stop()


def keys(program: Program) -> list[str]:
    return [key["kid"] for key in httpx.get(f"{program.url}/certs").json()["keys"]]


def test_hosts_named_at_the_start_may_be_sent_back_to_and_ports_are_as_told(tmp_path, emulator_data, emulator):
    process = start_emulator(emulator_data, today=TODAY, redirect_hosts=["app.camarad.example", "b.example"])
    try:
        program = Program(process.oauth_url)
        address, _ = program.ask(redirect_uri="https://b.example/callback")
        assert answered(consent(address, AGENCY))["code"]
        bad, _ = program.ask(redirect_uri="https://c.example/callback")
        assert httpx.get(bad).status_code == 400
    finally:
        process.stop()


def test_the_ready_line_names_both_addresses_and_ports_can_be_chosen(tmp_path, emulator_data, emulator):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "camarad", "emulator", "--data", str(emulator_data), "--today", TODAY.isoformat()]
    with subprocess.Popen([*command, "--oauth-port", str(port)], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        taken = subprocess.run([*command, "--oauth-port", str(port)], capture_output=True, text=True, check=False)
        process.terminate()
    assert line.startswith("EMULATOR READY 127.0.0.1:")
    assert line.endswith(f" oauth=http://127.0.0.1:{port}\n")
    assert taken.returncode != 0
    assert "--oauth-port" in taken.stderr


def test_the_socket_names_its_protocol_so_that_asyncio_sends_small_answers_at_once():
    with listen(0) as bound:
        assert bound.proto == socket.IPPROTO_TCP
        assert bound.getsockname()[0] == "127.0.0.1"
