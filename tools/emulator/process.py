"""Starting the emulator as a process of its own, and ending it. It dies with its parent."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from camarad.errors import Misconfigured

if TYPE_CHECKING:
    from tools.emulator.control_client import ControlClient

READY = "EMULATOR READY "  # then the address of the APIs and that of the sign-in
OAUTH = "oauth="
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class EmulatorProcess:
    """A running emulator; `address` is `127.0.0.1:port`, `oauth_url` where its sign-in is served."""

    address: str
    process: subprocess.Popen[str]
    oauth_url: str = ""

    @property
    def code(self) -> int | None:
        """How the process ended; None while it runs."""
        return self.process.poll()

    def alive(self) -> bool:
        return self.code is None

    def ports(self) -> tuple[int, int]:
        """Of the APIs and of the sign-in."""
        return int(self.address.rpartition(":")[2]), int(self.oauth_url.rpartition(":")[2])

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

    def control(self) -> ControlClient:
        """The control channel: switch faults, read what was called."""
        from tools.emulator.control_client import ControlClient  # with gRPC, which the server loads when it first asks

        return ControlClient(self.address)


def start_emulator(
    data_dir: Path | str,
    fixtures: Path | str | None = None,
    today: date | None = None,
    *,
    redirect_hosts: Sequence[str] = (),
    ports: tuple[int, int] = (0, 0),
    timeout: float = 90.0,
) -> EmulatorProcess:
    """Start the emulator on these loopback ports, 0 for a free one, and wait until it serves.

    Blocks; Misconfigured when it cannot start. The first start in a data folder makes the data (a few seconds); later
    ones load it. Its sign-in sends people back to loopback and to `redirect_hosts`.
    """
    data_dir = Path(data_dir)
    log_path = data_dir / "emulator.log"
    with _opened(log_path) as log:
        process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            _command(data_dir, fixtures, today, redirect_hosts, ports),
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    ready = _await_ready(process, time.monotonic() + timeout)
    address, _, oauth_url = (ready or "").partition(f" {OAUTH}")
    running = EmulatorProcess(address, process, oauth_url)
    if ready is None:
        running.stop()
        raise _failed(log_path)
    return running


def _opened(log_path: Path) -> TextIO:
    try:
        log_path.parent.mkdir(parents=True, exist_ok=True)
        return log_path.open("w", encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"The emulator's folder {log_path.parent} cannot be written: {error.strerror}.",
            hint="Choose another with --data, or change its permissions.",
        ) from error


def _command(
    data_dir: Path, fixtures: Path | str | None, today: date | None, hosts: Sequence[str], ports: tuple[int, int]
) -> list[str]:
    command = [sys.executable, "-m", "camarad", "emulator", "--data", str(data_dir.resolve())]
    command += ["--port", str(ports[0]), "--oauth-port", str(ports[1])]
    command += ["--parent", str(os.getpid())]
    if fixtures is not None:
        command += ["--fixtures", str(Path(fixtures).resolve())]
    if today is not None:
        command += ["--today", today.isoformat()]
    if hosts:
        command += ["--oauth-redirect-hosts", ",".join(hosts)]
    return command


def _await_ready(process: subprocess.Popen[str], deadline: float) -> str | None:
    """The addresses from the READY line, or None when the process ended or took too long."""
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
        f"The Google emulator did not start: {last}",
        hint=f"Its log is {log_path}. Set CAMARAD_DEMO=false to do without.",
    )
