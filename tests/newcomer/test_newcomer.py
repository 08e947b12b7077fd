"""The README's two commands, on a bare clone: empty home, nothing of this environment on the path."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "How did our Google Ads do in the last 28 days against the 28 before, and where are we wasting money?"
PASSWORD = "a newcomer's own password"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500), pytest.mark.xdist_group("newcomer")]


@dataclass
class Newcomer:
    """A person with a clone, an empty home and a shell."""

    clone: Path
    environment: dict[str, str]
    port: int
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    def start(self) -> subprocess.Popen[str]:
        """Run the product until it says READY; raises with everything it printed when it never does."""
        self.lines.clear()
        ready = threading.Event()
        process = subprocess.Popen(
            ["bash", "scripts/run.sh", "--port", str(self.port), "--data", str(self.clone / "data")],
            cwd=self.clone,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

        def read() -> None:
            assert process.stdout is not None
            with process.stdout as printed:
                for line in printed:
                    self.lines.append(line)
                    if line.startswith("READY "):
                        ready.set()
            ready.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        assert ready.wait(1200) and any(line.startswith("READY ") for line in self.lines), "".join(self.lines)
        return process

    def stop(self, process: subprocess.Popen[str]) -> int:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        assert self.reader is not None
        self.reader.join(10)
        return code

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def bare_environment(home: Path) -> dict[str, str]:
    """What a login shell has, plus the machine's certificates: no virtual environment, no Python variables."""
    kept = {k: v for k, v in os.environ.items() if "CERT" in k or "CA_BUNDLE" in k or k in {"LANG", "TZ"}}
    system_python = shutil.which("python3", path="/usr/bin:/bin")
    path = "/usr/bin:/bin" if system_python else f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
    return {**kept, "PATH": path, "HOME": str(home), "CAMARAD_DEMO_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
    (folder / "home").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield Newcomer(folder / "clone", bare_environment(folder / "home"), port)
    shutil.rmtree(folder, ignore_errors=True)


def ask(newcomer: Newcomer) -> dict[str, object]:
    with httpx.Client(base_url=newcomer.address, timeout=120) as http:
        signed_in = http.post("/api/auth/login", json={"email": "demo@camarad.example", "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        clients = http.get("/api/clients").json()["clients"]
        client = next(c for c in clients if c["connections"].get("google-ads") == "connected")
        headers = {"X-Client-ID": client["id"], "X-CSRF-Token": signed_in.json()["csrf_token"]}
        made = http.post("/api/conversations/new", json={}, headers=headers).json()["conversation"]
        answer = http.post(f"/api/conversations/{made['id']}/messages", json={"text": QUESTION}, headers=headers)
        assert answer.status_code == 200, answer.text
        document: dict[str, object] = answer.json()
        return document


def test_one_command_on_a_bare_clone_ends_in_an_answer_from_data(newcomer: Newcomer) -> None:
    process = newcomer.start()
    try:
        document = ask(newcomer)
    finally:
        code = newcomer.stop(process)
    assert document["route"] == ["personal-assistant", "ppc-specialist"]
    assert all(call["ok"] and call["source"] == "demo" for call in document["tool_calls"])  # type: ignore[attr-defined]
    assert document["tool_calls"] and document["usage"]["ct_actual"] > 0  # type: ignore[index]
    assert code == 0, "".join(newcomer.lines)


def test_a_second_start_installs_nothing_and_the_readme_s_question_is_answered(newcomer: Newcomer) -> None:
    process = newcomer.start()
    try:
        command = next(line for line in (ROOT / "README.md").read_text().splitlines() if "scripts/ask.py" in line)
        asked = subprocess.run(
            ["bash", "-c", f"{command} --base {newcomer.address}"],
            cwd=newcomer.clone,
            env={**newcomer.environment, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        newcomer.stop(process)
    assert not re.search(r"Installing|Fetching", "".join(newcomer.lines))
    assert asked.returncode == 0, asked.stderr
    assert "ads_overview: ok [demo]" in asked.stdout


def test_a_half_made_environment_is_repaired(newcomer: Newcomer) -> None:
    interpreter = newcomer.clone / ".venv" / "bin" / "python"
    interpreter.unlink()
    process = newcomer.start()
    newcomer.stop(process)
    assert interpreter.exists()


def test_the_second_command_runs_tests_in_the_clone(newcomer: Newcomer) -> None:
    ran = subprocess.run(
        ["bash", "scripts/test.sh", "tests/unit/camarad/test_ids.py"],
        cwd=newcomer.clone,
        env=newcomer.environment,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


def test_the_readme_s_check_command_passes_in_the_clone(newcomer: Newcomer) -> None:
    ran = subprocess.run(
        ["bash", "scripts/check.sh"], cwd=newcomer.clone, env=newcomer.environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_machine_without_a_fitting_python_is_told_what_to_install(newcomer: Newcomer, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "sed", "cat", "cut", "sha256sum", "id", "env"):
        (tools / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    bare = subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "clone")], check=False)
    assert bare.returncode == 0
    ran = subprocess.run(
        [str(tools / "bash"), "scripts/run.sh"],
        cwd=tmp_path / "clone",
        env={"PATH": str(tools), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 was not found" in ran.stderr
