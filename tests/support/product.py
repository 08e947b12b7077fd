"""The whole product as a newcomer runs it: a process of its own, with the demo workspace and a fixed date."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EMAIL = "demo@camarad.example"
PASSWORD = "demo-password"
ROOT = Path(__file__).parents[2]
READY_SECONDS = 170


@dataclass(frozen=True)
class Product:
    url: str
    process: subprocess.Popen[str]
    data: Path

    def pages_left(self, url: str) -> bool:
        """Whether a request would leave this host."""
        own = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        return not url.startswith(own)


@contextmanager
def running_product(data: Path, port: int = 0, **settings: str) -> Iterator[Product]:
    """`settings` are environment variables on top of the demo's. Fails with its output when it does not start."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CAMARAD_", "CHAINLIT_", "DATABASE_"))}
    environment |= {"CAMARAD_DEMO_PASSWORD": PASSWORD, "CAMARAD_TODAY": "2026-11-20", **settings}
    command = [sys.executable, "-m", "camarad", "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    alarm = threading.Timer(READY_SECONDS, process.kill)
    alarm.start()
    try:
        address = _address(process)
        alarm.cancel()
        reading = threading.Thread(target=_read_on, args=(process,), daemon=True)
        reading.start()
        try:
            yield Product(address, process, data)
        finally:
            _end(process)
            reading.join(5)
    finally:
        alarm.cancel()
        _end(process)
        if process.stdout is not None:
            process.stdout.close()


def _read_on(process: subprocess.Popen[str]) -> None:
    """What it says later is of no use, but unread it would fill the pipe and the product would wait for ever."""
    assert process.stdout is not None
    for _ in process.stdout:
        pass


def _end(process: subprocess.Popen[str]) -> None:
    """Safe to call twice. Raises TimeoutExpired for one that outlives even being killed."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := re.match(r"READY (http://\S+)", line):
            return found[1]
    raise AssertionError("The product did not start:\n" + "".join(said))
