from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from camarad.errors import BadInput, Misconfigured
from tests.support.emulator import TODAY
from tools.emulator.process import start_emulator

ROOT = Path(__file__).resolve().parents[4]


def gone(pid: int, within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_it_listens_on_loopback_only(emulator):
    host, _, port = emulator.address.partition(":")
    assert host == "127.0.0.1"
    outside = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in outside:
        if not address.startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((address, int(port)), timeout=1)


def test_it_ends_when_its_parent_is_killed(emulator, emulator_data):
    code = (
        "import sys, time; from datetime import date; from tools.emulator.process import start_emulator;"
        f"p = start_emulator({str(emulator_data)!r}, today=date.fromisoformat({TODAY.isoformat()!r}));"
        "print(p.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert gone(child)


def test_stop_can_be_called_twice(tmp_path, emulator_data, emulator):
    process = start_emulator(emulator_data, today=TODAY)
    assert process.alive()
    process.stop()
    process.stop()
    assert not process.alive()


def test_a_start_that_fails_says_why(tmp_path):
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(Misconfigured, match="cannot be used"):
        start_emulator(tmp_path, fixtures=tmp_path / "bad.json")


def test_a_date_that_contradicts_the_fixtures_is_refused(tmp_path):
    from tools.emulator.commands import emulator as command

    file = tmp_path / "fixtures.json"
    file.write_text('{"today": "2026-11-20", "clients": []}', encoding="utf-8")
    with pytest.raises(BadInput, match="2026-11-21"):
        command(["--data", str(tmp_path), "--fixtures", str(file), "--today", "2026-11-21"])


def test_it_needs_neither_model_nor_web_libraries_nor_google_before_it_serves():
    code = (
        "import sys; import tools.emulator.commands;"
        "print([m for m in ('litellm', 'chainlit', 'fastapi', 'google.ads', 'google.analytics') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_demo_clients_and_fixtures_are_read_without_google():
    code = (
        "import sys; import tools.emulator.agency, tools.emulator.fixtures, tools.emulator.process;"
        "print([m for m in sys.modules if m.startswith(('google.ads', 'google.analytics', 'duckdb', 'numpy'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
