"""`serve` as a process: what it says when it starts, when it cannot, and when it stops; turns over its real socket."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from camarad.migrate import upgrade
from tests.support.product import PASSWORD, Product, running_product
from tests.support.serving import Caller, Refusal, address, children, is_running, launch, refused, until
from tests.support.web import events

pytestmark = pytest.mark.slow

BARE = {"CAMARAD_DEMO": "false"}
QUESTION = {"text": "How did our Google Ads do last week?"}


def in_two_plain_lines(refusal: Refusal, *words: str) -> bool:
    """An exit code of 2, one sentence and one next step on standard error, and no traceback anywhere."""
    lines = refusal.error.splitlines()
    assert refusal.code == 2, refusal
    assert len(lines) == 2 and lines[0].startswith("camarad serve: ") and lines[1], refusal
    assert "Traceback" not in refusal.said + refusal.error
    assert "READY" not in refusal.said
    return all(word in refusal.error for word in words)


# --- what stops a start


def test_a_port_that_is_taken_is_named_with_another_to_try(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refusal = refused(tmp_path, "--port", str(port), **BARE)
    assert in_two_plain_lines(refusal, f"Port {port} on 127.0.0.1 is taken", f"--port {port + 1}")


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    first = launch(tmp_path, **BARE)
    try:
        until(first, "  data")
        assert in_two_plain_lines(refused(tmp_path, **BARE), "Another Camarad is running", "--data")
    finally:
        first.kill()
        first.communicate()


def test_a_damaged_database_is_left_as_it_is(tmp_path: Path) -> None:
    file, content = tmp_path / "camarad.db", b"this is no database " * 400
    file.write_bytes(content)
    assert in_two_plain_lines(refused(tmp_path, **BARE), "damaged", "backup")
    assert file.read_bytes() == content


def test_a_database_of_a_newer_camarad_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "camarad.db"
    upgrade(f"sqlite+aiosqlite:///{file}")
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    assert in_two_plain_lines(refused(tmp_path, **BARE), "newer Camarad", "Update")


def test_a_postgresql_that_nobody_serves_is_named(tmp_path: Path) -> None:
    with socket.socket() as unserved:
        unserved.bind(("127.0.0.1", 0))
        url = f"postgresql+asyncpg://camarad:geheim@127.0.0.1:{unserved.getsockname()[1]}/camarad"
        refusal = refused(tmp_path, DATABASE_URL=url, **BARE)
    assert in_two_plain_lines(refusal, "cannot be reached", "DATABASE_URL")
    assert "geheim" not in refusal.error + refusal.said


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert in_two_plain_lines(refused(in_the_way / "data", **BARE), "cannot be written", "--data")


@pytest.mark.parametrize("content", ["{", '{"clients": 3}'])
def test_a_bad_fixture_file_is_named_before_anything_is_written(tmp_path: Path, content: str) -> None:
    fixtures = tmp_path / "fixtures.json"
    fixtures.write_text(content)
    refusal = refused(tmp_path / "data", "--fixtures", str(fixtures))
    assert in_two_plain_lines(refusal, str(fixtures), "docs/emulator.md")
    assert not (tmp_path / "data").exists()


def test_a_bad_setting_is_named_as_in_the_environment(tmp_path: Path) -> None:
    refusal = refused(tmp_path, CAMARAD_MODEL_RETRIES="many", **BARE)
    assert in_two_plain_lines(refusal, "CAMARAD_MODEL_RETRIES", "docs/configure.md")


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    assert in_two_plain_lines(refused(tmp_path, "--host", "203.0.113.9", **BARE), "203.0.113.9", "--host")


def test_a_model_without_its_key_is_refused_with_the_settings_name(tmp_path: Path) -> None:
    refusal = refused(tmp_path, CAMARAD_MODEL="openai/gpt-4o", **BARE)
    assert in_two_plain_lines(refusal, "openai/gpt-4o needs a key", "OPENAI_API_KEY")


def test_an_emulator_that_cannot_start_is_named_with_its_log(tmp_path: Path) -> None:
    store = tmp_path / "emulator"
    store.mkdir()
    for name in ("agency.duckdb", "world.duckdb", "emulator.duckdb"):
        (store / name).mkdir()
    (tmp_path / "emulator" / "emulator.log").mkdir()
    assert in_two_plain_lines(refused(tmp_path), "emulator", "cannot be written")


# --- the start and the stop


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_then_the_emulators(product: Product, tmp_path: Path, number: signal.Signals) -> None:
    process = launch(tmp_path)
    try:
        url = address(until(process, "READY "))
        assert httpx.get(f"{url}/readyz", trust_env=False).json()["status"] == "ready"
        assert process.stdout is not None
        assert process.stdout.readline() == f"Sign in with demo@camarad.example and the password {PASSWORD}\n"
        emulators = children(process.pid)
        process.send_signal(number)
        said, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, said, error) == (0, "Stopping …\nStopped.\n", "")
    assert len(emulators) == 2 and not any(map(is_running, emulators))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", ["  logs", "  emulator"], ids=["while it imports", "while the services start"])
def test_a_signal_while_it_starts_leaves_nothing_running(tmp_path: Path, step: str, number: signal.Signals) -> None:
    process = launch(tmp_path)
    try:
        until(process, step)
        deadline = time.monotonic() + 30
        while not (started := children(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        said, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0 and said.endswith("Stopped.\n") and "Traceback" not in said + error
    assert started and not any(map(is_running, started))


def test_without_the_demo_it_says_where_to_make_an_account(tmp_path: Path) -> None:
    process = launch(tmp_path, **BARE)
    try:
        until(process, "READY ")
        assert process.stdout is not None
        assert process.stdout.readline() == "Make an account on the page /signup.\n"
        assert children(process.pid) == []
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_readiness_says_how_the_built_in_model_is_loaded(product: Product) -> None:
    model = httpx.get(f"{product.url}/readyz", trust_env=False).json()["checks"]["model"]
    assert model["ok"] and model["models"] == ["camarad/embedded"]
    assert model["embedded"]["loaded"] and model["embedded"]["embeddings"]


# --- turns over the real socket


@pytest.fixture(scope="module")
def caller(product: Product) -> Iterator[Caller]:
    made = Caller(product)
    yield made
    made.http.close()


def charged(caller: Caller) -> tuple[int, int]:
    """What the ledger took in the last day, and how many model calls it names."""
    usage = caller.get("/api/usage?window=24")
    return usage["totals"]["ct_actual"], len(usage["rows"])


def test_a_turn_as_json(caller: Caller) -> None:
    before, _ = charged(caller)
    answer = caller.http.post(f"{caller.new_conversation()}/messages", json=QUESTION)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["tool_calls"] and re.search(r"\d", document["message"]["text"])
    assert charged(caller)[0] - before == document["usage"]["ct_actual"] > 0


def test_a_turn_as_events(caller: Caller) -> None:
    headers = {"Accept": "text/event-stream"}
    answer = caller.http.post(f"{caller.new_conversation()}/messages", json=QUESTION, headers=headers)
    found = events(answer.text)
    assert [found[0][0], found[-1][0]] == ["agent", "done"]
    said = "".join(data["text"] for name, data in found if name == "token")
    assert said.strip() == found[-1][1]["message"]["text"].strip()


def test_a_reader_who_leaves_in_the_middle_loses_nothing_and_pays_once(caller: Caller) -> None:
    conversation, (before, rows) = caller.new_conversation(), charged(caller)
    headers = {"Accept": "text/event-stream", "Idempotency-Key": "left-in-the-middle"}
    with caller.http.stream("POST", f"{conversation}/messages", json=QUESTION, headers=headers) as answer:
        first = next(line for line in answer.iter_lines() if line.startswith("event: "))
    assert first == "event: agent"
    document = stored(caller, conversation)
    assert document["usage"]["ct_actual"] == charged(caller)[0] - before > 0
    assert charged(caller)[1] - rows == document["usage"]["requests"]
    again = caller.http.post(
        f"{conversation}/messages", json=QUESTION, headers={"Idempotency-Key": headers["Idempotency-Key"]}
    )
    assert again.json() == document and charged(caller)[0] - before == document["usage"]["ct_actual"]


def stored(caller: Caller, conversation: str) -> dict:
    """The document of the answer, once the turn that nobody reads has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        messages = caller.get(f"{conversation}/messages")["messages"]
        if messages[-1]["role"] == "assistant" and messages[-1]["document"]:
            return messages[-1]["document"]
        time.sleep(0.05)
    raise AssertionError("The turn was not stored.")


