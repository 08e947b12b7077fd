"""Starting the Stripe emulator as a process of its own, steering it, and ending it. It dies with its parent."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from camarad.errors import Misconfigured

READY = "STRIPE READY "  # then the address
KEY = "sk_test_camarad_demo"
_ROOT = Path(__file__).resolve().parents[3]
_LOG = "stripe-emulator.log"


@dataclass(slots=True)
class StripeProcess:
    """A running emulator; `url` is its address, for the API and the pages."""

    url: str
    process: subprocess.Popen[str]

    @property
    def code(self) -> int | None:
        """How the process ended; None while it runs."""
        return self.process.poll()

    def alive(self) -> bool:
        return self.code is None

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def control(self) -> StripeControl:
        return StripeControl(self.url)

    def stop(self, grace: float = 3.0) -> None:
        """End the process and wait for it; safe to call twice."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


class StripeControl:
    """The control channel: `control("advance", days=31)`; docs/stripe-emulator.md has the calls."""

    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port

    def __call__(self, name: str, **given: Any) -> dict[str, Any]:
        """Blocks. ValueError with the emulator's words when it refuses."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/_emulator/{name}", json.dumps(given), headers)
            answer = connection.getresponse()
            read: dict[str, Any] = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(read["error"]["message"])
        return read


def start_stripe(data_dir: Path | str, *, port: int = 0, timeout: float = 60.0) -> StripeProcess:
    """Start it on this loopback port, 0 for a free one, and wait until it serves.

    Blocks; Misconfigured when it cannot start. What it knows is kept in the folder.
    """
    folder = Path(data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / _LOG).open("w", encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"The Stripe emulator's folder {folder} cannot be written: {error.strerror}.",
            hint="Choose another data folder, or change its permissions.",
        ) from error
    command = [sys.executable, "-m", "camarad", "stripe-emulator", "--data", str(folder.resolve())]
    command += ["--port", str(port), "--parent", str(os.getpid())]
    with log:
        process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
        )
    url = _await_ready(process, time.monotonic() + timeout)
    running = StripeProcess(url or "", process)
    if url is None:
        running.stop()
        raise _failed(folder / _LOG)
    return running


def _await_ready(process: subprocess.Popen[str], deadline: float) -> str | None:
    """The address from the READY line, or None when the process ended or took too long."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            line = process.stdout.readline()
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
            if not line:
                return None
    return None


def _failed(log_path: Path) -> Misconfigured:
    lines = [line for line in log_path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    last = " ".join(lines[-2:]) or "it printed nothing"
    return Misconfigured(
        f"The Stripe emulator did not start: {last}",
        hint=f"Its log is {log_path}. Set CAMARAD_DEMO=false to do without.",
    )
