from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from camarad.errors import Misconfigured
from tests.unit.tools.emulator.test_process import gone
from tools.emulator.stripe.process import KEY, start_stripe

ROOT = Path(__file__).resolve().parents[5]
HEADERS = {"Authorization": f"Bearer {KEY}"}


def test_a_restart_goes_on_where_it_ended_also_after_a_kill(tmp_path):
    first = start_stripe(tmp_path)
    first.control("reset", at=1_800_000_000)
    made = httpx.post(f"{first.url}/v1/customers", data={"name": "Kept"}, headers=HEADERS).json()
    first.control("advance", days=3)
    first.control("rules", after_retries="unpaid")
    first.process.kill()
    first.stop()
    second = start_stripe(tmp_path)
    try:
        assert second.url == first.url  # addresses given away before lead here
        found = httpx.get(f"{second.url}/v1/customers/{made['id']}", headers=HEADERS).json()
        assert (found["name"], found["created"]) == ("Kept", 1_800_000_000)
        state = second.control("state")
        assert state["now"] == 1_800_000_000 + 3 * 86_400
        assert state["rules"]["after_retries"] == "unpaid"
    finally:
        second.stop()
    assert not second.alive()


def test_it_starts_within_seconds_and_stays_small(stripe_emulator, tmp_path):
    began = time.monotonic()
    process = start_stripe(tmp_path)
    try:
        assert time.monotonic() - began < 30
        status = Path(f"/proc/{process.process.pid}/status").read_text()
        kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        assert kilobytes < 80_000
    finally:
        process.stop()


def test_it_listens_on_loopback_only(stripe_emulator):
    outside = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in outside:
        if not address.startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((address, stripe_emulator.port), timeout=1)


def test_it_ends_when_its_parent_is_killed(tmp_path):
    code = (
        "import sys, time; from tools.emulator.stripe.process import start_stripe;"
        f"p = start_stripe({str(tmp_path)!r}); print(p.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert gone(child)


def test_a_port_that_is_taken_is_named(stripe_emulator, tmp_path):
    with pytest.raises(Misconfigured, match=f"Port {stripe_emulator.port} of 127.0.0.1 cannot be used"):
        start_stripe(tmp_path, port=stripe_emulator.port)


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "stripe.db").write_text("this is no database" * 100)
    with pytest.raises(Misconfigured, match=r"stripe\.db"):
        start_stripe(tmp_path)


def test_a_folder_has_one_emulator_at_a_time(tmp_path):
    running = start_stripe(tmp_path)
    try:
        with pytest.raises(Misconfigured, match="database is locked"):
            start_stripe(tmp_path)
        assert running.control("state")["objects"] == {"emulator": 1}
    finally:
        running.stop()


def test_it_needs_neither_the_product_nor_stripes_client():
    code = (
        "import sys; import tools.emulator.stripe.commands, tools.emulator.stripe.app;"
        "print([m for m in ('litellm', 'chainlit', 'fastapi', 'stripe', 'grpc', 'duckdb', 'sqlalchemy', 'pydantic')"
        " if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