# --- the emulator


def test_emulators_that_died_are_begun_again_and_readiness_says_so_meanwhile(tmp_path: Path) -> None:
    names = ("emulator", "stripe_emulator")
    with running_product(tmp_path) as product:
        caller = Caller(product)
        for emulator in children(product.process.pid):
            os.kill(emulator, signal.SIGKILL)
        checks = readiness(caller, until=503)["checks"]
        assert not all(checks[name]["ok"] for name in names)  # one may be back before the other is asked for
        checks = readiness(caller, until=200)["checks"]
        assert [checks[name] for name in names] == [{"ok": True}, {"ok": True}]
        answer = caller.http.post(f"{caller.new_conversation()}/messages", json=QUESTION).json()
        caller.http.close()
    assert answer["tool_calls"] and not any(call["error"] for call in answer["tool_calls"])
    logged = (tmp_path / "logs" / "camarad.jsonl").read_text()
    assert '"emulator_restarted"' in logged and '"stripe_emulator_restarted"' in logged


def readiness(caller: Caller, until: int) -> dict:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = caller.http.get("/readyz")
        if answer.status_code == until:
            return answer.json()
        time.sleep(0.02)
    raise AssertionError(f"/readyz never answered {until}.")


# --- memory

MOST_MB = 450
ADS, SITE = "How did our Google Ads do last week?", "Which pages bring the most visitors?"
QUESTIONS = (ADS, SITE, "Unde irosim bani în Google Ads?", "Where does our traffic come from this month?")


def test_many_turns_over_both_connectors_stay_small(tmp_path: Path) -> None:
    """The first question comes at once, while the model warms and Google's clients are imported."""
    used = set[str]()
    with running_product(tmp_path) as product:
        caller = Caller(product)
        for turn in range(20):
            question = {"text": QUESTIONS[turn % len(QUESTIONS)]}
            answer = caller.http.post(f"{caller.new_conversation()}/messages", json=question)
            assert answer.status_code == 200, answer.text
            used |= {call["name"].partition("_")[0] for call in answer.json()["tool_calls"]}
        caller.http.close()
        status = Path(f"/proc/{product.process.pid}/status").read_text()
    assert {"ads", "ga4"} <= used
    most = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert most and int(most[1]) / 1024 < MOST_MB
